//! Inputs and outputs of the section, as users see them.

use std::collections::BTreeMap;

use tfplugin_sdk::{Attr, Schema};

use crate::cluster::access::Access;

/// A PostgreSQL database on RDS. It is private, encrypted at rest, and accepts TLS connections only.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Database {
    /// `postgres` (default).
    pub engine: Attr<String>,
    /// A major version such as `17` (default): the newest minor version is installed at creation, and AWS installs later
    /// ones in the maintenance window. A full version such as `17.6` pins it.
    pub version: Attr<String>,
    /// Instance class, for instance `db.r6g.large`.
    #[attr(required)]
    pub instance_class: Attr<String>,
    /// Storage of the primary and of each replica.
    pub storage: Attr<Storage>,
    /// Read replicas.
    pub replicas: Attr<Replicas>,
    /// A standby of the primary in another zone, which takes over when the primary fails. Default: true.
    pub multi_az: Attr<bool>,
    /// Creates the database from a snapshot or from another database. Not yet supported.
    pub restore_from: Attr<RestoreFrom>,
    /// Who may connect, beyond the nodes and pods of the stack's own cluster.
    pub access: Attr<Access>,
    /// Name of the database that is made at creation. Default: `stellar`.
    pub name: Attr<String>,
    /// Name of the master user; cannot be changed. Its password is generated into Secrets Manager and is never in the
    /// state. Default: `stellar`.
    pub username: Attr<String>,
    /// Parameters of the engine, in the units of RDS: `shared_buffers` in 8 kB pages, `work_mem` in kB. A change of a
    /// static parameter waits for the next reboot.
    pub parameters: Attr<BTreeMap<String, String>>,
    /// Automated backups.
    pub backup: Attr<Backup>,
    /// Weekly window of at least 30 minutes in UTC, `sun:04:00-sun:05:00`, for minor versions and for changes that wait
    /// for it. Default: AWS chooses one.
    pub maintenance_window: Attr<String>,
    /// Metrics of the operating system and of queries.
    pub monitoring: Attr<Monitoring>,
    /// When changes that interrupt the service are made: `immediately` (default) or in the `maintenance_window`.
    pub apply: Attr<String>,
}

/// Storage of an instance.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Storage {
    /// GiB, 20 to 65536; can only grow. Default: 100.
    pub gb: Attr<i64>,
    /// GiB up to which RDS grows the storage by itself when it runs full, at least 10 % more than `gb`. Default: `gb`,
    /// that is, not at all.
    pub max_gb: Attr<i64>,
    /// `gp3` (default).
    #[attr(rename = "type")]
    pub kind: Attr<String>,
}

/// Read replicas of the primary.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Replicas {
    /// How many, 0 to 15. Default: 0.
    pub count: Attr<i64>,
    /// Their instance class. Default: that of the primary.
    pub instance_class: Attr<String>,
}

/// Where the data of a new database comes from: `snapshot`, or `source` and `time`.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct RestoreFrom {
    /// Identifier or ARN of a snapshot.
    pub snapshot: Attr<String>,
    /// Identifier of the database whose backups are used.
    pub source: Attr<String>,
    /// The moment to go back to, RFC 3339. Default: the latest possible.
    pub time: Attr<String>,
}

/// Automated backups, from which any second of the last days can be restored.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Backup {
    /// Days for which they are kept, 1 to 35. Default: 7.
    pub retention_days: Attr<i64>,
    /// Daily window of at least 30 minutes in UTC, `03:00-04:00`. Default: AWS chooses one.
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
}

/// The database.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Rds {
    /// Identifier of the primary.
    #[attr(computed)]
    pub identifier: Attr<String>,
    /// ARN of the primary.
    #[attr(computed)]
    pub arn: Attr<String>,
    /// Host of the primary, for reading and writing.
    #[attr(computed)]
    pub endpoint: Attr<String>,
    /// Host of the first read replica; null without replicas.
    #[attr(computed)]
    pub reader_endpoint: Attr<String>,
    /// Hosts of all read replicas.
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
    /// Id of the security group of all instances.
    #[attr(computed)]
    pub security_group_id: Attr<String>,
    /// `in-sync`, or `pending-reboot` when a changed parameter waits for a reboot of the primary.
    #[attr(computed)]
    pub parameter_status: Attr<String>,
}
