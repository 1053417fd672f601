//! Expands a configuration into the graph of its components. Pure.

use stellar_engine::{Graph, GraphError, Input, Tags};
use tfplugin_sdk::Attr;

use super::{
    build::Builder,
    facts::Facts,
    known::{NotYetKnown, known},
    model::Cluster,
    sections,
};

/// Claim id that stands in while a stack does not exist yet.
pub const NO_CLAIM: &str = "00000000000000000000000000000000";

/// Why a configuration has no graph.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExpandError {
    /// Something that decides which components there are comes from another resource.
    #[error(transparent)]
    NotYetKnown(#[from] NotYetKnown),
    /// A fault of an expand function.
    #[error("the configuration expands into a faulty graph (a fault of the provider): {0}")]
    Graph(#[from] GraphError),
}

/// The components that the configuration asks for.
///
/// # Errors
/// See [`ExpandError`].
pub fn expand(config: &Cluster, claim: &str, region: &str, facts: &Facts) -> Result<Graph, ExpandError> {
    let name = known(&config.name, "name")?.map_or("", String::as_str);
    // A state that was written before `tags_all` existed has `tags` alone.
    let all = if config.tags_all.is_null() { &config.tags } else { &config.tags_all };
    let tags: Tags = known(all, "tags")?.cloned().unwrap_or_default();
    let mut builder = Builder::new(name, claim, region, facts, tags);
    builder.deletion_protection = known(&config.deletion_protection, "deletion_protection")?.copied().unwrap_or(true);
    if let Some(iam) = known(&config.iam, "iam")? {
        builder.iam_path = known(&iam.path, "iam.path")?.cloned();
        builder.permissions_boundary = optional(&iam.permissions_boundary);
    }
    for (section, arn) in known(&config.kms_key_arns, "kms_key_arns")?.into_iter().flatten() {
        builder.own_keys.insert(section.clone(), Input::Known(arn.clone()));
    }
    sections::expand(config, &mut builder)?;
    Ok(Graph::new(builder.finish())?)
}

/// A leaf that may come from another resource.
fn optional(value: &Attr<String>) -> Option<Input<String>> {
    match value {
        Attr::Known(value) => Some(Input::Known(value.clone())),
        Attr::Unknown => Some(Input::Unknown),
        Attr::Null => None,
    }
}
