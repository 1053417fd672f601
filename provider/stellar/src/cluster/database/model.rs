//! Inputs and outputs of the section, as users see them.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin_sdk::{Attr, Schema};

use crate::cluster::access::Access;

/// A PostgreSQL database on RDS or Aurora. It is private, encrypted at rest, and accepts TLS connections only.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Database {
    /// `postgres` (default): RDS for PostgreSQL, a primary with a standby and read replicas. `aurora-postgresql`: an Aurora
    /// cluster of one writer and its readers. Another engine is another database.
    pub engine: Attr<String>,
    /// A major version such as `17` (default): the newest minor version is installed at creation, and AWS installs later
    /// ones in the maintenance window. A full version such as `17.6` pins it. A newer one is installed in place, with
    /// minutes of downtime; an older one is refused.
    pub version: Attr<String>,
    /// `standard` (default): AWS upgrades the database to the next major version when standard support ends. `extended`:
    /// it stays, and AWS charges for Extended Support.
    pub support: Attr<String>,
    /// Instance class, for instance `db.r6g.large`, or `db.serverless` with Aurora. A change restarts the database: seconds
    /// with a standby, minutes without.
    #[attr(required)]
    pub instance_class: Attr<String>,
    /// Capacity of instances of the class `db.serverless`. Aurora only.
    pub serverless: Attr<Serverless>,
    /// Storage of the primary and of each replica.
    pub storage: Attr<Storage>,
    /// Read replicas; with Aurora the readers of the cluster.
    pub replicas: Attr<Replicas>,
    /// A standby of the primary in another zone, which takes over when the primary fails. Default: true. Not for Aurora,
    /// where a reader takes over.
    pub multi_az: Attr<bool>,
    /// Creates the database from a snapshot, or from a moment in the life of another one, also in place of one that was
    /// lost. For an existing database it means nothing: it can stay or go.
    pub restore_from: Attr<RestoreFrom>,
    /// Who may connect, beyond the nodes and pods of the stack's own cluster.
    pub access: Attr<Access>,
    /// Name of the database that is made at creation; cannot be changed. Default: `stellar`.
    pub name: Attr<String>,
    /// Name of the master user; cannot be changed. Its password is generated into Secrets Manager and is never in the
    /// state. Default: `stellar`.
    pub username: Attr<String>,
    /// TCP port, 1150 to 65535. Default: 5432. A change restarts the database.
    pub port: Attr<i64>,
    /// Whether IAM tokens are accepted in place of a password, for users with the role `rds_iam`. Default: false.
    pub iam_authentication: Attr<bool>,
    /// Parameters of the engine, in the units of RDS: `shared_buffers` in 8 kB pages, `work_mem` in kB. Names and values are
    /// checked against the version. Most apply at once; a static one waits for a restart, see `reboot`.
    pub parameters: Attr<BTreeMap<String, String>>,
    /// Whether the database is restarted when a static parameter changes: `when_needed`, in the same apply, or `never`
    /// (default): the change takes effect at the next restart, and the output `rds.parameter_status` is `pending-reboot`
    /// until then.
    pub reboot: Attr<String>,
    /// Automated backups.
    pub backup: Attr<Backup>,
    /// Weekly window of at least 30 minutes in UTC, `sun:04:00-sun:05:00`, for minor versions and for changes that wait
    /// for it. Default: AWS chooses one; the hour after `backup.window` where only that is set.
    pub maintenance_window: Attr<String>,
    /// Metrics of the operating system and of queries.
    pub monitoring: Attr<Monitoring>,
    /// Logs that are written to CloudWatch: `postgresql` (default), `upgrade` (not with Aurora), `iam-db-auth-error`.
    pub logs: Attr<BTreeSet<String>>,
    /// Days for which CloudWatch keeps them. Default: 30.
    pub log_retention_days: Attr<i64>,
    /// Certificate authority of the servers' certificates: `rds-ca-rsa2048-g1`, `rds-ca-rsa4096-g1`, `rds-ca-ecc384-g1`.
    /// Default: AWS's. A change may restart the database.
    pub certificate_authority: Attr<String>,
    /// When changes that interrupt the service are made: `immediately` (default) or in the `maintenance_window`. A new major
    /// version needs `immediately`.
    pub apply: Attr<String>,
}

/// Capacity of serverless instances, in Aurora capacity units (ACU) of 2 GiB of memory each.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Serverless {
    /// Least capacity, 0 to 256 in steps of 0.5; 0 lets an instance pause when nobody is connected.
    #[attr(required)]
    pub min_acu: Attr<f64>,
    /// Most capacity, 1 to 256 in steps of 0.5.
    #[attr(required)]
    pub max_acu: Attr<f64>,
    /// Seconds without connections after which an instance pauses, 300 to 86400; only with `min_acu = 0`. Default: AWS's.
    pub pause_after_seconds: Attr<i64>,
}

/// Storage of an instance.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Storage {
    /// GiB, 20 to 65536 (`io1` and `io2`: from 100 on); can only grow, by a tenth at least, and again after six hours.
    /// Default: 100. Not for Aurora, whose storage grows by itself.
    pub gb: Attr<i64>,
    /// GiB up to which RDS grows the storage by itself when it runs full, at least 10 % more than `gb`. Default: `gb`,
    /// that is, not at all.
    pub max_gb: Attr<i64>,
    /// `gp3` (default), `gp2`, `io1` or `io2`. Aurora: `aurora` (default; I/O is paid by use) or `aurora-iopt1` (I/O is
    /// included). A change goes on in the background, while the database serves.
    #[attr(rename = "type")]
    pub kind: Attr<String>,
    /// Operations per second. `io1`, `io2`: required, 1000 to 256000, at most 50 (`io1`) or 1000 (`io2`) per GiB. `gp3` from
    /// 400 GiB on: 12000 (default) to 64000.
    pub iops: Attr<i64>,
    /// MiB per second, for `gp3` from 400 GiB on: 500 (default) to 4000, and at most a quarter of `iops`.
    pub throughput: Attr<i64>,
}

/// Read replicas of the primary, or readers of an Aurora cluster.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Replicas {
    /// How many, 0 to 15. Default: 0. Added and removed in place, the last one first.
    pub count: Attr<i64>,
    /// Their instance class. Default: that of the primary.
    pub instance_class: Attr<String>,
    /// A standby of each replica in another zone. Default: false. Not for Aurora.
    pub multi_az: Attr<bool>,
    /// Their zones, in turn: the first replica in the first one, and from the beginning again at the end of the list. Default:
    /// AWS chooses. A replica whose zone changes is made anew.
    pub availability_zones: Attr<Vec<String>>,
}

/// Where the data of a new database comes from: `snapshot`, or `source` and `time`.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct RestoreFrom {
    /// Identifier or ARN of a snapshot. One under another key is copied under the stack's key first.
    pub snapshot: Attr<String>,
    /// Identifier of the database whose backups are used, or resource id (`db-…`, `cluster-…`) of a deleted one whose backups
    /// were kept. On RDS it must have the same key.
    pub source: Attr<String>,
    /// The moment to go back to, RFC 3339 (`2026-05-01T12:00:00Z`). Default: the latest possible.
    pub time: Attr<String>,
}

/// Automated backups, from which any second of the last days can be restored.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Backup {
    /// Days for which they are kept, 1 to 35. Default: 7.
    pub retention_days: Attr<i64>,
    /// Daily window of at least 30 minutes in UTC, `03:00-04:00`. Default: AWS chooses one; the hour after the
    /// `maintenance_window` where only that is set.
    pub window: Attr<String>,
    /// Whether deleting the database leaves a last snapshot, and with it the key and the password. Default: true.
    pub final_snapshot: Attr<bool>,
}

/// Metrics of the operating system and of queries.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Monitoring {
    /// Seconds between samples of the operating system: 1, 5, 10, 15, 30 or 60 (default); 0 turns them off.
    pub interval_seconds: Attr<i64>,
    /// Days for which Performance Insights keeps statistics of queries: 7 (default, free), 731, or a multiple of 31 up to
    /// 713; 0 turns it off.
    pub insights_retention_days: Attr<i64>,
    /// Database Insights: `standard` (default) or `advanced`, which needs `insights_retention_days` of 465 or more. Not with
    /// Aurora.
    pub insights_mode: Attr<String>,
}

/// The database.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Rds {
    /// Identifier of the primary, or of the Aurora cluster.
    #[attr(computed)]
    pub identifier: Attr<String>,
    /// ARN of the primary, or of the Aurora cluster.
    #[attr(computed)]
    pub arn: Attr<String>,
    /// Host for reading and writing: the primary, or whichever instance of the Aurora cluster is the writer.
    #[attr(computed)]
    pub endpoint: Attr<String>,
    /// Host for reading alone: the first read replica, null without replicas; with Aurora the cluster's reader endpoint, which
    /// spreads connections over the readers.
    #[attr(computed)]
    pub reader_endpoint: Attr<String>,
    /// Hosts of all read replicas; with Aurora of all instances, of which one is the writer.
    #[attr(computed)]
    pub reader_endpoints: Attr<Vec<String>>,
    /// TCP port of all of them.
    #[attr(computed)]
    pub port: Attr<i64>,
    /// The installed version in full.
    #[attr(computed)]
    pub version: Attr<String>,
    /// Name of the database.
    #[attr(computed)]
    pub name: Attr<String>,
    /// Name of the master user.
    #[attr(computed)]
    pub username: Attr<String>,
    /// ARN of the secret `{"username": …, "password": …}`.
    #[attr(computed)]
    pub secret_arn: Attr<String>,
    /// ARN of the KMS key that encrypts the database, its backups and snapshots. Another stack that restores a backup of it
    /// names this key in its `kms_key_arns`.
    #[attr(computed)]
    pub kms_key_arn: Attr<String>,
    /// Id of the security group of all instances.
    #[attr(computed)]
    pub security_group_id: Attr<String>,
    /// `in-sync`, or `pending-reboot` when a changed parameter waits for a reboot of the primary.
    #[attr(computed)]
    pub parameter_status: Attr<String>,
}
