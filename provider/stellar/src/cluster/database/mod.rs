//! The section `database`.
use super::{build::Builder, known::NotYetKnown, view::View};
use serde::{Deserialize, Serialize};
use tfplugin_sdk::{Attr, Diagnostics, Model, Path};
/// Stub.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Database {
    /// Stub.
    pub a: Attr<String>,
}
/// Stub.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Rds {
    /// Stub.
    #[attr(computed)]
    pub a: Attr<String>,
}
/// What was looked up for this section.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {}
/// Stub.
pub fn expand(_: &Database, _: &mut Builder<'_>) -> Result<(), NotYetKnown> {
    Ok(())
}
/// Stub.
pub fn validate(_: &Database, _: &Path, _: &mut Diagnostics) {}
/// Stub.
pub fn outputs(_: &Database, _: &View<'_>) -> Attr<Rds> {
    Attr::Null
}
