//! The output `vpc`.

use stellar_engine::{Address, address};
use tfplugin_sdk::Attr;

use super::{Existing, Network, Vpc, expand::zone_count, letter};
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
    Attr::Known(Vpc { flow_log_group: view.get(&log_group, "id"), ..vpc })
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
        flow_log_group: Attr::Null,
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
