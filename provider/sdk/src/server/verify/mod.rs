//! Checks of a provider's answers before they leave, so that a fault of the provider is named where it is.

mod applied;
mod plan;

pub(super) use applied::applied;
pub(super) use plan::{plan, result};

use crate::{Capabilities, Deferral, Diagnostics, Value};

const FAULT: &str = "This is a fault of the provider; please report it.";

/// A read that neither found nor failed.
pub(super) fn no_result() -> Diagnostics {
    let mut found = Diagnostics::new();
    found.error("Provider gave no result", format!("There is neither a result nor an error. {FAULT}"));
    found
}

/// A new object whose resource has an identity, and that has none.
pub(super) fn no_identity(found: &mut Diagnostics) {
    let detail = format!("The resource has an identity, and the new object was given none. {FAULT}");
    found.error("Provider gave no identity", detail);
}

/// An object keeps its identity for life. What was not known of it, after an import by a part of it, may be filled in.
pub(super) fn identity(old: Option<&Value>, new: Option<&Value>, found: &mut Diagnostics) {
    let (Some(Value::Map(old)), Some(new)) = (old, new) else {
        return;
    };
    for (name, old) in old {
        let new = new.get(name);
        if !old.is_null() && !old.is_unknown() && old != new {
            let detail =
                format!("The attribute {name} of the object's identity was {old:?} and became {new:?}. {FAULT}");
            found.error("Provider changed an identity", detail);
        }
    }
}

/// The deferral of an answer, or an error where the client does not take one.
pub(super) fn deferral(
    deferral: Option<Deferral>,
    capabilities: Capabilities,
    found: &mut Diagnostics,
) -> Option<Deferral> {
    if deferral.is_some() && !capabilities.deferral_allowed {
        let detail = format!("The provider put the operation off, which this client does not allow. {FAULT}");
        found.error("Provider deferred without being asked", detail);
        return None;
    }
    deferral
}
