//! What Aurora has, and what it does not have.

use tfplugin_sdk::{Attr, Diagnostics, Path};

use super::{
    super::{Database, SERVERLESS, Serverless, Storage},
    check_logs,
};
use crate::cluster::check::{one_of, within};

/// Checks a database on Aurora.
pub fn check(config: &Database, path: &Path, d: &mut Diagnostics) {
    if !config.multi_az.is_null() {
        let detail =
            "Aurora keeps the data in three zones, and a reader takes over when the writer fails: set replicas.count.";
        d.attribute_error(path.attr("multi_az"), "Aurora has no standby", detail);
    }
    let replicas = config.replicas.known();
    if replicas.is_some_and(|replicas| !replicas.multi_az.is_null()) {
        let detail = "A reader of Aurora has no standby. Add readers instead: replicas.count.";
        d.attribute_error(path.attr("replicas").attr("multi_az"), "Aurora has no standby", detail);
    }
    if let Attr::Known(storage) = &config.storage {
        check_storage(storage, &path.attr("storage"), d);
    }
    let replica_class = replicas.map_or(&Attr::Null, |replicas| &replicas.instance_class);
    check_serverless(config, replica_class, path, d);
    check_logs(config, &["postgresql", "iam-db-auth-error"], &path.attr("logs"), d);
    if config.monitoring.known().is_some_and(|m| m.insights_mode.known().is_some_and(|mode| mode == "advanced")) {
        let detail = "The advanced mode of Database Insights cannot be set for Aurora yet. Leave insights_mode out, or set it in the console.";
        d.attribute_error(path.attr("monitoring").attr("insights_mode"), "Not yet supported", detail);
    }
}

fn check_storage(storage: &Storage, path: &Path, d: &mut Diagnostics) {
    one_of(&storage.kind, &["aurora", "aurora-iopt1"], &path.attr("type"), d);
    for (value, field) in
        [(&storage.gb, "gb"), (&storage.max_gb, "max_gb"), (&storage.iops, "iops"), (&storage.throughput, "throughput")]
    {
        if !value.is_null() {
            let detail = "Aurora's storage grows and shrinks by itself. Leave this field out.";
            d.attribute_error(path.attr(field), "Aurora's storage has no size", detail);
        }
    }
}

fn check_serverless(config: &Database, replica_class: &Attr<String>, path: &Path, d: &mut Diagnostics) {
    let is_serverless = |class: &Attr<String>| class.known().is_some_and(|class| class == SERVERLESS);
    let needed = is_serverless(&config.instance_class) || is_serverless(replica_class);
    let at = path.attr("serverless");
    match &config.serverless {
        Attr::Null if needed => {
            let detail =
                "Instances of the class db.serverless need their limits: serverless = { min_acu = 0.5, max_acu = 16 }.";
            d.attribute_error(at, "Limits missing", detail);
        }
        Attr::Known(serverless) => check_limits(serverless, &at, d),
        Attr::Null | Attr::Unknown => {}
    }
}

/// Aurora User Guide, "Performance and scaling for Aurora Serverless v2".
fn check_limits(serverless: &Serverless, path: &Path, d: &mut Diagnostics) {
    within(&serverless.min_acu, 0.0..=256.0, "The capacity in ACU", &path.attr("min_acu"), d);
    within(&serverless.max_acu, 1.0..=256.0, "The capacity in ACU", &path.attr("max_acu"), d);
    for (value, field) in [(&serverless.min_acu, "min_acu"), (&serverless.max_acu, "max_acu")] {
        if let Attr::Known(acu) = value
            && (acu * 2.0).fract() != 0.0
        {
            d.attribute_error(
                path.attr(field),
                "Invalid capacity",
                format!("Capacity comes in steps of 0.5, not {acu}."),
            );
        }
    }
    if let (Attr::Known(min), Attr::Known(max)) = (&serverless.min_acu, &serverless.max_acu)
        && min > max
    {
        let detail = format!("min_acu = {min} is above max_acu = {max}.");
        d.attribute_error(path.attr("min_acu"), "Limits crossed", detail);
    }
    let pause = &serverless.pause_after_seconds;
    within(pause, 300..=86_400, "The pause in seconds", &path.attr("pause_after_seconds"), d);
    if pause.is_known() && serverless.min_acu.known().is_some_and(|min| *min > 0.0) {
        let detail = "Only with min_acu = 0 does an instance pause.";
        d.attribute_error(path.attr("pause_after_seconds"), "No pause with this capacity", detail);
    }
}
