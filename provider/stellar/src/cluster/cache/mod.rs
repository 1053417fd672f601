//! The section `cache`.

use serde::{Deserialize, Serialize};

/// What was looked up for this section.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {}
