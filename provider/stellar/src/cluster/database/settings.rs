//! The configuration with its defaults.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};
use stellar_aws::rds::{
    cluster::Serverless,
    parameters::{Values, waits_for_restart},
    restore::Restore,
};
use tfplugin_sdk::Attr;

use super::{DEFAULT_VERSION, Database, Engine, PORT, Storage, major};
use crate::cluster::{
    build::Builder,
    known::{NotYetKnown, known},
};

/// Name of database and master user without configuration.
pub(super) const DEFAULT_NAME: &str = "stellar";
/// The log that is exported without configuration.
const DEFAULT_LOG: &str = "postgresql";
/// From this size on (GiB) gp3 has several volumes under it, and IOPS and throughput can be set (RDS User Guide,
/// "Amazon RDS DB instance storage").
pub(super) const STRIPED_GB: i64 = 400;
/// IOPS and MiB/s of such storage without configuration.
pub(super) const STRIPED_DEFAULT: (i32, i32) = (12_000, 500);

/// What expand works with.
pub(super) struct Settings {
    pub engine: Engine,
    pub version: String,
    pub family: String,
    pub lifecycle_support: String,
    pub instance_class: String,
    pub serverless: Option<Serverless>,
    pub storage: Volume,
    pub replicas: i64,
    pub replica_class: String,
    pub replica_multi_az: bool,
    pub replica_zones: Vec<String>,
    pub multi_az: bool,
    pub restore: Option<Restore>,
    pub name: String,
    pub username: String,
    pub port: i32,
    pub iam_authentication: bool,
    /// At once, and at the next restart.
    pub parameters: (Values, Values),
    pub reboots: bool,
    pub backup_days: i32,
    pub backup_window: Option<String>,
    pub final_snapshot: bool,
    pub maintenance_window: Option<String>,
    pub monitoring_seconds: i32,
    pub insights_retention_days: i32,
    pub insights_mode: String,
    pub logs: BTreeSet<String>,
    pub log_retention_days: i32,
    pub certificate_authority: Option<String>,
    pub apply_immediately: bool,
}

/// Storage as RDS takes it.
pub(super) struct Volume {
    pub gb: i32,
    pub max_gb: i32,
    pub kind: String,
    pub iops: Option<i32>,
    pub throughput: Option<i32>,
}

impl Settings {
    pub fn of(config: &Database) -> Result<Self, NotYetKnown> {
        let replicas = known(&config.replicas, "database.replicas")?.cloned().unwrap_or_default();
        let backup = known(&config.backup, "database.backup")?.cloned().unwrap_or_default();
        let monitoring = known(&config.monitoring, "database.monitoring")?.cloned().unwrap_or_default();
        let instance_class = text(&config.instance_class, "database.instance_class", "")?;
        let version = text(&config.version, "database.version", DEFAULT_VERSION)?;
        let engine = Engine::of(&text(&config.engine, "database.engine", "postgres")?);
        let support = text(&config.support, "database.support", "standard")?;
        let zones = known(&replicas.availability_zones, "database.replicas.availability_zones")?;
        let logs = known(&config.logs, "database.logs")?.cloned();
        Ok(Self {
            engine,
            family: engine.family(&version),
            version,
            lifecycle_support: lifecycle_support(&support),
            serverless: serverless(config)?,
            storage: volume(config, engine)?,
            replicas: number(&replicas.count, "database.replicas.count", 0)?.into(),
            replica_class: text(&replicas.instance_class, "database.replicas.instance_class", &instance_class)?,
            replica_multi_az: flag(&replicas.multi_az, "database.replicas.multi_az", false)?,
            replica_zones: zones.cloned().unwrap_or_default(),
            instance_class,
            multi_az: flag(&config.multi_az, "database.multi_az", true)?,
            restore: restore(config)?,
            name: text(&config.name, "database.name", DEFAULT_NAME)?,
            username: text(&config.username, "database.username", DEFAULT_NAME)?,
            port: number(&config.port, "database.port", PORT)?,
            iam_authentication: flag(&config.iam_authentication, "database.iam_authentication", false)?,
            parameters: parameters(known(&config.parameters, "database.parameters")?),
            reboots: text(&config.reboot, "database.reboot", "never")? == "when_needed",
            backup_days: number(&backup.retention_days, "database.backup.retention_days", 7)?,
            backup_window: known(&backup.window, "database.backup.window")?.cloned(),
            final_snapshot: flag(&backup.final_snapshot, "database.backup.final_snapshot", true)?,
            maintenance_window: known(&config.maintenance_window, "database.maintenance_window")?.cloned(),
            monitoring_seconds: number(&monitoring.interval_seconds, "database.monitoring.interval_seconds", 60)?,
            insights_retention_days: number(
                &monitoring.insights_retention_days,
                "database.monitoring.insights_retention_days",
                7,
            )?,
            insights_mode: text(&monitoring.insights_mode, "database.monitoring.insights_mode", "standard")?,
            logs: logs.unwrap_or_else(|| BTreeSet::from([DEFAULT_LOG.to_owned()])),
            log_retention_days: number(&config.log_retention_days, "database.log_retention_days", 30)?,
            certificate_authority: known(&config.certificate_authority, "database.certificate_authority")?.cloned(),
            apply_immediately: text(&config.apply, "database.apply", "immediately")? == "immediately",
        })
    }

    /// The full version to install, once it has been looked up.
    pub fn release(&self, b: &Builder<'_>) -> Option<String> {
        let is_major = self.version == major(&self.version);
        b.facts.database.releases.get(&self.family).filter(|_| is_major).cloned()
    }

    /// A full version is pinned, a major one follows AWS.
    pub fn follows_minor_versions(&self) -> bool {
        self.version == major(&self.version)
    }

    /// Digest of the parameters that wait for a restart, when the user wants to have them by one.
    pub fn reboot(&self) -> Option<String> {
        let text: Vec<String> = self.parameters.1.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
        let digest: String = Sha256::digest(text.concat()).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        self.reboots.then_some(digest)
    }

    /// The zone of a replica or reader, counted from 1.
    pub fn replica_zone(&self, number: i64) -> Option<String> {
        let index = usize::try_from(number - 1).unwrap_or_default();
        let count = self.replica_zones.len();
        if count == 0 { None } else { self.replica_zones.get(index % count).cloned() }
    }
}

/// RDS API, `EngineLifecycleSupport`: the same words for RDS and Aurora.
fn lifecycle_support(support: &str) -> String {
    let ending = if support == "extended" { "" } else { "-disabled" };
    format!("open-source-rds-extended-support{ending}")
}

/// Always with TLS: older families accept connections without it unless told not to.
fn parameters(wanted: Option<&BTreeMap<String, String>>) -> (Values, Values) {
    let mut all = wanted.cloned().unwrap_or_default();
    all.insert("rds.force_ssl".to_owned(), "1".to_owned());
    let (at_restart, at_once) = all.into_iter().partition(|(name, _)| waits_for_restart(name));
    (at_once, at_restart)
}

fn volume(config: &Database, engine: Engine) -> Result<Volume, NotYetKnown> {
    let storage = known(&config.storage, "database.storage")?.cloned().unwrap_or_default();
    let gb = number(&storage.gb, "database.storage.gb", 100)?;
    let kind = text(&storage.kind, "database.storage.type", default_kind(engine))?;
    let (iops, throughput) = speed(&storage)?;
    let striped = kind == "gp3" && i64::from(gb) >= STRIPED_GB;
    Ok(Volume {
        gb,
        max_gb: number(&storage.max_gb, "database.storage.max_gb", gb)?,
        iops: iops.or(striped.then_some(STRIPED_DEFAULT.0)),
        throughput: throughput.or(striped.then_some(STRIPED_DEFAULT.1)),
        kind,
    })
}

fn speed(storage: &Storage) -> Result<(Option<i32>, Option<i32>), NotYetKnown> {
    let number = |value: &Attr<i64>, attribute: &str| -> Result<Option<i32>, NotYetKnown> {
        Ok(known(value, attribute)?.map(|number| i32::try_from(*number).unwrap_or(i32::MAX)))
    };
    Ok((number(&storage.iops, "database.storage.iops")?, number(&storage.throughput, "database.storage.throughput")?))
}

fn default_kind(engine: Engine) -> &'static str {
    match engine {
        Engine::Postgres => "gp3",
        Engine::Aurora => "aurora",
    }
}

fn serverless(config: &Database) -> Result<Option<Serverless>, NotYetKnown> {
    let Some(serverless) = known(&config.serverless, "database.serverless")? else { return Ok(None) };
    let pause = known(&serverless.pause_after_seconds, "database.serverless.pause_after_seconds")?;
    Ok(Some(Serverless {
        min_acu: known(&serverless.min_acu, "database.serverless.min_acu")?.copied().unwrap_or_default(),
        max_acu: known(&serverless.max_acu, "database.serverless.max_acu")?.copied().unwrap_or_default(),
        pause_after_seconds: pause.map(|seconds| i32::try_from(*seconds).unwrap_or(i32::MAX)),
    }))
}

fn restore(config: &Database) -> Result<Option<Restore>, NotYetKnown> {
    let Some(from) = known(&config.restore_from, "database.restore_from")? else { return Ok(None) };
    Ok(Some(Restore {
        snapshot: known(&from.snapshot, "database.restore_from.snapshot")?.cloned(),
        source: known(&from.source, "database.restore_from.source")?.cloned(),
        time: known(&from.time, "database.restore_from.time")?.cloned(),
    }))
}

fn text(value: &Attr<String>, attribute: &str, default: &str) -> Result<String, NotYetKnown> {
    Ok(known(value, attribute)?.cloned().unwrap_or_else(|| default.to_owned()))
}

fn flag(value: &Attr<bool>, attribute: &str, default: bool) -> Result<bool, NotYetKnown> {
    Ok(known(value, attribute)?.copied().unwrap_or(default))
}

/// Validation has refused numbers out of their range.
fn number(value: &Attr<i64>, attribute: &str, default: i32) -> Result<i32, NotYetKnown> {
    Ok(known(value, attribute)?.map_or(default, |number| i32::try_from(*number).unwrap_or(i32::MAX)))
}
