//! CloudWatch Logs group. Proof: tag, or service-made for groups that AWS writes under a name of ours.

use serde::{Deserialize, Serialize};
use stellar_engine::{Input, Properties};

/// A log group. Outputs: `id` (= name), `arn` (without `:*`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LogGroup {
    /// The group's name; cannot be changed.
    pub name: String,
    /// One of the values that PutRetentionPolicy accepts; `None` = not compared.
    pub retention_days: Option<i32>,
    /// ARN of the key; its policy must allow the Logs service.
    pub kms_key_arn: Option<Input<String>>,
}

impl Properties for LogGroup {
    const KIND: &'static str = "logs/log-group";
}
