//! Instance of an Aurora cluster: compute alone, the data is the cluster's. Proof: tag. Found by its identifier;
//! recorded is the resource id (`db-…`). Which of them writes is the cluster's to decide, and never a difference.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_rds::types::{DbInstance, SourceType};
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use stellar_engine::{
    Address, Changes,
    Disruption::{Brief, Downtime},
    Error, ErrorClass, Input, Observed, Properties, Retained,
    Rule::{self, InPlace, Local, Replace},
    Scope, Tags, Target, Traits,
};

use super::{
    describe::{instances, pick},
    marks, status, tags,
    waiting::Waiting,
};
use crate::{Aws, access::Needs, call, normal::arn_of};

/// An instance of a cluster. Outputs: `id` (`db-…`), `arn`, `identifier`, `endpoint` (host).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClusterInstance {
    /// Lower case, at most 63 characters; cannot be changed.
    pub identifier: String,
    /// The cluster's identifier.
    pub cluster: Input<String>,
    /// The cluster's engine.
    pub engine: String,
    /// `db.r6g.large`, `db.serverless` …
    pub instance_class: String,
    /// `None` = AWS chooses.
    pub zone: Option<String>,
    /// Digest of the static parameters with which it is to run: where another digest is in force, it is restarted.
    /// `None` = nobody restarts it for their sake.
    pub reboot: Option<String>,
    /// `rds-ca-rsa2048-g1` …; `None` = AWS's default.
    pub certificate_authority: Option<String>,
    /// Reachable from the internet.
    pub public: bool,
    /// `sun:04:00-sun:05:00`, UTC.
    pub maintenance_window: Option<String>,
    /// Seconds between enhanced monitoring's samples; 0 = off.
    pub monitoring_seconds: i32,
    /// The role that enhanced monitoring writes with.
    pub monitoring_role_arn: Option<Input<String>>,
    /// Days that Performance Insights keeps; 0 = off.
    pub insights_retention_days: i32,
    /// Encrypts the insights.
    pub insights_key_arn: Input<String>,
    /// AWS installs minor versions in the maintenance window.
    pub minor_upgrades: bool,
    /// Changes at once, not in the maintenance window.
    pub apply_immediately: Option<bool>,
}

impl Properties for ClusterInstance {
    const KIND: &'static str = "rds/cluster-instance";
}

const RULES: &[(&str, Rule)] = &[
    ("identifier", Replace("the identifier is fixed for the stack's life")),
    ("cluster", Replace("an instance stays in its cluster")),
    ("engine", Replace("the engine of a database cannot be changed")),
    ("instance_class", InPlace(Downtime)),
    ("zone", Replace("an instance stays in its zone")),
    ("reboot", InPlace(Brief)),
    ("certificate_authority", InPlace(Brief)),
    ("insights_key_arn", Rule::CreateOnly),
    ("apply_immediately", Local),
];

/// What IAM must allow.
pub(super) const NEEDS: Needs = Needs {
    read: &["rds:DescribeDBInstances", "rds:DescribeEvents", "rds:ListTagsForResource"],
    create: &[
        "rds:AddTagsToResource",
        "rds:CreateDBInstance",
        "kms:CreateGrant",
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:GenerateDataKey",
    ],
    update: &["rds:AddTagsToResource", "rds:RemoveTagsFromResource", "rds:ModifyDBInstance", "rds:RebootDBInstance"],
    delete: &["rds:DeleteDBInstance"],
    passes: &["monitoring.rds.amazonaws.com"],
    ..Needs::NOTHING
};

/// The kind `rds/cluster-instance`.
pub(super) struct Kind(pub Arc<Aws>);

#[async_trait]
impl stellar_engine::Kind for Kind {
    type Props = ClusterInstance;

    fn traits(&self) -> Traits {
        Traits {
            rules: RULES,
            bulk: true,
            minutes: (8.0, 8.0, 5.0),
            limit_minutes: 90,
            ..Traits::new(ClusterInstance::KIND, "Aurora instance")
        }
    }

    async fn read(
        &self,
        scope: &Scope,
        targets: &[Target<ClusterInstance>],
    ) -> Vec<Result<Option<Observed<ClusterInstance>>, Error>> {
        let ids = targets.iter().filter_map(|target| target.id.clone()).collect();
        let unrecorded = targets.iter().filter(|target| target.id.is_none());
        let names = unrecorded.filter_map(|target| Some(target.props.as_ref()?.identifier.clone())).collect();
        let by_id = instances(&self.0, &scope.region, "dbi-resource-id", ids).await;
        let by_name = instances(&self.0, &scope.region, "db-instance-id", names).await;
        let find = |target: &Target<ClusterInstance>| {
            let found = match (&target.id, &target.props) {
                (Some(id), _) => pick(&by_id, |instance: &DbInstance| instance.dbi_resource_id() == Some(id))?,
                (None, Some(props)) => {
                    pick(&by_name, |instance| instance.db_instance_identifier() == Some(&props.identifier))?
                }
                (None, None) => None,
            };
            Ok(found.map(|instance| observe(instance, target.props.as_ref())))
        };
        let explain = |found: Result<Option<Observed<ClusterInstance>>, Error>| async {
            let Some(observed) = found? else { return Ok(None) };
            let identifier = observed.props.identifier.clone();
            let source = SourceType::DbInstance;
            Ok(Some(status::with_reason(&self.0, &scope.region, source, &identifier, observed).await))
        };
        join_all(targets.iter().map(find).map(explain)).await
    }

    async fn create(&self, scope: &Scope, address: &Address, desired: &ClusterInstance) -> Result<String, Error> {
        let insights = desired.insights();
        let mut tags = marks::with_marks(scope.tags_of(address), false, desired.reboot.as_ref());
        // Its data is the cluster's.
        tags.remove(marks::UNUSED);
        let request = self
            .0
            .rds(&scope.region)
            .create_db_instance()
            .db_instance_identifier(&desired.identifier)
            .db_cluster_identifier(desired.cluster.value()?)
            .engine(&desired.engine)
            .db_instance_class(&desired.instance_class)
            .set_availability_zone(desired.zone.clone())
            .set_ca_certificate_identifier(desired.certificate_authority.clone())
            .publicly_accessible(desired.public)
            .set_preferred_maintenance_window(desired.maintenance_window.clone())
            .monitoring_interval(desired.monitoring_seconds)
            .set_monitoring_role_arn(desired.monitoring_role()?)
            .enable_performance_insights(insights.is_some())
            .set_performance_insights_retention_period(insights)
            .set_performance_insights_kms_key_id(desired.insights_key()?)
            .auto_minor_version_upgrade(desired.minor_upgrades)
            .copy_tags_to_snapshot(true)
            .set_tags(Some(tags::to_sdk(&tags)));
        let created = call("rds:CreateDBInstance", || request.clone().send()).await?.db_instance;
        let id = created.and_then(|instance| instance.dbi_resource_id);
        id.ok_or_else(|| Error::permanent(format!("RDS created {} without a resource id", desired.identifier)))
    }

    async fn update(
        &self,
        scope: &Scope,
        _: &Address,
        desired: &ClusterInstance,
        observed: &Observed<ClusterInstance>,
        changes: &Changes,
    ) -> Result<(), Error> {
        if changes.iter().all(|change| change.field == "reboot") {
            return self.restart(scope, desired, observed).await;
        }
        let mut request = self
            .0
            .rds(&scope.region)
            .modify_db_instance()
            .db_instance_identifier(&observed.props.identifier)
            .apply_immediately(desired.apply_immediately.unwrap_or(true));
        for change in changes.iter().filter(|change| change.field != "reboot") {
            request = match change.field.as_str() {
                "instance_class" => request.db_instance_class(&desired.instance_class),
                "certificate_authority" => request.set_ca_certificate_identifier(desired.certificate_authority.clone()),
                "public" => request.publicly_accessible(desired.public),
                "maintenance_window" => request.set_preferred_maintenance_window(desired.maintenance_window.clone()),
                "monitoring_seconds" | "monitoring_role_arn" => request
                    .monitoring_interval(desired.monitoring_seconds)
                    .set_monitoring_role_arn(desired.monitoring_role()?),
                "insights_retention_days" => {
                    let key = if observed.props.insights().is_none() { desired.insights_key()? } else { None };
                    request
                        .enable_performance_insights(desired.insights().is_some())
                        .set_performance_insights_retention_period(desired.insights())
                        .set_performance_insights_kms_key_id(key)
                }
                "minor_upgrades" => request.auto_minor_version_upgrade(desired.minor_upgrades),
                other => return Err(Error::bug(format!("rds/cluster-instance cannot change {other}"))),
            };
        }
        call("rds:ModifyDBInstance", || request.clone().send()).await.map(drop)
    }

    async fn delete(
        &self,
        scope: &Scope,
        _: &Address,
        observed: &Observed<ClusterInstance>,
        _: Option<&ClusterInstance>,
    ) -> Result<Vec<Retained>, Error> {
        let rds = self.0.rds(&scope.region);
        // Snapshots are the cluster's.
        let request = || {
            let request = rds.delete_db_instance().db_instance_identifier(&observed.props.identifier);
            request.skip_final_snapshot(true).send()
        };
        match call("rds:DeleteDBInstance", request).await {
            // The answer to an earlier attempt was lost.
            Err(error) if error.class == ErrorClass::Busy && error.message.contains("already being deleted") => {}
            result => drop(Error::absent_is_none(result)?),
        }
        Ok(Vec::new())
    }

    async fn tag(
        &self,
        scope: &Scope,
        observed: &Observed<ClusterInstance>,
        set: &Tags,
        remove: &[String],
    ) -> Result<(), Error> {
        tags::apply(&self.0, &scope.region, arn_of(observed), set, remove).await
    }
}

impl Kind {
    /// Restarts the instance so that the cluster's static parameters take effect, and takes note of them.
    async fn restart(
        &self,
        scope: &Scope,
        desired: &ClusterInstance,
        observed: &Observed<ClusterInstance>,
    ) -> Result<(), Error> {
        let Some(digest) = &desired.reboot else { return Ok(()) };
        let rds = self.0.rds(&scope.region);
        let request = || rds.reboot_db_instance().db_instance_identifier(&observed.props.identifier).send();
        call("rds:RebootDBInstance", request).await?;
        let note = Tags::from([(marks::STARTED_WITH.to_owned(), digest.clone())]);
        tags::apply(&self.0, &scope.region, arn_of(observed), &note, &[]).await
    }
}

impl ClusterInstance {
    fn insights(&self) -> Option<i32> {
        (self.insights_retention_days > 0).then_some(self.insights_retention_days)
    }

    fn insights_key(&self) -> Result<Option<String>, Error> {
        self.insights().map(|_| self.insights_key_arn.value().cloned()).transpose()
    }

    fn monitoring_role(&self) -> Result<Option<String>, Error> {
        let role = self.monitoring_role_arn.as_ref().filter(|_| self.monitoring_seconds > 0);
        Ok(role.map(Input::value).transpose()?.cloned())
    }
}

fn observe(found: &DbInstance, desired: Option<&ClusterInstance>) -> Observed<ClusterInstance> {
    let id = found.dbi_resource_id().unwrap_or_default();
    let tags = tags::from_sdk(found.tag_list());
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let waiting = Waiting { at_once: desired.is_none_or(|d| d.apply_immediately.unwrap_or(true)) };
    let pending = found.pending_modified_values();
    let group = found.db_parameter_groups().first();
    let is_waiting = group.and_then(|g| g.parameter_apply_status()) == Some("pending-reboot")
        || status::needs_restart(found.db_instance_status());
    let props = ClusterInstance {
        identifier: text(found.db_instance_identifier()),
        cluster: found.db_cluster_identifier().map_or_else(Input::default, Input::from),
        engine: text(found.engine()),
        instance_class: waiting.settle(
            text(found.db_instance_class()),
            pending.and_then(|p| p.db_instance_class()).map(str::to_owned),
            desired.map(|d| d.instance_class.clone()),
        ),
        zone: found.availability_zone().map(str::to_owned),
        reboot: Some(marks::started_with(&tags, is_waiting)),
        certificate_authority: waiting.settle(
            found.ca_certificate_identifier().map(str::to_owned),
            pending.and_then(|p| p.ca_certificate_identifier()).map(|ca| Some(ca.to_owned())),
            desired.map(|d| d.certificate_authority.clone()),
        ),
        public: found.publicly_accessible().unwrap_or_default(),
        maintenance_window: found.preferred_maintenance_window().map(str::to_owned),
        monitoring_seconds: found.monitoring_interval().unwrap_or_default(),
        monitoring_role_arn: found.monitoring_role_arn().map(Input::from),
        insights_retention_days: match found.performance_insights_enabled() {
            Some(true) => found.performance_insights_retention_period().unwrap_or_default(),
            _ => 0,
        },
        insights_key_arn: Input::default(),
        minor_upgrades: found.auto_minor_version_upgrade().unwrap_or_default(),
        apply_immediately: None,
    };
    Observed::new(id, props)
        .output("id", id)
        .output("arn", found.db_instance_arn().unwrap_or_default())
        .output("identifier", found.db_instance_identifier().unwrap_or_default())
        .output("endpoint", found.endpoint().and_then(|e| e.address()))
        .tags(tags)
        .status(status::status(found.db_instance_status().unwrap_or_default()))
}
