//! The section `cache`.
use super::{build::Builder, known::NotYetKnown, view::View};
use serde::{Deserialize, Serialize};
use tfplugin_sdk::{Attr, Diagnostics, Model, Path};
/// Stub.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Cache {
    /// Stub.
    pub a: Attr<String>,
}
/// Stub.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Elasticache {
    /// Stub.
    #[attr(computed)]
    pub a: Attr<String>,
}
/// What was looked up for this section.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {}
/// Stub.
pub fn expand(_: &Cache, _: &mut Builder<'_>) -> Result<(), NotYetKnown> {
    Ok(())
}
/// Stub.
pub fn validate(_: &Cache, _: &Path, _: &mut Diagnostics) {}
/// Stub.
pub fn outputs(_: &Cache, _: &View<'_>) -> Attr<Elasticache> {
    Attr::Null
}
