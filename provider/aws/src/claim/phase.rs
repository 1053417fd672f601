//! Where a stack is in its life.

use std::{fmt, str::FromStr};

/// `creating → created → ready ↔ updating → deleting`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// A create is under way, or was interrupted.
    Creating,
    /// The create has answered; Terraform has perhaps not stored it.
    Created,
    /// Terraform's state has brought this owner back: the stack is safely known.
    Ready,
    /// An update is under way, or was interrupted.
    Updating,
    /// A destroy is under way, or was interrupted.
    Deleting,
}

impl Phase {
    /// True while a create may take the stack over.
    pub fn is_unfinished(self) -> bool {
        matches!(self, Self::Creating | Self::Created)
    }
}

const NAMES: [(Phase, &str); 5] = [
    (Phase::Creating, "creating"),
    (Phase::Created, "created"),
    (Phase::Ready, "ready"),
    (Phase::Updating, "updating"),
    (Phase::Deleting, "deleting"),
];

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES.iter().find(|(phase, _)| phase == self).map_or("", |(_, name)| name);
        f.write_str(name)
    }
}

impl FromStr for Phase {
    type Err = UnknownPhase;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        NAMES.iter().find(|(_, name)| *name == s).map(|(phase, _)| *phase).ok_or_else(|| UnknownPhase(s.to_owned()))
    }
}

/// A phase that this version does not know.
#[derive(Debug, thiserror::Error)]
#[error("unknown phase {0:?}")]
pub struct UnknownPhase(String);
