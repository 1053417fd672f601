//! What exists: the same shape as what is desired, plus identity, outputs and state.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Tags of an object.
pub type Tags = BTreeMap<String, String>;

/// What a component publishes for others to refer to: `id`, `arn`, `endpoint` …
pub type Outputs = BTreeMap<String, Value>;

/// The life of an object, as far as the engine cares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Usable, and nothing is under way.
    Ready,
    /// Being created or changed; the service's own word for it.
    Pending(String),
    /// Being deleted.
    Deleting,
    /// Usable, but not as it should be; the service's reason.
    Degraded(String),
    /// Not usable, and waiting does not help; the service's reason.
    Failed(String),
    /// Its creation failed: it never was usable and holds nothing, so that another one may be made in its place; the
    /// service's reason.
    Unmade(String),
}

/// An object as AWS describes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observed<P = Value> {
    /// The recorded id: what finds the object again without any other input.
    pub id: String,
    /// The properties, in the desired shape.
    pub props: P,
    /// What other components may refer to.
    pub outputs: Outputs,
    /// All tags, also those of others; empty for kinds without tags.
    pub tags: Tags,
    /// Where it is in its life.
    pub status: Status,
}

impl<P> Observed<P> {
    /// A ready object without outputs or tags.
    pub fn new(id: impl Into<String>, props: P) -> Self {
        Self { id: id.into(), props, outputs: Outputs::new(), tags: Tags::new(), status: Status::Ready }
    }

    /// Adds an output.
    #[must_use]
    pub fn output(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.outputs.insert(name.to_owned(), value.into());
        self
    }

    /// Sets the tags.
    #[must_use]
    pub fn tags(mut self, tags: Tags) -> Self {
        self.tags = tags;
        self
    }

    /// Sets the status.
    #[must_use]
    pub fn status(mut self, status: Status) -> Self {
        self.status = status;
        self
    }
}

/// Something that a delete leaves behind on purpose, or that AWS removes later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retained {
    /// The kind of the object, for instance `rds/snapshot`.
    pub kind: String,
    /// Its id or ARN.
    pub id: String,
    /// Why it is still there.
    pub reason: String,
}

impl std::fmt::Display for Retained {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}: {}", self.kind, self.id, self.reason)
    }
}
