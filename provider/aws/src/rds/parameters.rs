//! Parameters of PostgreSQL, which instances and clusters have alike: which of them wait for a restart, what a group
//! has to be told, and which values a family takes.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_rds::types::{ApplyMethod, Parameter};
use serde::{Deserialize, Serialize};
use stellar_engine::Error;

use crate::{Aws, call};

/// How many parameters one call may change (API reference of ModifyDBParameterGroup).
pub(super) const BATCH: usize = 20;

/// Names and values.
pub type Values = BTreeMap<String, String>;

/// What PostgreSQL reads at its start alone: context `postmaster` in PostgreSQL's `pg_settings`, of versions 13 to 18,
/// and RDS's own static parameters. A plan needs it without asking AWS; AWS's own word decides when a group is changed.
const STATIC: [&str; 41] = [
    "apg_plan_mgmt.max_plans",
    "autovacuum_freeze_max_age",
    "autovacuum_max_workers",
    "autovacuum_multixact_freeze_max_age",
    "autovacuum_worker_slots",
    "commit_timestamp_buffers",
    "huge_pages",
    "io_max_concurrency",
    "jit_provider",
    "max_connections",
    "max_files_per_process",
    "max_locks_per_transaction",
    "max_logical_replication_workers",
    "max_pred_locks_per_transaction",
    "max_prepared_transactions",
    "max_replication_slots",
    "max_wal_senders",
    "max_worker_processes",
    "multixact_member_buffers",
    "multixact_offset_buffers",
    "notify_buffers",
    "old_snapshot_threshold",
    "pg_prewarm.autoprewarm",
    "pg_stat_statements.max",
    "pgaudit.role",
    "rds.babelfish_status",
    "rds.custom_dns_resolution",
    "rds.logical_replication",
    "rds.pg_stat_ramdisk_size",
    "rds.restrict_password_commands",
    "reserved_connections",
    "serializable_buffers",
    "shared_buffers",
    "shared_preload_libraries",
    "subtransaction_buffers",
    "superuser_reserved_connections",
    "track_activity_query_size",
    "track_commit_timestamp",
    "transaction_buffers",
    "wal_buffers",
    "wal_decode_buffer_size",
];

/// Whether a change of the parameter waits for a restart of the database.
pub fn waits_for_restart(name: &str) -> bool {
    STATIC.contains(&name)
}

/// The values of a described group in two parts, as they are desired: a parameter stays in the part in which the
/// stack has it; one that the stack does not know goes where AWS says. Answers `(at once, at restart)`.
pub(super) fn parts(found: Vec<Parameter>, desired: Option<(&Values, &Values)>) -> (Values, Values) {
    let (mut at_once, mut at_restart) = (Values::new(), Values::new());
    for parameter in found {
        let is_static = match (&parameter.parameter_name, desired) {
            (Some(name), Some((dynamic, _))) if dynamic.contains_key(name) => false,
            (Some(name), Some((_, statics))) if statics.contains_key(name) => true,
            _ => parameter.apply_type() == Some("static"),
        };
        if let (Some(name), Some(value)) = (parameter.parameter_name, parameter.parameter_value) {
            if is_static { &mut at_restart } else { &mut at_once }.insert(name, value);
        }
    }
    (at_once, at_restart)
}

/// Those of the source that was asked for: simulators answer all, whatever was asked.
pub(super) fn of_source(mut found: Vec<Parameter>, source: Option<&str>) -> Vec<Parameter> {
    found.retain(|parameter| source.is_none() || parameter.source().is_none() || parameter.source() == source);
    found
}

/// Both parts as one.
pub(super) fn merged(at_once: &Values, at_restart: &Values) -> Values {
    at_once.iter().chain(at_restart).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// What has to be set and what reset, so that `before` becomes `wanted`. `dynamic` are the parameters that AWS takes
/// at once: for another it would refuse the whole call.
pub(super) fn steps(before: &Values, wanted: &Values, dynamic: &BTreeSet<String>) -> (Vec<Parameter>, Vec<Parameter>) {
    let parameter = |name: &String, value: Option<&String>| {
        let method = if dynamic.contains(name) { ApplyMethod::Immediate } else { ApplyMethod::PendingReboot };
        Parameter::builder().parameter_name(name).set_parameter_value(value.cloned()).apply_method(method).build()
    };
    let set = wanted.iter().filter(|(name, value)| before.get(*name) != Some(value));
    let set = set.map(|(name, value)| parameter(name, Some(value))).collect();
    let reset = before.keys().filter(|name| !wanted.contains_key(*name)).map(|name| parameter(name, None)).collect();
    (set, reset)
}

/// The names among the described parameters that apply without a restart.
pub(super) fn dynamic(all: Vec<Parameter>) -> BTreeSet<String> {
    let dynamic = all.into_iter().filter(|parameter| parameter.apply_type() == Some("dynamic"));
    dynamic.filter_map(|parameter| parameter.parameter_name).collect()
}

/// What a family says of one of its parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    /// `integer`, `float`, `boolean`, `string` or `list`.
    pub data_type: String,
    /// `0-100`, `on,off`; empty: anything.
    pub allowed: String,
    /// Users may change it.
    pub modifiable: bool,
}

impl Definition {
    /// Whether the family takes the value. A formula (`{DBInstanceClassMemory/32768}`) is AWS's to compute.
    pub fn allows(&self, value: &str) -> bool {
        let choices = || self.allowed.split(',').map(str::trim);
        if self.allowed.is_empty() || value.contains('{') {
            return true;
        }
        match self.data_type.as_str() {
            "integer" | "float" => {
                value.parse::<f64>().is_ok_and(|number| choices().any(|choice| covers(choice, number)))
            }
            "list" => value.split(',').map(str::trim).all(|item| item.is_empty() || choices().any(|c| c == item)),
            "boolean" => choices().any(|choice| choice == value),
            // Some texts have a pattern in place of choices.
            _ if self.allowed.contains(['*', '[', '^', '(']) => true,
            _ => choices().any(|choice| choice == value),
        }
    }
}

/// `0-100`, `-1-2147483647`, or a single number.
fn covers(range: &str, number: f64) -> bool {
    let single = || range.parse::<f64>().is_ok_and(|only| only == number);
    // A leading minus is a sign.
    let Some(at) = range.get(1..).and_then(|rest| rest.find('-')).map(|at| at + 1) else { return single() };
    match (range[..at].parse::<f64>(), range[at + 1..].parse::<f64>()) {
        (Ok(least), Ok(most)) => (least..=most).contains(&number),
        _ => single(),
    }
}

/// All parameters of a family: of instances (`postgres17`), or of clusters (`aurora-postgresql17`).
///
/// # Errors
/// Those of the call; an unknown family is [`stellar_engine::ErrorClass::Permanent`].
pub async fn definitions(aws: &Aws, region: &str, family: &str) -> Result<BTreeMap<String, Definition>, Error> {
    let all = match family.starts_with("aurora-") {
        true => cluster_defaults(aws, region, family).await?,
        false => instance_defaults(aws, region, family).await?,
    };
    let definition = |p: Parameter| {
        let text = |value: Option<String>| value.unwrap_or_default();
        let modifiable = p.is_modifiable.unwrap_or_default();
        let (data_type, allowed) = (text(p.data_type), text(p.allowed_values));
        Some((p.parameter_name?, Definition { data_type, allowed, modifiable }))
    };
    Ok(all.into_iter().filter_map(definition).collect())
}

async fn instance_defaults(aws: &Aws, region: &str, family: &str) -> Result<Vec<Parameter>, Error> {
    let rds = aws.rds(region);
    let request = || {
        let pages = rds.describe_engine_default_parameters().db_parameter_group_family(family);
        pages.into_paginator().items().send().collect::<Result<Vec<_>, _>>()
    };
    call("rds:DescribeEngineDefaultParameters", request).await
}

/// The SDK has no paginator for this one.
async fn cluster_defaults(aws: &Aws, region: &str, family: &str) -> Result<Vec<Parameter>, Error> {
    let rds = aws.rds(region);
    let (mut all, mut marker) = (Vec::new(), None::<String>);
    loop {
        let request = || {
            let page = rds.describe_engine_default_cluster_parameters().db_parameter_group_family(family);
            page.set_marker(marker.clone()).send()
        };
        let page = call("rds:DescribeEngineDefaultClusterParameters", request).await?.engine_defaults;
        let (parameters, next) = page.map(|page| (page.parameters, page.marker)).unwrap_or_default();
        all.extend(parameters.unwrap_or_default());
        match next {
            Some(next) => marker = Some(next),
            None => return Ok(all),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_takes_what_it_allows() {
        let rows = [
            ("integer", "6-8388607", "200", true),
            ("integer", "6-8388607", "5", false),
            ("integer", "6-8388607", "many", false),
            ("integer", "-1-2147483647", "-1", true),
            ("integer", "-1-2147483647", "-2", false),
            ("integer", "0,4-10", "0", true),
            ("integer", "0,4-10", "3", false),
            ("integer", "6-8388607", "LEAST({DBInstanceClassMemory/9531392},5000)", true),
            ("float", "0-1.0", "0.9", true),
            ("float", "0-1.0", "1.5", false),
            ("boolean", "0,1", "1", true),
            ("boolean", "0,1", "on", false),
            ("string", "none,ddl,mod,all", "all", true),
            ("string", "none,ddl,mod,all", "some", false),
            ("string", "", "anything", true),
            ("list", "auto_explain,pg_stat_statements", "pg_stat_statements, auto_explain", true),
            ("list", "auto_explain,pg_stat_statements", "timescaledb", false),
        ];
        for (data_type, allowed, value, expected) in rows {
            let definition =
                Definition { data_type: data_type.to_owned(), allowed: allowed.to_owned(), modifiable: true };
            assert_eq!(definition.allows(value), expected, "{data_type} {allowed} {value}");
        }
    }

    #[test]
    fn a_parameter_stays_where_the_stack_has_it() {
        let found = |name: &str, kind: &str| {
            Parameter::builder().parameter_name(name).parameter_value("1").apply_type(kind).build()
        };
        let all = || vec![found("max_connections", "static"), found("work_mem", "dynamic")];
        let values = |name: &str| Values::from([(name.to_owned(), "1".to_owned())]);
        assert_eq!(parts(all(), None), (values("work_mem"), values("max_connections")));
        let desired = (values("max_connections"), values("work_mem"));
        assert_eq!(parts(all(), Some((&desired.0, &desired.1))), (values("max_connections"), values("work_mem")));
    }

    #[test]
    fn only_what_differs_is_told_and_with_the_method_that_aws_takes() {
        let values = |pairs: &[(&str, &str)]| -> Values {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let before = values(&[("a", "1"), ("b", "1"), ("c", "1")]);
        let wanted = values(&[("a", "1"), ("b", "2"), ("d", "1")]);
        let (set, reset) = steps(&before, &wanted, &BTreeSet::from(["b".to_owned()]));
        let line = |p: &Parameter| (p.parameter_name.clone().unwrap_or_default(), p.apply_method.clone());
        let now = Some(ApplyMethod::Immediate);
        let later = Some(ApplyMethod::PendingReboot);
        assert_eq!(set.iter().map(line).collect::<Vec<_>>(), [("b".to_owned(), now), ("d".to_owned(), later.clone())]);
        assert_eq!(reset.iter().map(line).collect::<Vec<_>>(), [("c".to_owned(), later)]);
    }
}
