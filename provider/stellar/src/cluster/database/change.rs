//! Changes of the configuration that no existing database can follow.

use stellar_aws::rds::restore::is_older;
use stellar_engine::{Action, Plan};
use tfplugin_sdk::{Attr, Diagnostics, Path};

use super::{DEFAULT_VERSION, Database, Engine, cluster, major, primary, settings::DEFAULT_NAME};

/// Refuses at `path` what the database cannot become. `installed` is its full version, as in the state.
pub fn check_change(before: &Database, after: &Database, installed: &str, path: &Path, d: &mut Diagnostics) {
    check_version(before, after, installed, path, d);
    if engine(after) == Some(Engine::Postgres) {
        check_storage(before, after, &path.attr("storage").attr("gb"), d);
    }
    let name = |config: &Database| config.name.clone().or(DEFAULT_NAME.to_owned());
    if let (Attr::Known(old), Attr::Known(new)) = (name(before), name(after))
        && old != new
    {
        let detail = format!(
            "The database was made with the name {old:?}. RDS does not rename it: make another one in it with CREATE DATABASE, and \
             leave this field as it was."
        );
        d.attribute_error(path.attr("name"), "The database cannot be renamed", detail);
    }
}

fn engine(config: &Database) -> Option<Engine> {
    match &config.engine {
        Attr::Known(name) => Some(Engine::of(name)),
        Attr::Null => Some(Engine::Postgres),
        Attr::Unknown => None,
    }
}

fn check_version(before: &Database, after: &Database, installed: &str, path: &Path, d: &mut Diagnostics) {
    let Attr::Known(wanted) = after.version.clone().or(DEFAULT_VERSION.to_owned()) else { return };
    // What the configuration says already is a pin behind which AWS has gone on.
    if before.version.clone().or(DEFAULT_VERSION.to_owned()) == Attr::Known(wanted.clone()) || installed.is_empty() {
        return;
    }
    if is_older(&wanted, installed) {
        let detail = format!(
            "The database has version {installed}, and RDS never goes back. For the data as it was before the upgrade, restore a \
             snapshot of that time into another stack."
        );
        d.attribute_error(path.attr("version"), format!("A downgrade to {wanted} is not possible"), detail);
    } else if major(&wanted) != major(installed) && after.apply.known().is_some_and(|when| when != "immediately") {
        let detail = format!(
            "The upgrade from {installed} to {wanted} needs a new parameter group and minutes of downtime, and is not left to wait \
             for the maintenance window. Set apply = \"immediately\" for this apply, at a time that suits you."
        );
        d.attribute_error(path.attr("apply"), "A major version is installed at once", detail);
    }
}

/// RDS User Guide, "Increasing DB instance storage capacity".
fn check_storage(before: &Database, after: &Database, path: &Path, d: &mut Diagnostics) {
    let storage = |config: &Database| match &config.storage {
        Attr::Known(storage) => Some((storage.gb.or(100), storage.max_gb)),
        Attr::Null => Some((Attr::Known(100), Attr::Null)),
        Attr::Unknown => None,
    };
    let (Some((Attr::Known(old), limit)), Some((Attr::Known(new), _))) = (storage(before), storage(after)) else {
        return;
    };
    let grows_by_itself = limit.known().is_some_and(|limit| *limit > old);
    if new < old {
        let detail = format!("The storage has {old} GiB and cannot shrink to {new}.");
        d.attribute_error(path.clone(), "Storage cannot shrink", detail);
    } else if new > old && new * 10 < old * 11 && !grows_by_itself {
        let least = (old * 11 + 9) / 10;
        let detail = format!("RDS grows storage by a tenth at least: from {old} GiB to {least} or more, not to {new}.");
        d.attribute_error(path.clone(), "Storage grows by too little", detail);
    }
}

/// A database that comes from a snapshot or a backup says so, and is no loss where it takes the place of a lost one.
pub fn explain(config: &Database, plan: &mut Plan) {
    let Attr::Known(restore) = &config.restore_from else { return };
    let origin = match (&restore.snapshot, &restore.source, &restore.time) {
        (Attr::Known(snapshot), ..) => format!("from snapshot {snapshot}"),
        (_, Attr::Known(source), Attr::Known(time)) => format!("from the backups of {source}, as of {time}"),
        (_, Attr::Known(source), _) => format!("from the newest backup of {source}"),
        _ => return,
    };
    let places = [primary(), cluster()];
    for change in plan.changes.iter_mut().filter(|change| places.contains(&change.address)) {
        if change.action == Action::Create {
            change.lost = false;
            change.reason = Some(origin.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{RestoreFrom, Storage},
        *,
    };

    fn database(version: &str, gb: i64) -> Database {
        let storage = Storage { gb: Attr::Known(gb), ..Storage::default() };
        Database { version: version.into(), storage: Attr::Known(storage), ..Database::default() }
    }

    #[test]
    fn a_database_never_goes_back() {
        let before = database("16", 100);
        let in_window = |version| Database { apply: "maintenance_window".into(), ..database(version, 100) };
        let rows: Vec<(Database, &[&str])> = vec![
            (database("16", 100), &[]),
            (database("16.9", 100), &[]),
            (database("17", 100), &[]),
            (database("16.3", 100), &["database.version"]),
            (database("15", 100), &["database.version"]),
            (in_window("16.9"), &[]),
            (in_window("17"), &["database.apply"]),
            (database("16", 110), &[]),
            (database("16", 109), &["database.storage.gb"]),
            (database("16", 50), &["database.storage.gb"]),
            (Database { name: "shop".into(), ..database("16", 100) }, &["database.name"]),
        ];
        for (after, expected) in rows {
            let mut d = Diagnostics::new();
            check_change(&before, &after, "16.8", &Path::root().attr("database"), &mut d);
            let paths: Vec<String> = d.iter().map(|e| e.path.clone().unwrap_or_default().to_string()).collect();
            assert_eq!(paths, expected, "{after:?}");
        }
    }

    #[test]
    fn what_is_restored_is_not_lost() {
        let change = |address: stellar_engine::Address| stellar_engine::Change {
            address,
            kind: "rds/instance".to_owned(),
            action: Action::Create,
            id: None,
            fields: vec![],
            reason: None,
            downtime_minutes: 0.0,
            minutes: 0.0,
            data: true,
            lost: true,
            slot: None,
        };
        let restore = RestoreFrom { snapshot: "shop-1".into(), ..RestoreFrom::default() };
        let restored = Database { restore_from: Attr::Known(restore), ..Database::default() };
        for (config, lost, reason) in
            [(&restored, false, Some("from snapshot shop-1")), (&Database::default(), true, None)]
        {
            let mut plan = Plan { changes: vec![change(primary()), change(super::super::secret())] };
            explain(config, &mut plan);
            assert_eq!((plan.changes[0].lost, plan.changes[0].reason.as_deref()), (lost, reason));
            assert!(plan.changes[1].lost, "a secret is not restored");
        }
    }

    #[test]
    fn a_pin_behind_which_aws_has_gone_on_stays_valid() {
        let mut d = Diagnostics::new();
        let pinned = database("16.8", 100);
        check_change(&pinned, &pinned, "16.9", &Path::root().attr("database"), &mut d);
        assert_eq!(d.len(), 0);
    }
}
