//! What each component costs per month: how much of what is sold.

use serde_json::Value;
use stellar_aws::pricing::Sku;
use stellar_engine::{Component, Graph};

/// Hours of a month, as AWS's calculator counts them.
const HOURS: f64 = 730.0;

/// An amount of something that is sold, bought for a component.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The component's address.
    pub address: String,
    /// What is bought.
    pub sku: Sku,
    /// Units per month.
    pub units: f64,
}

/// The parts of a component that have a price by the hour, month or GB; none for what is free or paid by use.
pub fn of(component: &Component, graph: &Graph, region: &str) -> Vec<Part> {
    let props = &component.desired;
    let text = |field: &str| props[field].as_str().unwrap_or_default();
    let count = |field: &str| props[field].as_f64().unwrap_or_default();
    let part = |service: &'static str, usage: &str, attributes: &[(&'static str, &str)], units: f64| Part {
        address: component.address.to_string(),
        sku: Sku {
            service,
            region: region.to_owned(),
            usage: usage.to_owned(),
            attributes: attributes.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
        },
        units,
    };
    match component.kind {
        "ec2/nat-gateway" => vec![part("AmazonEC2", "NatGateway-Hours", &[("productFamily", "NAT Gateway")], HOURS)],
        "ec2/elastic-ip" => {
            vec![part("AmazonVPC", "PublicIPv4:InUseAddress", &[("group", "VPCPublicIPv4Address")], HOURS)]
        }
        "ec2/vpc-endpoint" => {
            // Gateway endpoints have no subnets and cost nothing.
            let zones = props["subnet_ids"].as_array().map_or(0, Vec::len);
            (0..zones).map(|_| part("AmazonVPC", "VpcEndpoint-Hours", &[], HOURS)).collect()
        }
        "eks/cluster" => vec![part("AmazonEKS", "AmazonEKS-Hours:perCluster", &[], HOURS)],
        "eks/node-group" if !is_spot(props) => {
            let kind = props["instance_types"][0].as_str().unwrap_or_default();
            let nodes = count("desired");
            let machine = [("instanceType", kind), ("operatingSystem", "Linux"), ("tenancy", "Shared")];
            let plain = [("capacitystatus", "Used"), ("preInstalledSw", "NA")];
            let attributes: Vec<_> = machine.into_iter().chain(plain).collect();
            let disk = disk_gb(component, graph) * nodes;
            vec![
                part("AmazonEC2", &format!("BoxUsage:{kind}"), &attributes, nodes * HOURS),
                part("AmazonEC2", "EBS:VolumeUsage.gp3", &[("volumeApiName", "gp3")], disk),
            ]
        }
        "rds/instance" => {
            let (multi, deployment) = match props["multi_az"].as_bool() {
                Some(true) => ("Multi-AZ-", "Multi-AZ"),
                _ => ("", "Single-AZ"),
            };
            let aurora = text("engine").starts_with("aurora");
            let engine = if aurora { "Aurora PostgreSQL" } else { "PostgreSQL" };
            let usage = if multi.is_empty() { "InstanceUsage" } else { "Multi-AZUsage" };
            let class = text("instance_class");
            let machine = [("instanceType", class), ("databaseEngine", engine), ("deploymentOption", deployment)];
            let mut parts = vec![part("AmazonRDS", &format!("{usage}:{class}"), &machine, HOURS)];
            let volume = match text("storage_type") {
                "gp2" => Some(("General Purpose", "GP2-Storage")),
                "gp3" => Some(("General Purpose-GP3", "GP3-Storage")),
                "io1" => Some(("Provisioned IOPS", "PIOPS-Storage")),
                "io2" => Some(("Provisioned IOPS-IO2", "PIOPS-Storage-IO2")),
                _ => None,
            };
            if let (Some((kind, usage)), false) = (volume, aurora) {
                let attributes = [("volumeType", kind), ("deploymentOption", deployment)];
                parts.push(part("AmazonRDS", &format!("RDS:{multi}{usage}"), &attributes, count("storage_gb")));
            }
            parts
        }
        "elasticache/replication-group" => {
            let valkey = text("engine") == "valkey";
            let (engine, suffix) = if valkey { ("Valkey", ":Valkey") } else { ("Redis", "") };
            let kind = text("node_type");
            let nodes = count("shards").max(1.0) * (count("replicas") + 1.0);
            let attributes = [("instanceType", kind), ("cacheEngine", engine)];
            vec![part("AmazonElastiCache", &format!("NodeUsage:{kind}{suffix}"), &attributes, nodes * HOURS)]
        }
        "kms/key" => vec![part("awskms", "KMS-Keys", &[], 1.0)],
        "secretsmanager/secret" => vec![part("AWSSecretsManager", "AWSSecretsManager-Secrets", &[], 1.0)],
        _ => Vec::new(),
    }
}

/// True for a node group whose price changes by the hour.
pub fn is_spot(props: &Value) -> bool {
    props["capacity"].as_str().is_some_and(|capacity| capacity.eq_ignore_ascii_case("spot"))
}

/// The disk of each node: the launch template's, to which the node group refers.
fn disk_gb(group: &Component, graph: &Graph) -> f64 {
    let sizes = group.dependencies().into_iter().filter_map(|address| graph.get(&address)?.desired["disk_gb"].as_f64());
    sizes.fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use stellar_engine::Properties;

    use super::*;

    fn parts(kind: &'static str, desired: Value) -> Vec<(String, f64)> {
        let mut component = Component::new("network/x".parse().expect("address"), "r", &Nothing {});
        component.kind = kind;
        component.desired = desired;
        of(&component, &Graph::default(), "r").into_iter().map(|part| (part.sku.usage, part.units)).collect()
    }

    #[derive(serde::Serialize, serde::Deserialize)]
    struct Nothing {}

    impl Properties for Nothing {
        const KIND: &'static str = "test/nothing";
    }

    #[test]
    fn a_component_costs_what_it_reserves() {
        let row = |usage: &str, units: f64| (usage.to_owned(), units);
        let pool = |capacity: &str| json!({"instance_types": ["m5.large"], "capacity": capacity, "desired": 3});
        let database = json!({"engine": "postgres", "instance_class": "db.r6g.large", "multi_az": true,
            "storage_type": "gp3", "storage_gb": 500});
        let cache = json!({"engine": "valkey", "node_type": "cache.r6g.large", "shards": 2, "replicas": 1});
        let rows = [
            ("ec2/vpc", json!({}), vec![]),
            ("ec2/nat-gateway", json!({}), vec![row("NatGateway-Hours", 730.0)]),
            ("ec2/vpc-endpoint", json!({"subnet_ids": []}), vec![]),
            ("eks/node-group", pool("SPOT"), vec![]),
            (
                "eks/node-group",
                pool("ON_DEMAND"),
                vec![row("BoxUsage:m5.large", 2190.0), row("EBS:VolumeUsage.gp3", 0.0)],
            ),
            (
                "rds/instance",
                database,
                vec![row("Multi-AZUsage:db.r6g.large", 730.0), row("RDS:Multi-AZ-GP3-Storage", 500.0)],
            ),
            ("elasticache/replication-group", cache, vec![row("NodeUsage:cache.r6g.large:Valkey", 2920.0)]),
            ("kms/key", json!({}), vec![row("KMS-Keys", 1.0)]),
        ];
        for (kind, desired, expected) in rows {
            assert_eq!(parts(kind, desired), expected, "{kind}");
        }
    }
}
