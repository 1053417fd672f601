//! Where the data of a new database comes from, and whether it fits the database that is wanted.

use aws_sdk_rds::types::{DbInstanceAutomatedBackup, DbSnapshot};
use aws_smithy_types::{DateTime, date_time::Format};
use serde::{Deserialize, Serialize};
use stellar_engine::{Error, ErrorClass};

use super::versions::{major, parts};
use crate::{Aws, call};

/// A snapshot, or a moment in the life of another database.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Restore {
    /// Identifier or ARN of a snapshot.
    pub snapshot: Option<String>,
    /// Identifier of a living database, or resource id (`db-…`, `cluster-…`) of one whose backups were kept.
    pub source: Option<String>,
    /// RFC 3339; `None` = the latest moment possible.
    pub time: Option<String>,
}

impl Restore {
    /// The moment in the SDK's form; `None` = the latest possible.
    pub(super) fn moment(&self) -> Result<Option<DateTime>, Error> {
        let parse = |text: &String| DateTime::from_str(text, Format::DateTimeWithOffset);
        let moment = self.time.as_ref().map(parse).transpose();
        moment.map_err(|e| Error::permanent(format!("{:?} is not a time: {e}", self.time)))
    }
}

/// Whether the text is a time in the form of RFC 3339.
pub fn is_time(text: &str) -> bool {
    DateTime::from_str(text, Format::DateTimeWithOffset).is_ok()
}

/// What AWS says about the data that is to be restored.
#[derive(Debug, PartialEq)]
pub(super) struct Origin {
    /// For people: `snapshot shop-1`.
    pub(super) what: String,
    pub(super) engine: String,
    pub(super) version: String,
    pub(super) username: String,
    /// ARN of the key; `None` = not encrypted.
    pub(super) key: Option<String>,
    /// GiB; 0 where it does not matter (Aurora).
    pub(super) storage_gb: i32,
}

/// What the new database is to be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    pub(super) engine: &'a str,
    pub(super) version: &'a str,
    pub(super) username: &'a str,
    pub(super) storage_gb: i32,
}

impl Origin {
    /// Refuses what would end in another database than the wanted one, before anything is made.
    ///
    /// # Errors
    /// [`ErrorClass::Permanent`] with the attribute to change.
    pub(super) fn check(&self, wanted: &Wanted<'_>) -> Result<(), Error> {
        let what = &self.what;
        if self.engine != wanted.engine {
            let text = format!("the {what} is one of {}, not of {}: set database.engine", self.engine, wanted.engine);
            return Err(Error::permanent(text));
        }
        if self.username != wanted.username {
            let text = format!(
                "the master user of the {what} is {0:?} and cannot be changed: set database.username = \"{0}\"",
                self.username
            );
            return Err(Error::permanent(text));
        }
        if is_older(wanted.version, &self.version) {
            let text = format!(
                "the {what} has version {}, and a database never goes back to {}: set database.version = \"{}\" or newer",
                self.version,
                wanted.version,
                major(&self.version)
            );
            return Err(Error::permanent(text));
        }
        if wanted.storage_gb < self.storage_gb {
            let text = format!(
                "the {what} has {} GiB of storage, which cannot shrink: set database.storage.gb to that at least",
                self.storage_gb
            );
            return Err(Error::permanent(text));
        }
        Ok(())
    }
}

/// Whether `wanted`, a major or full version, lies before the full version `found`: `16.3` and `15` before `16.4`.
pub fn is_older(wanted: &str, found: &str) -> bool {
    let (wanted, found) = (parts(wanted), parts(found));
    wanted.as_slice() < found.get(..wanted.len()).unwrap_or(&found)
}

/// What is to be restored into an RDS instance.
pub(super) async fn instance_origin(aws: &Aws, region: &str, restore: &Restore) -> Result<Origin, Error> {
    match (&restore.snapshot, &restore.source) {
        (Some(snapshot), _) => Ok(of_snapshot(&describe_snapshot(aws, region, snapshot).await?)),
        (None, Some(source)) => Ok(of_backup(&describe_backup(aws, region, source).await?)),
        (None, None) => Err(Error::bug("nothing to restore from")),
    }
}

/// The snapshot of that identifier or ARN.
pub(super) async fn describe_snapshot(aws: &Aws, region: &str, id: &str) -> Result<DbSnapshot, Error> {
    let rds = aws.rds(region);
    let request = || rds.describe_db_snapshots().db_snapshot_identifier(id).send();
    let found = call("rds:DescribeDBSnapshots", request).await.map_err(|e| missing(e, "snapshot", id))?;
    let first = found.db_snapshots.unwrap_or_default().into_iter().next();
    first.ok_or_else(|| Error::permanent(format!("there is no snapshot {id} in {region}")))
}

/// The automated backups of a database: of the living one of that name, else of a deleted one whose backups were kept.
async fn describe_backup(aws: &Aws, region: &str, source: &str) -> Result<DbInstanceAutomatedBackup, Error> {
    let rds = aws.rds(region);
    let request = || {
        let request = rds.describe_db_instance_automated_backups();
        match is_resource_id(source) {
            true => request.dbi_resource_id(source).send(),
            false => request.db_instance_identifier(source).send(),
        }
    };
    let found = call("rds:DescribeDBInstanceAutomatedBackups", request).await;
    let found = found.map_err(|e| missing(e, "backup of", source))?.db_instance_automated_backups.unwrap_or_default();
    let living = found.iter().position(|backup| backup.status() == Some("active"));
    let none = || Error::permanent(format!("there are no automated backups of {source} in {region}"));
    found.into_iter().nth(living.unwrap_or_default()).ok_or_else(none)
}

/// `db-` or `cluster-` and capital letters and digits; identifiers are in lower case.
pub(super) fn is_resource_id(source: &str) -> bool {
    let Some(rest) = source.strip_prefix("db-").or(source.strip_prefix("cluster-")) else { return false };
    rest.bytes().any(|b| b.is_ascii_uppercase()) && rest.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

fn of_snapshot(found: &DbSnapshot) -> Origin {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    Origin {
        what: format!("snapshot {}", found.db_snapshot_identifier().unwrap_or_default()),
        engine: text(found.engine()),
        version: text(found.engine_version()),
        username: text(found.master_username()),
        key: found.kms_key_id().map(str::to_owned),
        storage_gb: found.allocated_storage().unwrap_or_default(),
    }
}

fn of_backup(found: &DbInstanceAutomatedBackup) -> Origin {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    Origin {
        what: format!("database {}", found.db_instance_identifier().unwrap_or_default()),
        engine: text(found.engine()),
        version: text(found.engine_version()),
        username: text(found.master_username()),
        key: found.kms_key_id().map(str::to_owned),
        storage_gb: found.allocated_storage().unwrap_or_default(),
    }
}

/// An origin that is not there is the user's mistake, not an object that may appear.
pub(super) fn missing(error: Error, what: &str, id: &str) -> Error {
    match error.class {
        ErrorClass::Absent => Error {
            class: ErrorClass::Permanent,
            message: format!("there is no {what} {id}: {}", error.message),
            ..error
        },
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_refused_with_the_attribute_to_change() {
        let origin = Origin {
            what: "snapshot s".to_owned(),
            engine: "postgres".to_owned(),
            version: "16.4".to_owned(),
            username: "app".to_owned(),
            key: None,
            storage_gb: 100,
        };
        let fits = Wanted { engine: "postgres", version: "16", username: "app", storage_gb: 100 };
        let rows = [
            (Wanted { ..fits }, None),
            (Wanted { version: "17", storage_gb: 200, ..fits }, None),
            (Wanted { version: "16.4", ..fits }, None),
            (Wanted { engine: "aurora-postgresql", ..fits }, Some("database.engine")),
            (Wanted { username: "stellar", ..fits }, Some("database.username")),
            (Wanted { version: "15", ..fits }, Some("database.version")),
            (Wanted { version: "16.3", ..fits }, Some("database.version")),
            (Wanted { storage_gb: 50, ..fits }, Some("database.storage.gb")),
        ];
        for (wanted, attribute) in rows {
            match (origin.check(&wanted), attribute) {
                (Ok(()), None) => {}
                (Err(error), Some(attribute)) => assert!(error.message.contains(attribute), "{}", error.message),
                (result, _) => panic!("{wanted:?}: {result:?}"),
            }
        }
    }

    #[test]
    fn resource_ids_are_told_from_identifiers() {
        for (source, expected) in [
            ("db-ABCDEFGHIJKLMNOPQRSTUVWXY2", true),
            ("cluster-ABCDEFGHIJKLMNOPQRSTUVWXY2", true),
            ("db-shop", false),
            ("db-2", false),
            ("shop-database", false),
        ] {
            assert_eq!(is_resource_id(source), expected, "{source}");
        }
    }
}
