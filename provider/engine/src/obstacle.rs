//! What stands in the way of a deletion: what others have put into an object, or made on its behalf.

use serde::{Deserialize, Serialize};

/// Something that went with a component although it is none: others had made it on the component's behalf.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Removed {
    /// For people, in the singular: `load balancer`.
    pub noun: String,
    /// Its id or name.
    pub id: String,
}

impl std::fmt::Display for Removed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.noun, self.id)
    }
}

/// One step of making room for a deletion; see [`crate::Kind::clear`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clearing {
    /// What this step has removed, or has begun to remove.
    pub removed: Vec<Removed>,
    /// What must go before the object itself, for people; `None` = there is room.
    pub waiting_for: Option<String>,
    /// What keeps it from going.
    pub blockers: Vec<Blocker>,
}

/// Something that keeps an object from being deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocker {
    /// For people, in the singular: `network interface`.
    pub noun: String,
    /// Its id.
    pub id: String,
    /// What it is and whose, as far as it tells: for people.
    pub about: String,
    /// Whether waiting helps.
    pub fate: Fate,
}

/// What becomes of a [`Blocker`] when nobody does anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is on its way out.
    Goes,
    /// A service made it, and does not say whether it is about to remove it.
    Unclear,
    /// It stays: somebody uses it, or has forgotten it.
    Stays,
}

impl std::fmt::Display for Blocker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.noun, self.id)?;
        if self.about.is_empty() { Ok(()) } else { write!(f, " ({})", self.about) }
    }
}
