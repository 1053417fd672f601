//! Flow logs: the log group, the role that writes to it, and the log itself.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stellar_aws::{ec2::flow_log::FlowLog, iam::role::Role, logs::log_group::LogGroup};
use stellar_engine::{
    Address, Input, address,
    input::{concat, reference},
};

use super::Network;
use crate::cluster::build::Builder;
use crate::cluster::known::{NotYetKnown, known};

const DEFAULT_RETENTION: i64 = 30;

/// Adds the flow logs of the VPC, if they are asked for.
pub(super) fn expand(config: &Network, vpc: &Input<String>, b: &mut Builder<'_>) -> Result<(), NotYetKnown> {
    let Some(logs) = known(&config.flow_logs, "network.flow_logs")? else { return Ok(()) };
    let days = known(&logs.retention_days, "network.flow_logs.retention_days")?.copied().unwrap_or(DEFAULT_RETENTION);
    let group = LogGroup {
        name: format!("/aws/vpc/{}/flow-logs", b.names.stack()),
        retention_days: i32::try_from(days).ok(),
        kms_key_arn: None,
    };
    let group = b.add(address!("network/flow-logs/log-group"), &group);
    let role = Role {
        name: b.names.unique("flow-logs", 64),
        description: Some("Lets VPC flow logs write to their log group".to_owned()),
        trust: trust(b),
        inline_policies: BTreeMap::from([("write".to_owned(), write_to(&group))]),
        ..Role::default()
    };
    let role = b.add(address!("network/flow-logs/role"), &role);
    let log = FlowLog {
        vpc_id: vpc.clone(),
        log_group_name: Input::output(&group, "id"),
        role_arn: Input::output(&role, "arn"),
    };
    b.add(address!("network/flow-logs/flow-log"), &log);
    Ok(())
}

/// The service may take the role only on behalf of this account.
fn trust(b: &Builder<'_>) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": "vpc-flow-logs.amazonaws.com" },
            "Action": "sts:AssumeRole",
            "Condition": { "StringEquals": { "aws:SourceAccount": b.facts.account } },
        }],
    })
}

fn write_to(group: &Address) -> Value {
    let streams = concat([reference(group, "arn"), json!(":*")]);
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            "Resource": streams,
        }, {
            "Effect": "Allow",
            "Action": ["logs:DescribeLogGroups"],
            "Resource": "*",
        }],
    })
}
