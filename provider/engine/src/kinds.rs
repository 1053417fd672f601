//! The kinds that an engine run knows.

use std::{collections::BTreeMap, sync::Arc};

use crate::{AnyKind, Error, Traits};

/// Kinds by name.
#[derive(Clone)]
pub struct Kinds(BTreeMap<&'static str, Arc<dyn AnyKind>>);

impl Kinds {
    /// A registry of these kinds.
    pub fn new(kinds: BTreeMap<&'static str, Arc<dyn AnyKind>>) -> Self {
        Self(kinds)
    }

    /// The kind of that name.
    ///
    /// # Errors
    /// [`crate::ErrorClass::Bug`] when there is none.
    pub fn get(&self, kind: &str) -> Result<&Arc<dyn AnyKind>, Error> {
        self.0.get(kind).ok_or_else(|| Error::bug(format!("there is no kind {kind}")))
    }

    /// What the kind states about itself.
    ///
    /// # Errors
    /// As [`Kinds::get`].
    pub fn traits(&self, kind: &str) -> Result<Traits, Error> {
        Ok(self.get(kind)?.traits())
    }

    /// All kinds' names.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().copied()
    }
}

impl std::fmt::Debug for Kinds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
