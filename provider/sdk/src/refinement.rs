//! What is known of an unknown value.

use crate::Number;

/// Limits of a value that is known only after apply. Every field left out means: nothing is known.
///
/// A refinement in a plan is a promise: Terraform refuses an applied value that breaks it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Refinement {
    /// Whether the value will be null.
    pub null: Option<bool>,
    /// What a string begins with; empty when not known.
    pub prefix: String,
    /// The least that a number can be.
    pub lower: Option<Bound>,
    /// The most that a number can be.
    pub upper: Option<Bound>,
    /// The least number of a collection's elements.
    pub shortest: Option<u64>,
    /// The greatest number of a collection's elements.
    pub longest: Option<u64>,
}

/// An end of a range of numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// The end.
    pub number: Number,
    /// Whether the end belongs to the range.
    pub inclusive: bool,
}

impl Refinement {
    /// A value that will not be null.
    #[must_use]
    pub fn not_null() -> Self {
        Self { null: Some(false), ..Self::default() }
    }
}
