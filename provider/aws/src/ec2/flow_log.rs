//! VPC flow log to CloudWatch Logs. Proof: tag. Nothing but its tags can be changed.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, FlowLogsResourceType, LogDestinationType, ResourceType, TrafficType};
use serde::{Deserialize, Serialize};
use stellar_engine::{
    Address, Changes, Error, Input, Observed, Properties, Retained, Rule, Scope, Status, Tags, Target, Traits,
};

use super::answer::{arn, check, id_of, input};
use super::{find::find, tags};
use crate::{Aws, access::Needs, call};

/// Records of all traffic of a VPC. Outputs: `id`, `arn`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FlowLog {
    /// The VPC; cannot be changed.
    pub vpc_id: Input<String>,
    /// The log group's name; cannot be changed.
    pub log_group_name: Input<String>,
    /// ARN of the role that writes to the log group; cannot be changed.
    pub role_arn: Input<String>,
}

impl Properties for FlowLog {
    const KIND: &'static str = "ec2/flow-log";
}

/// What IAM must allow.
pub(super) const NEEDS: Needs = Needs {
    read: &["ec2:DescribeFlowLogs"],
    create: &["ec2:CreateFlowLogs", "ec2:CreateTags"],
    update: &["ec2:CreateTags", "ec2:DeleteTags"],
    delete: &["ec2:DeleteFlowLogs"],
    passes: &["vpc-flow-logs.amazonaws.com"],
    ..Needs::NOTHING
};

/// The kind `ec2/flow-log`.
pub(super) struct Kind(pub Arc<Aws>);

#[async_trait]
impl stellar_engine::Kind for Kind {
    type Props = FlowLog;

    fn traits(&self) -> Traits {
        const FIXED: Rule = Rule::Replace("a flow log cannot be changed");
        Traits {
            rules: &[("vpc_id", FIXED), ("log_group_name", FIXED), ("role_arn", FIXED)],
            ..Traits::new(FlowLog::KIND, "flow log")
        }
    }

    async fn read(&self, scope: &Scope, targets: &[Target<FlowLog>]) -> Vec<Result<Option<Observed<FlowLog>>, Error>> {
        find(scope, targets, "flow-log-id", |filter| self.list(scope, filter)).await
    }

    async fn create(&self, scope: &Scope, address: &Address, desired: &FlowLog) -> Result<String, Error> {
        let ec2 = self.0.ec2(&scope.region);
        // No client token: EC2 refuses a second log of one VPC to one group (`FlowLogAlreadyExists`).
        let request = ec2
            .create_flow_logs()
            .resource_type(FlowLogsResourceType::Vpc)
            .resource_ids(desired.vpc_id.value()?)
            .traffic_type(TrafficType::All)
            .log_destination_type(LogDestinationType::CloudWatchLogs)
            .log_group_name(desired.log_group_name.value()?)
            .deliver_logs_permission_arn(desired.role_arn.value()?)
            .tag_specifications(tags::on_create(ResourceType::VpcFlowLog, &scope.tags_of(address)));
        let output = call("ec2:CreateFlowLogs", || request.clone().send()).await?;
        check("ec2:CreateFlowLogs", output.unsuccessful())?;
        id_of("ec2:CreateFlowLogs", output.flow_log_ids().first().map(String::as_str))
    }

    async fn update(
        &self,
        _: &Scope,
        address: &Address,
        _: &FlowLog,
        _: &Observed<FlowLog>,
        _: &Changes,
    ) -> Result<(), Error> {
        Err(Error::bug(format!("{address} has no property that can be changed")))
    }

    async fn delete(
        &self,
        scope: &Scope,
        _: &Address,
        observed: &Observed<FlowLog>,
        _: Option<&FlowLog>,
    ) -> Result<Vec<Retained>, Error> {
        let ec2 = self.0.ec2(&scope.region);
        let output = call("ec2:DeleteFlowLogs", || ec2.delete_flow_logs().flow_log_ids(&observed.id).send()).await;
        let result = output.and_then(|output| check("ec2:DeleteFlowLogs", output.unsuccessful()));
        Error::absent_is_none(result)?;
        Ok(Vec::new())
    }

    async fn tag(
        &self,
        scope: &Scope,
        observed: &Observed<FlowLog>,
        set: &Tags,
        remove: &[String],
    ) -> Result<(), Error> {
        tags::apply(&self.0, &scope.region, &observed.id, set, remove).await
    }
}

impl Kind {
    async fn list(&self, scope: &Scope, filter: Filter) -> Result<Vec<Observed<FlowLog>>, Error> {
        let ec2 = self.0.ec2(&scope.region);
        let request = || ec2.describe_flow_logs().filter(filter.clone()).into_paginator().items().send().collect();
        let logs: Vec<_> = call("ec2:DescribeFlowLogs", request).await?;
        Ok(logs.iter().map(|log| observed(scope, log)).collect())
    }
}

fn observed(scope: &Scope, log: &aws_sdk_ec2::types::FlowLog) -> Observed<FlowLog> {
    let id = log.flow_log_id().unwrap_or_default();
    let props = FlowLog {
        vpc_id: input(log.resource_id()),
        log_group_name: input(log.log_group_name()),
        role_arn: input(log.deliver_logs_permission_arn()),
    };
    // AWS's delivery status: SUCCESS, FAILED, or nothing before the first delivery.
    let status = match log.deliver_logs_status() {
        Some("FAILED") => Status::Degraded(log.deliver_logs_error_message().unwrap_or("delivery failed").to_owned()),
        _ => Status::Ready,
    };
    let observed = Observed::new(id, props).output("id", id).output("arn", arn(scope, "vpc-flow-log", id));
    observed.tags(tags::from_sdk(log.tags())).status(status)
}
