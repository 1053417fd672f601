//! The engine: components → graph → changes → execution.
//!
//! It knows neither Terraform nor AWS. A caller describes what should exist as [`Component`]s,
//! teaches the engine how each [`Kind`] of object lives, and the engine finds out what exists
//! ([`refresh()`]), what has to happen ([`plan()`]), and makes it happen ([`execute()`]), as parallel
//! as dependencies allow.

mod address;
mod component;
mod diff;
mod error;
mod execute;
mod graph;
pub mod input;
mod kind;
mod kinds;
mod leaving;
mod observed;
mod obstacle;
mod pace;
mod plan;
mod reader;
mod refresh;
mod scope;

pub use address::{Address, InvalidAddress};
pub use component::{Component, Properties, typed};
pub use diff::{Diff, diff, diff_tags};
pub use error::{Error, ErrorClass};
pub use execute::{Alone, Event, EventKind, Execution, Failure, Fence, Outcome, execute};
pub use graph::{Graph, GraphError};
pub use input::{Input, concat, reference};
pub use kind::{AnyKind, Changes, Disruption, FieldChange, Kind, Proof, Rule, Target, Traits};
pub use kinds::Kinds;
pub use leaving::{Leaving, leaving};
pub use observed::{Observed, Outputs, Retained, Status, Tags};
pub use obstacle::{Blocker, Clearing, Fate, Removed};
pub use pace::Pace;
pub use plan::{Action, Change, Plan, PlanInput, plan};
pub use refresh::{Refreshed, refresh};
pub use scope::{Scope, TAG_CLAIM, TAG_COMPONENT, TAG_STACK, ownership_tags, suffix};
