//! The section `network`.
use super::{build::Builder, known::NotYetKnown, view::View};
use serde::{Deserialize, Serialize};
use tfplugin_sdk::{Attr, Diagnostics, Model, Path};
/// Stub.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Network {
    /// Stub.
    pub a: Attr<String>,
}
/// Stub.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Vpc {
    /// Stub.
    #[attr(computed)]
    pub a: Attr<String>,
}
/// What was looked up for this section.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {}
/// Stub.
pub fn expand(_: &Network, _: &mut Builder<'_>) -> Result<(), NotYetKnown> {
    Ok(())
}
/// Stub.
pub fn validate(_: &Network, _: &Path, _: &mut Diagnostics) {}
/// Stub.
pub fn outputs(_: &Network, _: &View<'_>) -> Attr<Vpc> {
    Attr::Null
}
