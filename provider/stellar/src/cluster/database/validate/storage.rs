//! Sizes and speeds of RDS storage (RDS User Guide, "Amazon RDS DB instance storage").

use tfplugin_sdk::{Attr, Diagnostics, Path};

use super::super::{
    Storage,
    settings::{STRIPED_DEFAULT, STRIPED_GB},
};
use crate::cluster::check::{one_of, within};

/// Checks the storage of an RDS instance.
pub fn check(storage: &Storage, path: &Path, d: &mut Diagnostics) {
    one_of(&storage.kind, &["gp3", "gp2", "io1", "io2"], &path.attr("type"), d);
    let (Attr::Known(kind), Attr::Known(gb)) = (storage.kind.clone().or("gp3".to_owned()), storage.gb.or(100)) else {
        return;
    };
    let least = if kind.starts_with("io") { 100 } else { 20 };
    within(&Attr::Known(gb), least..=65536, "The storage in GiB", &path.attr("gb"), d);
    within(&storage.max_gb, least..=65536, "The storage in GiB", &path.attr("max_gb"), d);
    check_limit(gb, &storage.max_gb, &path.attr("max_gb"), d);
    match kind.as_str() {
        "io1" | "io2" => check_provisioned(storage, &kind, gb, path, d),
        "gp3" if gb >= STRIPED_GB => check_striped(storage, path, d),
        _ => check_fixed(storage, &kind, gb, path, d),
    }
}

fn check_limit(gb: i64, max_gb: &Attr<i64>, path: &Path, d: &mut Diagnostics) {
    if let Attr::Known(max) = *max_gb
        && max != gb
        && max * 10 < gb * 11
    {
        let least = (gb * 11 + 9) / 10;
        let detail =
            format!("With gb = {gb}, RDS accepts max_gb from {least} on; leave it out to keep the size fixed.");
        d.attribute_error(path.clone(), "Limit of the storage too low", detail);
    }
}

fn check_provisioned(storage: &Storage, kind: &str, gb: i64, path: &Path, d: &mut Diagnostics) {
    let path_iops = path.attr("iops");
    if storage.iops.is_null() {
        let detail = format!("Storage of type {kind} is bought with its IOPS: 1000 to 256000.");
        d.attribute_error(path_iops.clone(), "IOPS missing", detail);
    }
    within(&storage.iops, 1_000..=256_000, &format!("The number of IOPS of {kind}"), &path_iops, d);
    let ratio = if kind == "io1" { 50 } else { 1_000 };
    if let Attr::Known(iops) = storage.iops
        && (1_000..=256_000).contains(&iops)
        && (iops > gb * ratio || iops * 2 < gb)
    {
        let (least, most) = ((gb + 1) / 2, gb * ratio);
        let detail = format!(
            "{kind} has 0.5 to {ratio} IOPS per GiB: with gb = {gb} from {} to {}, not {iops}.",
            least.max(1_000),
            most.min(256_000)
        );
        d.attribute_error(path_iops, "Number out of range", detail);
    }
    if storage.throughput.is_known() {
        let detail = format!("The throughput of {kind} follows from its IOPS. Only gp3 has one of its own.");
        d.attribute_error(path.attr("throughput"), "No throughput for this type", detail);
    }
}

fn check_striped(storage: &Storage, path: &Path, d: &mut Diagnostics) {
    within(&storage.iops, 12_000..=64_000, "The number of IOPS of gp3", &path.attr("iops"), d);
    within(&storage.throughput, 500..=4_000, "The throughput of gp3 in MiB/s", &path.attr("throughput"), d);
    if let (Attr::Known(iops), Attr::Known(throughput)) =
        (storage.iops.or(STRIPED_DEFAULT.0.into()), storage.throughput)
        && (500..=4_000).contains(&throughput)
        && throughput * 4 > iops
    {
        let detail = format!("gp3 has at most a quarter MiB/s per IOPS: {throughput} needs iops = {}.", throughput * 4);
        d.attribute_error(path.attr("throughput"), "Throughput too high for the IOPS", detail);
    }
}

fn check_fixed(storage: &Storage, kind: &str, gb: i64, path: &Path, d: &mut Diagnostics) {
    for (value, field) in [(&storage.iops, "iops"), (&storage.throughput, "throughput")] {
        if value.is_known() {
            let detail = match kind {
                "gp2" => "The speed of gp2 follows from its size. Use gp3, io1 or io2.".to_owned(),
                _ => format!(
                    "gp3 has 3000 IOPS and 125 MiB/s below {STRIPED_GB} GiB; with gb = {gb} nothing else can be set."
                ),
            };
            d.attribute_error(path.attr(field), "Speed cannot be set", detail);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn storage_has_the_sizes_and_speeds_of_its_type() {
        let storage = |kind: &str, gb: i64, max: Option<i64>, iops: Option<i64>, throughput: Option<i64>| Storage {
            kind: kind.into(),
            gb: Attr::Known(gb),
            max_gb: max.into(),
            iops: iops.into(),
            throughput: throughput.into(),
        };
        let rows: Vec<(Storage, &[&str])> = vec![
            (Storage::default(), &[]),
            (storage("gp3", 500, Some(2000), None, None), &[]),
            (storage("gp3", 500, Some(500), None, None), &[]),
            (storage("gp3", 500, Some(550), None, None), &[]),
            (storage("gp3", 500, Some(549), None, None), &["max_gb"]),
            (storage("gp3", 500, Some(100), None, None), &["max_gb"]),
            (storage("gp3", 10, Some(100), None, None), &["gb"]),
            (storage("gp3", 399, None, Some(12_000), Some(500)), &["iops", "throughput"]),
            (storage("gp3", 400, None, Some(12_000), Some(500)), &[]),
            (storage("gp3", 400, None, Some(11_999), None), &["iops"]),
            (storage("gp3", 400, None, Some(64_001), None), &["iops"]),
            (storage("gp3", 400, None, Some(16_000), Some(4_000)), &[]),
            (storage("gp3", 400, None, None, Some(4_000)), &["throughput"]),
            (storage("gp2", 400, None, Some(12_000), None), &["iops"]),
            (storage("io1", 100, None, Some(5_000), None), &[]),
            (storage("io1", 100, None, Some(5_001), None), &["iops"]),
            (storage("io1", 50, None, Some(1_000), None), &["gb"]),
            (storage("io1", 100, None, None, None), &["iops"]),
            (storage("io2", 100, None, Some(100_000), None), &[]),
            (storage("io2", 100, None, Some(100_001), None), &["iops"]),
            (storage("io2", 4_000, None, Some(1_000), None), &["iops"]),
            (storage("io2", 100, None, Some(999), None), &["iops"]),
            (storage("io2", 100, None, Some(1_000), Some(500)), &["throughput"]),
            (storage("magnetic", 100, None, None, None), &["type"]),
        ];
        for (storage, expected) in rows {
            let mut d = Diagnostics::new();
            check(&storage, &Path::root(), &mut d);
            let paths: Vec<String> = d.iter().map(|e| e.path.clone().unwrap_or_default().to_string()).collect();
            assert_eq!(paths, expected, "{storage:?}");
        }
    }
}
