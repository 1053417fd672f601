//! Schemas: which attributes a provider, resource or data source has.

use std::collections::BTreeMap;

use crate::plan::Modifier;
use crate::validators::Validator;
use crate::{Model, Value};

/// The shape of a provider's, resource's or data source's value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schema {
    /// Version of the stored state; raise it when old state must be upgraded.
    pub version: i64,
    /// Markdown.
    pub description: String,
    /// In the order of declaration, which documentation follows.
    pub attributes: Vec<Attribute>,
}

/// One attribute. Exactly as in Terraform, at least one of `required`, `optional` and `computed` is set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attribute {
    /// Name in the configuration.
    pub name: String,
    /// Markdown.
    pub description: String,
    /// Must be set in the configuration.
    pub required: bool,
    /// May be set in the configuration.
    pub optional: bool,
    /// Set by the provider when the configuration does not.
    pub computed: bool,
    /// Hidden in Terraform's output.
    pub sensitive: bool,
    /// Read from the configuration during apply and never stored. Needs Terraform 1.11.
    pub write_only: bool,
    /// A change of this attribute replaces the resource.
    pub requires_replace: bool,
    /// What it is when the configuration does not set it. Needs `optional` and `computed`.
    pub default: Option<Value>,
    /// Rules for configured values.
    pub validators: Vec<Validator>,
    /// Rules for planned values.
    pub modifiers: Vec<Modifier>,
    /// Written as nested blocks instead of an attribute: `rule { … }`. Only for nested types. A collection of blocks is
    /// never null.
    pub block: bool,
    /// Why the attribute is deprecated and what to use instead.
    pub deprecated: Option<String>,
    /// Type of the value.
    pub ty: AttrType,
}

/// The type of an attribute.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum AttrType {
    /// A string.
    #[default]
    String,
    /// A number.
    Number,
    /// A bool.
    Bool,
    /// Any type; the value carries it.
    Dynamic,
    /// Elements of one type, in order.
    List(Box<AttrType>),
    /// Elements of one type, without order or duplicates.
    Set(Box<AttrType>),
    /// Elements of one type by key.
    Map(Box<AttrType>),
    /// Elements of several types, in order. Only in dynamic values and function signatures.
    Tuple(Vec<AttrType>),
    /// Fixed attributes without schemas of their own.
    Object(BTreeMap<String, AttrType>),
    /// Fixed attributes with schemas of their own.
    Nested {
        /// How the objects are collected.
        nesting: Nesting,
        /// Attributes of each object.
        attributes: Vec<Attribute>,
    },
}

/// How the objects of a nested attribute are collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nesting {
    /// One object.
    Single,
    /// Objects in order.
    List,
    /// Objects without order or duplicates.
    Set,
    /// Objects by key.
    Map,
}

impl Schema {
    /// The schema of a model: its attributes and docstring, version 0.
    #[must_use]
    pub fn of<M: Model>() -> Self {
        Self { version: 0, description: M::description(), attributes: M::attributes() }
    }

    /// The attribute `name`, if there is one.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }
}

impl Attribute {
    /// An optional attribute.
    #[must_use]
    pub fn optional(name: &str, ty: AttrType) -> Self {
        Self { name: name.into(), optional: true, ty, ..Self::default() }
    }

    /// A required attribute.
    #[must_use]
    pub fn required(name: &str, ty: AttrType) -> Self {
        Self { name: name.into(), required: true, ty, ..Self::default() }
    }

    /// An attribute that only the provider sets.
    #[must_use]
    pub fn computed(name: &str, ty: AttrType) -> Self {
        Self { name: name.into(), computed: true, ty, ..Self::default() }
    }

    /// True for a list, set or map of nested blocks.
    pub(crate) fn is_blocks(&self) -> bool {
        self.block && !self.is_single()
    }

    /// True for one nested object.
    pub(crate) fn is_single(&self) -> bool {
        matches!(self.ty, AttrType::Nested { nesting: Nesting::Single, .. })
    }
}

impl AttrType {
    /// The type of a collection of this type. Single objects become a nested collection.
    #[must_use]
    pub fn collect(self, nesting: Nesting) -> Self {
        match (self, nesting) {
            (Self::Nested { nesting: Nesting::Single, attributes }, _) => Self::Nested { nesting, attributes },
            (ty, Nesting::Set) => Self::Set(Box::new(ty)),
            (ty, Nesting::Map) => Self::Map(Box::new(ty)),
            (ty, Nesting::List) => Self::List(Box::new(ty)),
            (ty, Nesting::Single) => ty,
        }
    }

    /// A list as a set; every other type as it is.
    #[must_use]
    pub fn into_set(self) -> Self {
        match self {
            Self::List(element) => Self::Set(element),
            Self::Nested { nesting: Nesting::List, attributes } => Self::Nested { nesting: Nesting::Set, attributes },
            other => other,
        }
    }
}
