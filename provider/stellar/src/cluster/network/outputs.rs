//! The output `vpc`.

use stellar_engine::{Address, address};
use tfplugin_sdk::Attr;

use super::{
    Existing, Network, Vpc,
    expand::{secondary, zone_count},
    letter,
};
use crate::cluster::view::View;

/// What users may refer to; unknown as a whole when the number of zones is not known yet.
pub fn outputs(config: &Network, view: &View<'_>) -> Attr<Vpc> {
    let vpc = match &config.existing {
        Attr::Unknown => return Attr::Unknown,
        Attr::Known(existing) => brought_along(existing),
        Attr::Null => match zone_count(config) {
            Ok(zones) => made(zones, view),
            Err(_) => return Attr::Unknown,
        },
    };
    let log_group = address!("network/flow-logs/log-group");
    let secondary_cidrs = match &config.secondary_cidrs {
        Attr::Unknown => Attr::Unknown,
        cidrs => {
            let blocks = cidrs.known().into_iter().flatten();
            view.list(&blocks.map(|cidr| secondary(cidr)).collect::<Vec<_>>(), "cidr")
        }
    };
    Attr::Known(Vpc { flow_log_group: view.get(&log_group, "id"), secondary_cidrs, ..vpc })
}

fn made(zones: usize, view: &View<'_>) -> Vpc {
    let per_zone =
        |part: &str| -> Vec<Address> { (0..zones).map(|zone| address!("network/{part}/{}", letter(zone))).collect() };
    let get = |part: &str, output: &str| view.get(&address!("network/{part}"), output);
    let private = per_zone("subnet/private");
    Vpc {
        id: get("vpc", "id"),
        arn: get("vpc", "arn"),
        cidr: get("vpc", "cidr"),
        availability_zones: view.list(&private, "availability_zone"),
        public_subnet_ids: view.list(&per_zone("subnet/public"), "id"),
        private_subnet_ids: view.list(&private, "id"),
        database_subnet_ids: view.list(&per_zone("subnet/database"), "id"),
        public_route_table_id: get("route-table/public", "id"),
        private_route_table_ids: view.list(&per_zone("route-table/private"), "id"),
        database_route_table_id: get("route-table/database", "id"),
        internet_gateway_id: get("internet-gateway", "id"),
        nat_public_ips: view.list(&per_zone("elastic-ip"), "public_ip"),
        s3_endpoint_id: get("endpoint/s3", "id"),
        endpoint_security_group_id: get("security-group/endpoints", "id"),
        ..Vpc::default()
    }
}

fn brought_along(existing: &Existing) -> Vpc {
    let private = ids(&existing.private_subnet_ids);
    Vpc {
        id: existing.vpc_id.clone(),
        public_subnet_ids: ids(&existing.public_subnet_ids).or(vec![]),
        database_subnet_ids: match &existing.database_subnet_ids {
            Attr::Null => private.clone(),
            list => ids(list),
        },
        private_subnet_ids: private,
        ..Vpc::default()
    }
}

/// The list as one value: unknown when an element is.
fn ids(list: &Attr<Vec<Attr<String>>>) -> Attr<Vec<String>> {
    match list {
        Attr::Null => Attr::Null,
        Attr::Unknown => Attr::Unknown,
        Attr::Known(items) => {
            items.iter().map(|id| id.known().cloned()).collect::<Option<_>>().map_or(Attr::Unknown, Attr::Known)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use stellar_engine::Observed;

    use super::*;

    #[test]
    fn only_what_a_plan_touches_is_unknown() {
        let object = |address: &str, outputs: &[(&str, &str)]| {
            let empty = Observed::new("id", serde_json::Value::Null);
            let observed = outputs.iter().fold(empty, |o, (name, value)| o.output(name, *value));
            (address!("{address}"), observed)
        };
        let observed = BTreeMap::from([
            object("network/vpc", &[("id", "vpc-1"), ("cidr", "10.0.0.0/16")]),
            object("network/subnet/private/a", &[("id", "subnet-1"), ("availability_zone", "r-1a")]),
            object("network/subnet/private/b", &[("id", "subnet-2"), ("availability_zone", "r-1b")]),
            object("network/elastic-ip/a", &[("public_ip", "192.0.2.1")]),
        ]);
        let touched = BTreeSet::from([address!("network/internet-gateway")]);
        let config = Network { zone_count: 2.into(), ..Network::default() };
        let vpc = outputs(&config, &View { observed: &observed, touched: &touched }).into_known().expect("known");
        assert_eq!(vpc.id, "vpc-1".into());
        assert_eq!(vpc.cidr, "10.0.0.0/16".into());
        assert_eq!(vpc.private_subnet_ids, vec!["subnet-1".to_owned(), "subnet-2".to_owned()].into());
        assert_eq!(vpc.availability_zones, vec!["r-1a".to_owned(), "r-1b".to_owned()].into());
        // With one gateway for all zones, there is one address.
        assert_eq!(vpc.nat_public_ips, vec!["192.0.2.1".to_owned()].into());
        assert_eq!(vpc.internet_gateway_id, Attr::Unknown);
        assert_eq!(vpc.flow_log_group, Attr::Null);
    }
}
