//! Configuration values that decide which components there are: they must be known.

use tfplugin_sdk::Attr;

/// A value on which the set of components depends is only known after apply. The plan then shows
/// everything as unknown, and the apply, where it is known, goes on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not known yet")]
pub struct NotYetKnown(pub String);

/// `Ok(None)` when null, an error naming the attribute when unknown.
pub fn known<'a, T>(value: &'a Attr<T>, attribute: &str) -> Result<Option<&'a T>, NotYetKnown> {
    match value {
        Attr::Known(value) => Ok(Some(value)),
        Attr::Null => Ok(None),
        Attr::Unknown => Err(NotYetKnown(attribute.to_owned())),
    }
}
