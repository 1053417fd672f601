//! What the configuration alone decides.

use tfplugin_sdk::{Attr, Diagnostics, Path};

use super::{Cache, Snapshot, engine::Engine, expand::TOKEN};
use crate::cluster::{
    access,
    check::{one_of, within},
    window::{check_daily, check_weekly, overlap},
};

/// Checks the section at `path`; unknown values are skipped.
pub fn validate(config: &Cache, path: &Path, d: &mut Diagnostics) {
    check_engine(config, path, d);
    if let Attr::Known(node_type) = &config.node_type
        && !is_node_type(node_type)
    {
        let detail = format!("{node_type:?} is not a node type such as \"cache.r7g.large\".");
        d.attribute_error(path.attr("node_type"), "Invalid node type", detail);
    }
    within(&config.shards, 1..=90, "The number of shards", &path.attr("shards"), d);
    within(&config.replicas, 0..=5, "The number of replicas of each shard", &path.attr("replicas"), d);
    if config.cluster_mode.known() == Some(&false) && config.shards.known().is_some_and(|shards| *shards > 1) {
        let detail = "More than one shard is cluster mode. Remove cluster_mode, or set shards = 1.";
        d.attribute_error(path.attr("cluster_mode"), "Shards need cluster mode", detail);
    }
    one_of(&config.auth, &["none", TOKEN], &path.attr("auth"), d);
    check_weekly(&config.maintenance_window, 60, &path.attr("maintenance_window"), d);
    let parameters = config.parameters.known();
    if parameters.is_some_and(|parameters| parameters.contains_key("cluster-enabled")) {
        let detail = "Remove this parameter, and set cluster_mode on the cache instead.";
        d.attribute_error(path.attr("parameters").key("cluster-enabled"), "Parameter is set elsewhere", detail);
    }
    access::validate(&config.access, &path.attr("access"), d);
    if let Attr::Known(snapshot) = &config.snapshot {
        check_snapshot(snapshot, &path.attr("snapshot"), d);
        check_windows(snapshot, config, &path.attr("snapshot").attr("window"), d);
    }
}

/// Source: API reference of CreateReplicationGroup, SnapshotWindow.
fn check_windows(snapshot: &Snapshot, config: &Cache, path: &Path, d: &mut Diagnostics) {
    if overlap(&snapshot.window, &config.maintenance_window) {
        let detail = "ElastiCache does not accept a snapshot window that overlaps the maintenance_window.";
        d.attribute_error(path.clone(), "Windows overlap", detail);
    }
}

fn check_engine(config: &Cache, path: &Path, d: &mut Diagnostics) {
    let before = d.len();
    one_of(&config.engine, &["valkey", "redis"], &path.attr("engine"), d);
    if d.len() > before {
        return;
    }
    let Ok(engine) = Engine::of(config) else { return };
    if engine.family().is_none() {
        let detail = format!(
            "{:?} is not a version of {} with major and minor number. Valkey begins with \"7.2\" and has \"8.0\"; Redis OSS \
             has \"6.0\" to \"7.1\".",
            engine.version, engine.name
        );
        d.attribute_error(path.attr("version"), "Invalid version", detail);
    }
}

/// `cache.<family>.<size>`; whether the region offers it shows in the plan.
fn is_node_type(text: &str) -> bool {
    text.starts_with("cache.") && text.split('.').filter(|part| !part.is_empty()).count() == 3
}

fn check_snapshot(snapshot: &Snapshot, path: &Path, d: &mut Diagnostics) {
    within(&snapshot.retention_days, 0..=35, "The retention of snapshots in days", &path.attr("retention_days"), d);
    check_daily(&snapshot.window, 60, &path.attr("window"), d);
    let none = snapshot.retention_days.known() == Some(&0);
    if none && snapshot.window.is_known() {
        let detail = "With retention_days = 0 no daily snapshots are made. Remove the window.";
        d.attribute_error(path.attr("window"), "Window without snapshots", detail);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> Cache {
        Cache { node_type: "cache.r7g.large".into(), ..Cache::default() }
    }

    fn errors(config: &Cache) -> Vec<String> {
        let mut d = Diagnostics::new();
        validate(config, &Path::root().attr("cache"), &mut d);
        d.iter().map(|error| format!("{}: {}", error.path.clone().unwrap_or_default(), error.summary)).collect()
    }

    fn snapshot(days: i64, window: &str) -> Cache {
        let snapshot = Snapshot { retention_days: Attr::Known(days), window: window.into(), ..Snapshot::default() };
        Cache { snapshot: Attr::Known(snapshot), ..small() }
    }

    fn weekly(window: &str) -> Cache {
        Cache { maintenance_window: window.into(), ..snapshot(7, "03:00-04:00") }
    }

    #[test]
    fn what_aws_would_refuse_is_refused_at_its_attribute() {
        let parameters = Attr::Known([("cluster-enabled".to_owned(), "no".to_owned())].into());
        let groups = Attr::Known(["sg_1".to_owned()].into());
        let access = Attr::Known(access::Access { security_group_ids: groups, ..access::Access::default() });
        let rows: Vec<(Cache, &[&str])> = vec![
            (small(), &[]),
            (Cache { engine: "redis".into(), version: "7.1".into(), ..small() }, &[]),
            (Cache { engine: Attr::Unknown, version: "9.9".into(), ..small() }, &[]),
            (Cache { engine: "memcached".into(), ..small() }, &["cache.engine: Invalid value"]),
            (Cache { version: "8".into(), ..small() }, &["cache.version: Invalid version"]),
            (Cache { engine: "redis".into(), version: "8.0".into(), ..small() }, &["cache.version: Invalid version"]),
            (Cache { node_type: "r7g.large".into(), ..small() }, &["cache.node_type: Invalid node type"]),
            (Cache { shards: Attr::Known(0), ..small() }, &["cache.shards: Number out of range"]),
            (Cache { replicas: Attr::Known(0), ..small() }, &[]),
            (Cache { replicas: Attr::Known(-1), ..small() }, &["cache.replicas: Number out of range"]),
            (
                Cache { shards: Attr::Known(2), cluster_mode: Attr::Known(false), ..small() },
                &["cache.cluster_mode: Shards need cluster mode"],
            ),
            (Cache { auth: "password".into(), ..small() }, &["cache.auth: Invalid value"]),
            (weekly("sun:04:00-sun:05:00"), &[]),
            (weekly("sun:04:00-sun:04:30"), &["cache.maintenance_window: Invalid window"]),
            (weekly("sun:03:30-sun:05:00"), &["cache.snapshot.window: Windows overlap"]),
            (snapshot(0, "01:00-02:00"), &["cache.snapshot.window: Window without snapshots"]),
            (Cache { replicas: Attr::Known(6), ..small() }, &["cache.replicas: Number out of range"]),
            (Cache { parameters, ..small() }, &["cache.parameters[\"cluster-enabled\"]: Parameter is set elsewhere"]),
            (Cache { access, ..small() }, &["cache.access.security_group_ids: Invalid security group"]),
            (snapshot(7, "01:00-02:00"), &[]),
            (snapshot(36, "01:00-02:00"), &["cache.snapshot.retention_days: Number out of range"]),
            (snapshot(7, "01:00-01:30"), &["cache.snapshot.window: Invalid window"]),
        ];
        for (config, expected) in rows {
            assert_eq!(errors(&config), expected, "{config:?}");
        }
    }
}
