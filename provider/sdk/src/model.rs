//! Typed models: a struct whose fields are a schema's attributes.

use crate::{Attribute, DecodeError, Path, Value};

/// A struct that stands for an object. Derive it: see [`derive@crate::Schema`].
pub trait Model: Sized + Default {
    /// Markdown description; the struct's docstring when derived.
    #[must_use]
    fn description() -> String {
        String::new()
    }

    /// The attributes, in the order of declaration.
    #[must_use]
    fn attributes() -> Vec<Attribute>;

    /// Reads an object. A missing attribute is null, a superfluous one is ignored.
    ///
    /// # Errors
    /// When the value is not an object or an attribute has another type.
    fn decode(value: &Value, path: &Path) -> Result<Self, DecodeError>;

    /// The inverse of [`Model::decode`]: an object with every attribute.
    #[must_use]
    fn encode(&self) -> Value;
}

/// For the derive macro: refuses what is not an object.
#[doc(hidden)]
pub fn expect_object(value: &Value, path: &Path) -> Result<(), DecodeError> {
    match value.as_map() {
        Some(_) => Ok(()),
        None => Err(DecodeError::new(path, format!("must be an object, not {}", value.kind()))),
    }
}
