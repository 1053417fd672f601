//! Security group rule. Proof: parent.

use serde::{Deserialize, Serialize};
use stellar_engine::{Input, Properties};

/// One rule of a security group. Outputs: `id` (`sgr-…`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SecurityGroupRule {
    /// The group that the rule is in.
    pub group_id: Input<String>,
    /// From the group to the peer; otherwise from the peer to the group.
    pub egress: bool,
    /// `tcp`, `udp`, `icmp`, or `-1` for all.
    pub protocol: String,
    /// First and last port; `None` for protocol `-1`.
    pub ports: Option<(i32, i32)>,
    /// The peer as an IPv4 block; exactly one of `cidr` and `peer_group_id` is set.
    pub cidr: Option<String>,
    /// The peer as a security group.
    pub peer_group_id: Option<Input<String>>,
    /// For people.
    pub description: Option<String>,
}

impl Properties for SecurityGroupRule {
    const KIND: &'static str = "ec2/security-group-rule";
}
