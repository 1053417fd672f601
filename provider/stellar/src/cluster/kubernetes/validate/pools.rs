//! Node pools.

use std::{collections::BTreeSet, ops::RangeInclusive};

use tfplugin_sdk::{Attr, Diagnostics, Path};

use super::{
    super::{NodePool, Taint, images, nodes},
    one_of,
};

/// Checks the pool at `path`; `version` is the cluster's.
pub(super) fn check(pool: &NodePool, version: Option<&String>, path: &Path, d: &mut Diagnostics) {
    check_types(pool, path, d);
    check_release(pool, version, path, d);
    check_size(pool, path, d);
    if pool.availability_zones.known().is_some_and(BTreeSet::is_empty) {
        let detail = "A pool has nodes in one zone at least. Name one, or leave availability_zones out.";
        d.attribute_error(path.attr("availability_zones"), "No zone", detail);
    }
    if pool.capacity.known().is_some_and(|capacity| capacity == "capacity_block") {
        let detail =
            "Capacity blocks and reservations are for stellar_gpu_pool; a pool of the cluster is on_demand or spot.";
        d.attribute_error(path.attr("capacity"), "Not for node pools", detail);
    } else {
        one_of(&pool.capacity, &["on_demand", "spot"], &path.attr("capacity"), d);
    }
    // 20 GiB hold the image; 16 TiB are the most that gp3 has.
    in_range(&pool.disk_gb, 20..=16_384, &path.attr("disk_gb"), d);
    one_of(&pool.image, &images::IMAGES, &path.attr("image"), d);
    if pool.max_unavailable.known().is_some_and(|text| nodes::max_unavailable(text).is_none()) {
        let detail = "A share such as \"33%\" or a number such as \"2\" is expected, from 1 to 100.";
        d.attribute_error(path.attr("max_unavailable"), "Invalid max_unavailable", detail);
    }
    for (index, taint) in pool.taints.known().into_iter().flatten().enumerate() {
        check_taint(taint, &path.attr("taints").index(index), d);
    }
}

fn check_types(pool: &NodePool, path: &Path, d: &mut Diagnostics) {
    let Attr::Known(types) = &pool.instance_types else { return };
    let path_of_types = path.attr("instance_types");
    // The API reference of CreateNodegroup allows 20.
    if types.is_empty() || types.len() > 20 {
        let detail = format!("A pool has 1 to 20 instance types, not {}.", types.len());
        d.attribute_error(path_of_types.clone(), "Invalid number of instance types", detail);
    }
    for (index, name) in types.iter().enumerate() {
        let well_formed = name.split_once('.').is_some_and(|(family, size)| !family.is_empty() && !size.is_empty());
        if !well_formed {
            let detail = format!("{name:?} is not an instance type such as \"m7i.xlarge\".");
            d.attribute_error(path_of_types.index(index), "Invalid instance type", detail);
        }
    }
    let arm = types.iter().filter(|name| images::is_arm(name)).count();
    if arm != 0 && arm != types.len() {
        let detail =
            "All types of a pool run one image, so they are all Arm (m7g …) or all x86 (m7i …). Make two pools.";
        d.attribute_error(path_of_types, "Mixed processors", detail);
    } else if let (Attr::Known(image), Some(first)) = (&pool.image, types.first())
        && images::is_arm_image(image) != images::is_arm(first)
    {
        let fitting = images::default_image(first);
        let detail = format!("{image} does not run on {first}; {fitting}, for instance, does.");
        d.attribute_error(path.attr("image"), "Image for another processor", detail);
    }
}

/// A release of an image begins with the Kubernetes version for which it was built (EKS User Guide, "Amazon Linux AMI versions").
fn check_release(pool: &NodePool, version: Option<&String>, path: &Path, d: &mut Diagnostics) {
    let Attr::Known(release) = &pool.release else { return };
    if let Some(version) = version.filter(|version| !release.starts_with(&format!("{version}."))) {
        let detail = format!(
            "{release:?} is no release for Kubernetes {version}, which would be \"{version}.4-20261105\", for instance. With a new \
             version comes a new release; without one the newest is taken."
        );
        d.attribute_error(path.attr("release"), "Release of another version", detail);
    }
}

/// `min` ≤ `desired` ≤ `max`.
fn check_size(pool: &NodePool, path: &Path, d: &mut Diagnostics) {
    // EKS's quota is 450 nodes in a group by default, and can be raised.
    in_range(&pool.min, 0..=10_000, &path.attr("min"), d);
    in_range(&pool.max, 1..=10_000, &path.attr("max"), d);
    let (Attr::Known(min), Attr::Known(max)) = (pool.min.or(1), pool.max) else { return };
    if min > max {
        let detail = format!("min is {min} and max is {max}: min must not be greater.");
        d.attribute_error(path.attr("min"), "min is greater than max", detail);
    } else if let Attr::Known(desired) = pool.desired
        && !(min..=max).contains(&desired)
    {
        let detail = format!("desired is {desired}, which is not between min {min} and max {max}.");
        d.attribute_error(path.attr("desired"), "desired is out of bounds", detail);
    }
}

fn check_taint(taint: &Taint, path: &Path, d: &mut Diagnostics) {
    if taint.key.known().is_some_and(String::is_empty) {
        d.attribute_error(path.attr("key"), "Invalid taint", "A taint needs a key.");
    }
    one_of(&taint.effect, &["NoSchedule", "NoExecute", "PreferNoSchedule"], &path.attr("effect"), d);
}

fn in_range(value: &Attr<i64>, range: RangeInclusive<i64>, path: &Path, d: &mut Diagnostics) {
    if let Attr::Known(value) = value
        && !range.contains(value)
    {
        let detail = format!("{value} is not between {} and {}.", range.start(), range.end());
        d.attribute_error(path.clone(), "Number out of range", detail);
    }
}
