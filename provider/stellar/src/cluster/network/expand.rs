//! The components of a network.

use std::collections::BTreeMap;

use stellar_aws::ec2::{
    elastic_ip::ElasticIp, internet_gateway::InternetGateway, nat_gateway::NatGateway, route::Route,
    route_table::RouteTable, route_table_association::RouteTableAssociation, subnet::Subnet, vpc::Vpc,
    vpc_cidr::VpcCidr,
};
use stellar_engine::{Address, Input, Properties, address};
use tfplugin_sdk::Attr;

use super::{Cidr, Existing, Network, endpoints, flow_logs, layout, letter};
use crate::cluster::build::{Builder, NetworkRefs};
use crate::cluster::known::{NotYetKnown, known};

/// The ways out of private subnets; the first is the default.
pub(super) const NAT_MODES: [&str; 3] = ["per_zone", "single", "none"];
pub(super) const DEFAULT_CIDR: &str = "10.0.0.0/16";
const DEFAULT_ZONES: usize = 3;
const ANYWHERE: &str = "0.0.0.0/0";

/// Adds the network's components, or none for a VPC that the user brings along, and tells the other
/// sections what they may refer to.
///
/// # Errors
/// When a value that decides which components there are is not known yet.
pub fn expand(config: &Network, b: &mut Builder<'_>) -> Result<(), NotYetKnown> {
    match known(&config.existing, "network.existing")? {
        Some(existing) => b.network = brought_along(existing, &b.facts.network.existing_zones)?,
        None => made(config, b)?,
    }
    let vpc = b.network.vpc_id.clone();
    flow_logs::expand(config, &vpc, b)
}

/// How many zones the configuration asks for.
pub(super) fn zone_count(config: &Network) -> Result<usize, NotYetKnown> {
    if let Some(zones) = known(&config.availability_zones, "network.availability_zones")? {
        return Ok(zones.len());
    }
    let count = known(&config.zone_count, "network.zone_count")?;
    Ok(count.map_or(DEFAULT_ZONES, |count| usize::try_from(*count).unwrap_or_default()))
}

/// The component of a further block, named by the block, so that one that comes or goes leaves the others alone.
pub(super) fn secondary(cidr: &str) -> Address {
    address!("network/vpc-cidr/{}", cidr.replace('/', "-"))
}

/// A VPC that the stack makes, as its endpoints need it.
pub(super) struct Made {
    /// The VPC.
    pub vpc: Address,
    /// Its block.
    pub cidr: Cidr,
    /// All route tables.
    pub tables: Vec<Address>,
    /// The private subnets.
    pub private: Vec<Address>,
}

fn made(config: &Network, b: &mut Builder<'_>) -> Result<(), NotYetKnown> {
    let zones = zone_count(config)?;
    let nat = known(&config.nat, "network.nat")?.map_or(NAT_MODES[0], String::as_str);
    let cidr = known(&config.cidr, "network.cidr")?.map_or(DEFAULT_CIDR, String::as_str);
    // Validation has refused what does not parse or fit.
    let cidr: Cidr = cidr.parse().map_err(|e| NotYetKnown(format!("network.cidr ({e})")))?;
    let blocks = layout(cidr, zones).ok_or_else(|| NotYetKnown(format!("the subnets of {cidr}")))?;

    let vpc = Vpc {
        cidr: cidr.to_string(),
        dns_hostnames: Some(true),
        dns_support: Some(true),
        // What names no security group gets this one, and is to reach nothing.
        default_group_rules: Some(false),
    };
    let vpc = b.add(address!("network/vpc"), &vpc);
    for cidr in known(&config.secondary_cidrs, "network.secondary_cidrs")?.into_iter().flatten() {
        let block = VpcCidr { vpc_id: Input::output(&vpc, "id"), cidr: cidr.clone() };
        b.add(secondary(cidr), &block);
    }
    let gateway = InternetGateway { vpc_id: Some(Input::output(&vpc, "id")) };
    let gateway = b.add(address!("network/internet-gateway"), &gateway);

    let public = subnets(config, b, &vpc, "public", &blocks.public);
    let private = subnets(config, b, &vpc, "private", &blocks.private);
    let database = subnets(config, b, &vpc, "database", &blocks.database);

    let public_table = table(b, &vpc, "public");
    let to_internet = Route {
        route_table_id: Input::output(&public_table, "id"),
        destination: ANYWHERE.to_owned(),
        gateway_id: Some(Input::output(&gateway, "id")),
        nat_gateway_id: None,
    };
    let to_internet = b.add(address!("network/route/public"), &to_internet);
    associate(b, "public", &public, |_| public_table.clone());

    // One table per zone in every mode, so that another mode changes routes instead of tables.
    let private_tables: Vec<Address> =
        (0..zones).map(|zone| table(b, &vpc, &format!("private/{}", letter(zone)))).collect();
    let associations = associate(b, "private", &private, |zone| private_tables[zone].clone());
    let gateways = nat_gateways(b, nat, &public, &to_internet);
    let routes = nat_routes(b, &private_tables, &gateways);

    let database_table = table(b, &vpc, "database");
    associate(b, "database", &database, |_| database_table.clone());

    let refs = |subnets: &[Address]| subnets.iter().map(|subnet| Input::output(subnet, "id")).collect();
    b.network = NetworkRefs {
        vpc_id: Input::output(&vpc, "id"),
        public_subnet_ids: refs(&public),
        private_subnet_ids: refs(&private),
        private_zones: (0..zones).map(|zone| zone_name(config, b, zone)).collect(),
        database_subnet_ids: refs(&database),
        egress: if routes.is_empty() { vec![] } else { routes.into_iter().chain(associations).collect() },
    };
    let tables = [public_table].into_iter().chain(private_tables).chain([database_table]).collect();
    endpoints::expand(config, &Made { vpc, cidr, tables, private }, b)
}

fn subnets(config: &Network, b: &mut Builder<'_>, vpc: &Address, tier: &str, blocks: &[Cidr]) -> Vec<Address> {
    // The tags by which the load balancer controller finds the subnets it may use.
    let role = match tier {
        "public" => Some("kubernetes.io/role/elb"),
        "private" => Some("kubernetes.io/role/internal-elb"),
        _ => None,
    };
    let add = |(zone, block): (usize, &Cidr)| {
        let subnet = Subnet {
            vpc_id: Input::output(vpc, "id"),
            cidr: block.to_string(),
            availability_zone: zone_name(config, b, zone),
            // Nothing is public unless it asks for an address itself.
            map_public_ip: Some(false),
        };
        add_tagged(b, address!("network/subnet/{tier}/{}", letter(zone)), &subnet, role)
    };
    blocks.iter().enumerate().map(add).collect()
}

/// The zone at this position; unknown before zones were looked up.
fn zone_name(config: &Network, b: &Builder<'_>, position: usize) -> Input<String> {
    let zones = config.availability_zones.known().unwrap_or(&b.facts.network.zones);
    zones.get(position).filter(|name| !name.is_empty()).cloned().map_or(Input::Unknown, Input::Known)
}

/// Adds a component that carries one more tag than the user's.
fn add_tagged<P: Properties>(b: &mut Builder<'_>, address: Address, props: &P, tag: Option<&str>) -> Address {
    let users = b.tags.clone();
    b.tags.extend(tag.map(|key| (key.to_owned(), "1".to_owned())));
    let address = b.add(address, props);
    b.tags = users;
    address
}

fn table(b: &mut Builder<'_>, vpc: &Address, name: &str) -> Address {
    b.add(address!("network/route-table/{name}"), &RouteTable { vpc_id: Input::output(vpc, "id") })
}

fn associate(b: &mut Builder<'_>, tier: &str, subnets: &[Address], table: impl Fn(usize) -> Address) -> Vec<Address> {
    let add = |(zone, subnet): (usize, &Address)| {
        let association = RouteTableAssociation {
            route_table_id: Input::output(&table(zone), "id"),
            subnet_id: Input::output(subnet, "id"),
        };
        b.add(address!("network/route-table-association/{tier}/{}", letter(zone)), &association)
    };
    subnets.iter().enumerate().map(add).collect()
}

/// The NAT gateways of the mode: one per public subnet, one, or none.
fn nat_gateways(b: &mut Builder<'_>, mode: &str, public: &[Address], to_internet: &Address) -> Vec<Address> {
    let count = match mode {
        "none" => 0,
        "single" => 1,
        _ => public.len(),
    };
    let add = |(zone, subnet): (usize, &Address)| {
        let zone = letter(zone);
        let ip = b.add(address!("network/elastic-ip/{zone}"), &ElasticIp {});
        let gateway = NatGateway { subnet_id: Input::output(subnet, "id"), allocation_id: Input::output(&ip, "id") };
        // AWS wants the internet gateway attached first, and gone last.
        b.add_after(address!("network/nat-gateway/{zone}"), &gateway, [to_internet.clone()])
    };
    public.iter().take(count).enumerate().map(add).collect()
}

/// The private tables' routes: to the gateway of the zone, or to the only one.
fn nat_routes(b: &mut Builder<'_>, tables: &[Address], gateways: &[Address]) -> Vec<Address> {
    let mut routes = Vec::new();
    for (zone, table) in tables.iter().enumerate() {
        let Some(gateway) = gateways.get(zone).or(gateways.first()) else { break };
        let route = Route {
            route_table_id: Input::output(table, "id"),
            destination: ANYWHERE.to_owned(),
            gateway_id: None,
            nat_gateway_id: Some(Input::output(gateway, "id")),
        };
        routes.push(b.add(address!("network/route/private/{}", letter(zone)), &route));
    }
    routes
}

fn brought_along(existing: &Existing, zones: &BTreeMap<String, String>) -> Result<NetworkRefs, NotYetKnown> {
    let private = ids(&existing.private_subnet_ids, "private_subnet_ids")?;
    let database = ids(&existing.database_subnet_ids, "database_subnet_ids")?;
    Ok(NetworkRefs {
        vpc_id: input(&existing.vpc_id),
        public_subnet_ids: ids(&existing.public_subnet_ids, "public_subnet_ids")?.unwrap_or_default(),
        database_subnet_ids: database.or_else(|| private.clone()).unwrap_or_default(),
        private_zones: private.iter().flatten().map(|id| zone_of(id, zones)).collect(),
        private_subnet_ids: private.unwrap_or_default(),
        egress: vec![],
    })
}

fn zone_of(subnet: &Input<String>, zones: &BTreeMap<String, String>) -> Input<String> {
    let zone = subnet.value().ok().and_then(|id| zones.get(id));
    zone.cloned().map_or(Input::Unknown, Input::Known)
}

/// How many ids there are must be known, the ids themselves need not be.
fn ids(list: &Attr<Vec<Attr<String>>>, attribute: &str) -> Result<Option<Vec<Input<String>>>, NotYetKnown> {
    let list = known(list, &format!("network.existing.{attribute}"))?;
    Ok(list.map(|ids| ids.iter().map(input).collect()))
}

fn input(value: &Attr<String>) -> Input<String> {
    value.known().cloned().map_or(Input::Unknown, Input::Known)
}

#[cfg(test)]
mod tests {
    use stellar_engine::{Component, Tags};
    use tfplugin_sdk::{Model, Path, Value};

    use super::*;
    use crate::cluster::facts::Facts;

    fn config(entries: &[(&str, Value)]) -> Network {
        Network::decode(&Value::map(entries.iter().cloned()), &Path::root()).expect("decodes")
    }

    fn texts(items: &[&str]) -> Value {
        Value::List(items.iter().map(|item| Value::from(*item)).collect())
    }

    fn expanded(config: &Network, facts: &Facts) -> Result<(Vec<Component>, NetworkRefs), NotYetKnown> {
        let tags = Tags::from([("team".to_owned(), "web".to_owned())]);
        let mut b = Builder::new("shop", &"0".repeat(32), "eu-west-1", facts, tags);
        expand(config, &mut b)?;
        let network = b.network.clone();
        Ok((b.finish(), network))
    }

    /// `address kind` lines; zones that only differ in their letter are folded: `subnet/public/{a,b}`.
    fn lines(components: &[Component]) -> Vec<String> {
        let mut lines: Vec<(String, &str, String)> = Vec::new();
        for component in components {
            let address = component.address.as_str();
            let (stem, last) = address.rsplit_once('/').unwrap_or(("", address));
            match lines.iter_mut().find(|line| line.0 == stem && last.len() == 1) {
                Some(line) => line.2 = format!("{},{last}", line.2),
                None => lines.push((stem.to_owned(), component.kind, last.to_owned())),
            }
        }
        lines.into_iter().map(|(stem, kind, last)| format!("{stem}/{last} {kind}")).collect()
    }

    const BASE: &[&str] = &[
        "network/vpc ec2/vpc",
        "network/internet-gateway ec2/internet-gateway",
        "network/subnet/public/a,b ec2/subnet",
        "network/subnet/private/a,b ec2/subnet",
        "network/subnet/database/a,b ec2/subnet",
        "network/route-table/public ec2/route-table",
        "network/route/public ec2/route",
        "network/route-table-association/public/a,b ec2/route-table-association",
        "network/route-table/private/a,b ec2/route-table",
        "network/route-table-association/private/a,b ec2/route-table-association",
        "network/route-table/database ec2/route-table",
        "network/route-table-association/database/a,b ec2/route-table-association",
        "network/endpoint/s3 ec2/vpc-endpoint",
    ];
    const PER_ZONE: &[&str] = &[
        "network/elastic-ip/a,b ec2/elastic-ip",
        "network/nat-gateway/a,b ec2/nat-gateway",
        "network/route/private/a,b ec2/route",
    ];
    const SINGLE: &[&str] = &[
        "network/elastic-ip/a ec2/elastic-ip",
        "network/nat-gateway/a ec2/nat-gateway",
        "network/route/private/a,b ec2/route",
    ];
    const ENDPOINTS: &[&str] = &[
        "network/endpoint/dynamodb ec2/vpc-endpoint",
        "network/security-group/endpoints ec2/security-group",
        "network/security-group-rule/endpoints ec2/security-group-rule",
        "network/endpoint/ecr.api ec2/vpc-endpoint",
    ];
    const FLOW_LOGS: &[&str] = &[
        "network/flow-logs/log-group logs/log-group",
        "network/flow-logs/role iam/role",
        "network/flow-logs/flow-log ec2/flow-log",
    ];

    #[test]
    fn the_configuration_decides_which_components_there_are() {
        let two = ("zone_count", Value::from(2_i64));
        let nat = |mode: &str| ("nat", Value::from(mode));
        let logs = ("flow_logs", Value::map([("retention_days", 30_i64.into())]));
        let ids = texts(&["subnet-1", "subnet-2"]);
        let existing = ("existing", Value::map([("vpc_id", "vpc-1".into()), ("private_subnet_ids", ids)]));
        let rows: Vec<(Vec<(&str, Value)>, Vec<&[&str]>)> = vec![
            (vec![two.clone()], vec![BASE, PER_ZONE]),
            (vec![two.clone(), nat("single")], vec![BASE, SINGLE]),
            (vec![two.clone(), nat("none")], vec![BASE]),
            (vec![("availability_zones", texts(&["eu-west-1c", "eu-west-1a"]))], vec![BASE, PER_ZONE]),
            (
                vec![two.clone(), nat("none"), ("endpoints", texts(&["dynamodb", "ecr.api"])), logs.clone()],
                vec![BASE, ENDPOINTS, FLOW_LOGS],
            ),
            (
                vec![two.clone(), nat("none"), ("secondary_cidrs", texts(&["100.64.0.0/16"]))],
                vec![BASE, &["network/vpc-cidr/100.64.0.0-16 ec2/vpc-cidr"]],
            ),
            (vec![existing.clone()], vec![]),
            (vec![existing, logs], vec![FLOW_LOGS]),
        ];
        for (entries, expected) in rows {
            let (components, _) = expanded(&config(&entries), &Facts::default()).expect("known");
            let (mut lines, mut expected) = (lines(&components), expected.concat());
            lines.sort_unstable();
            expected.sort_unstable();
            assert_eq!(lines, expected, "{entries:?}");
        }
    }

    #[test]
    fn an_empty_configuration_has_three_zones() {
        let (components, network) = expanded(&Network::default(), &Facts::default()).expect("known");
        assert_eq!(components.iter().filter(|c| c.kind == "ec2/subnet").count(), 9);
        assert_eq!(network.private_subnet_ids.len(), 3);
        // Nodes wait for three routes to NAT gateways and the associations that make them effective.
        assert_eq!(network.egress.len(), 6);
    }

    #[test]
    fn addresses_do_not_depend_on_facts() {
        let mut facts = Facts::default();
        let (before, _) = expanded(&Network::default(), &facts).expect("known");
        facts.network.zones = ["eu-west-1b", "eu-west-1c", "eu-west-1a"].map(str::to_owned).to_vec();
        let (after, _) = expanded(&Network::default(), &facts).expect("known");
        assert_eq!(lines(&before), lines(&after));
        let zone = |components: &[Component]| {
            let subnet = components.iter().find(|c| c.address.as_str() == "network/subnet/public/a").expect("a subnet");
            subnet.desired["availability_zone"].clone()
        };
        assert_eq!(zone(&before), stellar_engine::input::unknown());
        assert_eq!(zone(&after), "eu-west-1b");
    }

    #[test]
    fn every_reference_is_to_a_component_of_the_network() {
        let all = [
            ("endpoints", texts(&["dynamodb", "ecr.api"])),
            ("flow_logs", Value::map([("retention_days", 30_i64.into())])),
        ];
        let (components, network) = expanded(&config(&all), &Facts::default()).expect("known");
        let known: Vec<&Address> = components.iter().map(|c| &c.address).collect();
        for component in &components {
            for dependency in component.dependencies() {
                assert!(known.contains(&&dependency), "{} -> {dependency}", component.address);
            }
        }
        assert!(network.egress.iter().all(|address| known.contains(&address)));
    }

    #[test]
    fn load_balancers_find_their_subnets_by_tags() {
        let (components, _) = expanded(&Network::default(), &Facts::default()).expect("known");
        let rows = [
            ("network/subnet/public/a", Some("kubernetes.io/role/elb")),
            ("network/subnet/private/a", Some("kubernetes.io/role/internal-elb")),
            ("network/subnet/database/a", None),
            ("network/vpc", None),
        ];
        for (address, expected) in rows {
            let component = components.iter().find(|c| c.address.as_str() == address).expect(address);
            let role = component.tags.keys().find(|key| key.starts_with("kubernetes.io/"));
            assert_eq!(role.map(String::as_str), expected, "{address}");
            assert_eq!(component.tags.get("team").map(String::as_str), Some("web"), "{address}");
        }
    }

    #[test]
    fn a_network_brought_along_is_known_before_its_ids_are() {
        let ids = Value::List(vec!["subnet-1".into(), Value::Unknown]);
        let entries = [("vpc_id", Value::Unknown), ("private_subnet_ids", ids)];
        let (_, network) = expanded(&config(&[("existing", Value::map(entries))]), &Facts::default()).expect("known");
        assert_eq!(network.vpc_id, Input::Unknown);
        assert_eq!(network.private_subnet_ids, [Input::from("subnet-1"), Input::Unknown]);
        assert_eq!(network.database_subnet_ids, network.private_subnet_ids);
    }

    #[test]
    fn a_deciding_value_that_is_not_known_yet_is_named() {
        let rows = [
            (("zone_count", Value::Unknown), "network.zone_count"),
            (("nat", Value::Unknown), "network.nat"),
            (("endpoints", Value::Unknown), "network.endpoints"),
            (("flow_logs", Value::Unknown), "network.flow_logs"),
            (("existing", Value::Unknown), "network.existing"),
            (("existing", Value::map([("private_subnet_ids", Value::Unknown)])), "network.existing.private_subnet_ids"),
        ];
        for (entry, attribute) in rows {
            let error = expanded(&config(std::slice::from_ref(&entry)), &Facts::default()).map(|_| ());
            assert_eq!(error, Err(NotYetKnown(attribute.to_owned())), "{entry:?}");
        }
    }
}
