//! One attribute's value in a typed model: null, unknown or known.

use std::collections::{BTreeMap, BTreeSet};

use crate::{AttrType, Model, Nesting, Number, Path, Value};

/// What a model holds for an attribute. `Default` is null.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Attr<T> {
    /// Not set.
    #[default]
    Null,
    /// Known only after apply. Occurs in configuration and plan, never in state.
    Unknown,
    /// Set.
    Known(T),
}

/// A value that does not fit the model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", prefix(path))]
pub struct DecodeError {
    /// Where the value stands.
    pub path: Path,
    /// What is wrong with it, as a sentence without its subject: "must be a string, not a list".
    pub message: String,
}

/// The root has no name.
fn prefix(path: &Path) -> String {
    if path.is_root() { String::new() } else { format!("{path}: ") }
}

impl DecodeError {
    /// An error at `path`.
    pub fn new(path: &Path, message: impl Into<String>) -> Self {
        Self { path: path.clone(), message: message.into() }
    }

    fn kind(path: &Path, expected: &str, found: &Value) -> Self {
        Self::new(path, format!("must be {expected}, not {}", found.kind()))
    }
}

/// A Rust type that can stand in an [`Attr`]. Implemented for leaves, collections and every [`Model`].
pub trait AttrValue: Sized {
    /// Whether a value may be null or unknown: true for `Attr<T>` alone.
    const NULLABLE: bool = false;

    /// The Terraform type.
    fn attr_type() -> AttrType;

    /// Reads a value. A plain collection with an unknown element is unknown as a whole; a collection of `Attr<T>` keeps
    /// unknown and null elements apart.
    ///
    /// # Errors
    /// When the value has another type.
    fn read(value: &Value, path: &Path) -> Result<Attr<Self>, DecodeError>;

    /// The inverse of [`AttrValue::read`].
    fn write(&self) -> Value;
}

impl<T> Attr<T> {
    /// The value, if known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            _ => None,
        }
    }

    /// The value, if known.
    pub fn into_known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            _ => None,
        }
    }

    /// True when not set.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// True when known only after apply.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// True when set to a known value.
    pub fn is_known(&self) -> bool {
        matches!(self, Self::Known(_))
    }

    /// A borrowed view.
    pub fn as_ref(&self) -> Attr<&T> {
        match self {
            Self::Null => Attr::Null,
            Self::Unknown => Attr::Unknown,
            Self::Known(value) => Attr::Known(value),
        }
    }

    /// Changes a known value, keeps null and unknown.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Attr<U> {
        match self {
            Self::Null => Attr::Null,
            Self::Unknown => Attr::Unknown,
            Self::Known(value) => Attr::Known(change(value)),
        }
    }

    /// Fills in `default` for null; unknown stays unknown.
    #[must_use]
    pub fn or(self, default: T) -> Self {
        match self {
            Self::Null => Self::Known(default),
            other => other,
        }
    }
}

impl<T: AttrValue> Attr<T> {
    /// Reads an attribute's value.
    ///
    /// # Errors
    /// When the value has another type.
    pub fn decode(value: &Value, path: &Path) -> Result<Self, DecodeError> {
        if value.is_null() {
            Ok(Self::Null)
        } else if value.is_unknown() {
            Ok(Self::Unknown)
        } else {
            T::read(value, path)
        }
    }

    /// The inverse of [`Attr::decode`].
    pub fn encode(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Unknown => Value::Unknown,
            Self::Known(value) => value.write(),
        }
    }
}

impl<T> From<T> for Attr<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

impl<T> From<Option<T>> for Attr<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Known)
    }
}

impl From<&str> for Attr<String> {
    fn from(value: &str) -> Self {
        Self::Known(value.into())
    }
}

impl AttrValue for String {
    fn attr_type() -> AttrType {
        AttrType::String
    }

    fn read(value: &Value, path: &Path) -> Result<Attr<Self>, DecodeError> {
        let text = value.as_str().ok_or_else(|| DecodeError::kind(path, "a string", value))?;
        Ok(text.into())
    }

    fn write(&self) -> Value {
        self.as_str().into()
    }
}

impl AttrValue for bool {
    fn attr_type() -> AttrType {
        AttrType::Bool
    }

    fn read(value: &Value, path: &Path) -> Result<Attr<Self>, DecodeError> {
        value.as_bool().map(Attr::Known).ok_or_else(|| DecodeError::kind(path, "a bool", value))
    }

    fn write(&self) -> Value {
        (*self).into()
    }
}

impl AttrValue for Number {
    fn attr_type() -> AttrType {
        AttrType::Number
    }

    fn read(value: &Value, path: &Path) -> Result<Attr<Self>, DecodeError> {
        value.as_number().cloned().map(Attr::Known).ok_or_else(|| DecodeError::kind(path, "a number", value))
    }

    fn write(&self) -> Value {
        self.clone().into()
    }
}

impl AttrValue for i64 {
    fn attr_type() -> AttrType {
        AttrType::Number
    }

    fn read(value: &Value, path: &Path) -> Result<Attr<Self>, DecodeError> {
        let number = value.as_number().ok_or_else(|| DecodeError::kind(path, "a number", value))?;
        let whole = number.as_i64();
        whole.map(Attr::Known).ok_or_else(|| DecodeError::new(path, format!("must be a whole number, not {number}")))
    }

    fn write(&self) -> Value {
        (*self).into()
    }
}

impl AttrValue for f64 {
    fn attr_type() -> AttrType {
        AttrType::Number
    }

    fn read(value: &Value, path: &Path) -> Result<Attr<Self>, DecodeError> {
        let number = value.as_number().ok_or_else(|| DecodeError::kind(path, "a number", value))?;
        Ok(number.as_f64().into())
    }

    fn write(&self) -> Value {
        (*self).into()
    }
}

/// A dynamic attribute: any value, as it is.
impl AttrValue for Value {
    fn attr_type() -> AttrType {
        AttrType::Dynamic
    }

    fn read(value: &Value, _: &Path) -> Result<Attr<Self>, DecodeError> {
        Ok(value.clone().into())
    }

    fn write(&self) -> Value {
        self.clone()
    }
}

/// An element that may be null or unknown on its own.
impl<T: AttrValue> AttrValue for Attr<T> {
    const NULLABLE: bool = true;

    fn attr_type() -> AttrType {
        T::attr_type()
    }

    fn read(value: &Value, path: &Path) -> Result<Attr<Self>, DecodeError> {
        Self::decode(value, path).map(Attr::Known)
    }

    fn write(&self) -> Value {
        self.encode()
    }
}

impl<T: AttrValue> AttrValue for Vec<T> {
    fn attr_type() -> AttrType {
        T::attr_type().collect(Nesting::List)
    }

    fn read(value: &Value, path: &Path) -> Result<Attr<Self>, DecodeError> {
        let items = value.as_list().ok_or_else(|| DecodeError::kind(path, "a list", value))?;
        gather(items.iter().enumerate().map(|(index, item)| element(item, &path.index(index))))
    }

    fn write(&self) -> Value {
        Value::List(self.iter().map(T::write).collect())
    }
}

impl<T: AttrValue + Ord> AttrValue for BTreeSet<T> {
    fn attr_type() -> AttrType {
        T::attr_type().collect(Nesting::Set)
    }

    fn read(value: &Value, path: &Path) -> Result<Attr<Self>, DecodeError> {
        let items = value.as_list().ok_or_else(|| DecodeError::kind(path, "a set", value))?;
        gather(items.iter().map(|item| element(item, path)))
    }

    fn write(&self) -> Value {
        Value::List(self.iter().map(T::write).collect())
    }
}

impl<T: AttrValue> AttrValue for BTreeMap<String, T> {
    fn attr_type() -> AttrType {
        T::attr_type().collect(Nesting::Map)
    }

    fn read(value: &Value, path: &Path) -> Result<Attr<Self>, DecodeError> {
        let entries = value.as_map().ok_or_else(|| DecodeError::kind(path, "a map", value))?;
        gather(entries.iter().map(|(key, item)| {
            let item: Attr<T> = element(item, &path.key(key))?;
            Ok(item.map(|item| (key.clone(), item)))
        }))
    }

    fn write(&self) -> Value {
        Value::map(self.iter().map(|(key, item)| (key, item.write())))
    }
}

impl<M: Model> AttrValue for M {
    fn attr_type() -> AttrType {
        AttrType::Nested { nesting: Nesting::Single, attributes: M::attributes() }
    }

    fn read(value: &Value, path: &Path) -> Result<Attr<Self>, DecodeError> {
        M::decode(value, path).map(Attr::Known)
    }

    fn write(&self) -> Value {
        self.encode()
    }
}

/// Reads one element. `T::read` is asked first, because `Attr<T>` accepts null and unknown.
fn element<T: AttrValue>(value: &Value, path: &Path) -> Result<Attr<T>, DecodeError> {
    match T::read(value, path) {
        Err(_) if value.is_unknown() => Ok(Attr::Unknown),
        Err(_) if value.is_null() => Err(DecodeError::new(path, "must not be null")),
        read => read,
    }
}

/// A collection of known elements, or unknown when one of them is.
fn gather<T, C: FromIterator<T>>(
    items: impl Iterator<Item = Result<Attr<T>, DecodeError>>,
) -> Result<Attr<C>, DecodeError> {
    let mut unknown = false;
    let mut known = Vec::new();
    for item in items {
        match item? {
            Attr::Known(item) => known.push(item),
            _ => unknown = true,
        }
    }
    Ok(if unknown { Attr::Unknown } else { Attr::Known(known.into_iter().collect()) })
}
