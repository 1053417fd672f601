//! The engine: components → graph → changes → execution.
//!
//! It knows neither Terraform nor AWS. A caller describes what should exist as [`Component`]s,
//! teaches the engine how each [`Kind`] of object lives, and the engine finds out what has to
//! happen ([`plan()`]) and makes it happen ([`execute()`]), as parallel as dependencies allow.

mod address;
mod component;
mod error;
pub mod input;
mod kind;
mod observed;
mod scope;

pub use address::{Address, InvalidAddress};
pub use component::{Component, Properties, typed};
pub use error::{Error, ErrorClass};
pub use input::{Input, concat, reference};
pub use kind::{AnyKind, Changes, Disruption, FieldChange, Kind, Proof, Rule, Target, Traits};
pub use observed::{Observed, Outputs, Retained, Status, Tags};
pub use scope::{Scope, TAG_CLAIM, TAG_COMPONENT, TAG_STACK, ownership_tags, suffix};
