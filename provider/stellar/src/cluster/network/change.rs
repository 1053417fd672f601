//! Changes that no network can follow.

use tfplugin_sdk::{Attr, Diagnostics, Path};

use super::{Network, expand::DEFAULT_CIDR};

/// Refuses what would make the VPC, and with it everything that stands in it, anew.
pub fn check_change(before: &Network, after: &Network, path: &Path, d: &mut Diagnostics) {
    let is_changed = |from: &Attr<String>, to: &Attr<String>| !to.is_unknown() && from.known() != to.known();
    match (&before.existing, &after.existing) {
        (_, Attr::Unknown) | (Attr::Unknown, _) => {}
        (Attr::Null, Attr::Null) => {
            let cidr = |network: &Network| match &network.cidr {
                Attr::Null => Attr::from(DEFAULT_CIDR),
                cidr => cidr.clone(),
            };
            if is_changed(&cidr(before), &cidr(after)) {
                let detail = "The first block of a VPC is fixed: another one would be another VPC, with another cluster, \
                              database and cache. Undo the change, and add blocks by network.secondary_cidrs; or make \
                              another stack.";
                d.attribute_error(path.attr("cidr"), "The block of a VPC cannot be changed", detail);
            }
        }
        (Attr::Known(from), Attr::Known(to)) if !is_changed(&from.vpc_id, &to.vpc_id) => {}
        _ => {
            let detail = "A stack stays in its VPC: in another one there would be another cluster, database and cache. Undo \
                          the change, or make another stack.";
            d.attribute_error(path.attr("existing"), "The VPC of a stack cannot be changed", detail);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::network::Existing;

    #[test]
    fn a_stack_stays_in_its_vpc() {
        let made = |cidr: Attr<String>| Network { cidr, ..Network::default() };
        let brought = |vpc_id: Attr<String>| {
            let existing = Existing { vpc_id, ..Existing::default() };
            Network { existing: existing.into(), ..Network::default() }
        };
        let (block, vpc) =
            ("network.cidr: The block of a VPC cannot be changed", "network.existing: The VPC of a stack");
        let rows = [
            (made(Attr::Null), made("10.0.0.0/16".into()), ""),
            (made("10.1.0.0/16".into()), made(Attr::Unknown), ""),
            (made(Attr::Null), made("10.1.0.0/16".into()), block),
            (brought("vpc-1".into()), brought("vpc-1".into()), ""),
            (brought("vpc-1".into()), brought(Attr::Unknown), ""),
            (brought("vpc-1".into()), brought("vpc-2".into()), vpc),
            (brought("vpc-1".into()), made(Attr::Null), vpc),
            (made(Attr::Null), brought("vpc-1".into()), vpc),
        ];
        for (before, after, expected) in rows {
            let mut d = Diagnostics::new();
            check_change(&before, &after, &Path::root().attr("network"), &mut d);
            let told = d.iter().map(|d| format!("{}: {}", d.path.clone().unwrap_or_default(), d.summary));
            let told = told.collect::<Vec<_>>().join("; ");
            assert!(
                told.starts_with(expected) && told.is_empty() == expected.is_empty(),
                "{told} {before:?} {after:?}"
            );
        }
    }
}
