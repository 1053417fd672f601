//! What a plan does with single attributes, as values: `#[attr(computed, plan = plan::keep_prior())]`.

use std::fmt;
use std::sync::Arc;

use crate::Value;

/// A rule for an attribute's planned value.
#[derive(Clone)]
pub struct Modifier {
    pub(super) rule: Rule,
    says: String,
}

type Compare = Arc<dyn Fn(&Value, &Value) -> bool + Send + Sync>;

#[derive(Clone)]
pub(super) enum Rule {
    /// A computed value stays.
    Keep,
    /// The prior value stays while the configuration means the same.
    Same(Compare),
    /// A change replaces the resource.
    Replace(Compare),
}

/// A computed attribute that never changes once it is set: an update does not make it unknown.
#[must_use]
pub fn keep_prior() -> Modifier {
    Modifier { rule: Rule::Keep, says: "keeps its value".into() }
}

/// The prior value stays where `same(prior, configured)` holds: letter case, white space, the order of JSON's keys.
/// `says` describes it for documentation: "ignores case".
pub fn keep_if_same(
    says: impl Into<String>,
    same: impl Fn(&Value, &Value) -> bool + Send + Sync + 'static,
) -> Modifier {
    Modifier { rule: Rule::Same(Arc::new(same)), says: says.into() }
}

/// A change replaces the resource where `replace(prior, planned)` holds; `planned` may be unknown. `says` describes it
/// for documentation: "replaces when it shrinks".
pub fn replace_if(
    says: impl Into<String>,
    replace: impl Fn(&Value, &Value) -> bool + Send + Sync + 'static,
) -> Modifier {
    Modifier { rule: Rule::Replace(Arc::new(replace)), says: says.into() }
}

impl Modifier {
    /// What it does: "keeps its value".
    #[must_use]
    pub fn says(&self) -> &str {
        &self.says
    }
}

/// Two modifiers that say the same are the same.
impl PartialEq for Modifier {
    fn eq(&self, other: &Self) -> bool {
        self.says == other.says
    }
}

impl fmt::Debug for Modifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Modifier").field(&self.says).finish()
    }
}
