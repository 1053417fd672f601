//! Security group. Proof: tag; its name is unique within the VPC.

use serde::{Deserialize, Serialize};
use stellar_engine::{Input, Properties};

/// A security group without rules (the default egress rule is revoked). Outputs: `id`, `arn`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SecurityGroup {
    /// Unique within the VPC; cannot be changed.
    pub name: String,
    /// Cannot be changed.
    pub description: String,
    /// The VPC; cannot be changed.
    pub vpc_id: Input<String>,
}

impl Properties for SecurityGroup {
    const KIND: &'static str = "ec2/security-group";
}
