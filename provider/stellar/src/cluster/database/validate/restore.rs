//! Where the data of a new database may come from.

use stellar_aws::rds::restore::is_time;
use tfplugin_sdk::{Attr, Diagnostics, Path};

use super::super::RestoreFrom;

/// Exactly one of snapshot and source, and a time only with the latter.
pub fn check(restore: &RestoreFrom, path: &Path, d: &mut Diagnostics) {
    let given = [&restore.snapshot, &restore.source].into_iter().filter(|field| !field.is_null()).count();
    if given != 1 {
        let detail = "Name either the snapshot, or the source whose backups are used (with or without a time).";
        d.attribute_error(path.clone(), "One origin needed", detail);
    }
    if !restore.time.is_null() && restore.source.is_null() {
        let detail = "A snapshot is of one moment. Only backups of a source go back to any time.";
        d.attribute_error(path.attr("time"), "No time without source", detail);
    }
    if let Attr::Known(time) = &restore.time
        && !is_time(time)
    {
        let detail = format!("{time:?} is not a time such as \"2026-05-01T12:00:00Z\".");
        d.attribute_error(path.attr("time"), "Invalid time", detail);
    }
}
