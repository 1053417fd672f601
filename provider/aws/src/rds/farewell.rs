//! What the deletion of a database leaves behind.

use stellar_engine::{Retained, Status};

/// A final snapshot, or the automated backups where RDS cannot take one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Farewell {
    /// Name of the final snapshot.
    pub(super) snapshot: Option<String>,
    /// Keep the automated backups.
    pub(super) keep_backups: bool,
}

impl Farewell {
    /// `wanted` unless the user said otherwise. The snapshot's name follows from the resource id, so that every
    /// attempt means the same one, and no other database ever has it.
    pub(super) fn of(identifier: &str, resource_id: &str, status: &Status, wanted: bool) -> Self {
        let is_failed = matches!(status, Status::Failed(_) | Status::Unmade(_));
        // What never was in use has no backups either.
        let has_backups = matches!(status, Status::Failed(_));
        let tail: String = resource_id.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
        let tail = tail.get(tail.len().saturating_sub(8)..).unwrap_or_default();
        let name = format!("{identifier}-final-{tail}");
        Self { snapshot: (wanted && !is_failed).then_some(name), keep_backups: wanted && has_backups }
    }

    /// For the list of what stays; `kind` is the snapshot's.
    pub(super) fn retained(self, kind: &str, identifier: &str) -> Vec<Retained> {
        let snapshot = self.snapshot.map(|id| Retained {
            kind: kind.to_owned(),
            id,
            reason: format!("final snapshot of {identifier}"),
        });
        let backups = self.keep_backups.then(|| Retained {
            kind: "rds/automated-backup".to_owned(),
            id: identifier.to_owned(),
            reason: "the database had failed, so that no final snapshot could be taken".to_owned(),
        });
        snapshot.into_iter().chain(backups).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deletion_never_loses_data_unasked() {
        let (ready, failed) = (Status::Ready, Status::Failed("incompatible-restore".to_owned()));
        let unmade = Status::Unmade("incompatible-network".to_owned());
        let snapshot = Some("shop-db-final-f2345678");
        let rows = [
            (&ready, true, snapshot, false),
            (&ready, false, None, false),
            (&failed, true, None, true),
            (&failed, false, None, false),
            (&unmade, true, None, false),
        ];
        for (status, wanted, snapshot, keep_backups) in rows {
            let farewell = Farewell::of("shop-db", "db-ABCDEF2345678", status, wanted);
            assert_eq!((farewell.snapshot.as_deref(), farewell.keep_backups), (snapshot, keep_backups), "{status:?}");
        }
    }
}
