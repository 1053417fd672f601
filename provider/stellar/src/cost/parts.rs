//! What each component costs per month: how much of what is sold.

use serde_json::Value;
use stellar_aws::pricing::Sku;
use stellar_engine::{Component, Graph};

/// Hours of a month, as AWS's calculator counts them.
const HOURS: f64 = 730.0;
/// The class of instances that are paid by their capacity.
const SERVERLESS: &str = "db.serverless";

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
            let usage = if multi.is_empty() { "InstanceUsage" } else { "Multi-AZUsage" };
            let class = text("instance_class");
            let machine = [("instanceType", class), ("databaseEngine", "PostgreSQL"), ("deploymentOption", deployment)];
            let mut parts = vec![part("AmazonRDS", &format!("{usage}:{class}"), &machine, HOURS)];
            let storage = text("storage_type");
            let volume = match storage {
                "gp2" => Some(("General Purpose", "GP2-Storage")),
                "gp3" => Some(("General Purpose-GP3", "GP3-Storage")),
                "io1" => Some(("Provisioned IOPS", "PIOPS-Storage")),
                "io2" => Some(("Provisioned IOPS-IO2", "PIOPS-Storage-IO2")),
                _ => None,
            };
            if let Some((kind, usage)) = volume {
                let attributes = [("volumeType", kind), ("deploymentOption", deployment)];
                parts.push(part("AmazonRDS", &format!("RDS:{multi}{usage}"), &attributes, count("storage_gb")));
                for (usage, units) in speed(storage, count("iops"), count("throughput")) {
                    parts.push(part("AmazonRDS", &format!("RDS:{multi}{usage}"), &attributes, units));
                }
            }
            parts
        }
        "rds/cluster-instance" => {
            let cluster = cluster_of(component, graph);
            let included = cluster.is_some_and(|cluster| cluster["storage_type"].as_str() == Some("aurora-iopt1"));
            let class = text("instance_class");
            let engine = ("databaseEngine", "Aurora PostgreSQL");
            if class == SERVERLESS {
                let usage = if included { "Aurora:ServerlessV2IOOptimizedUsage" } else { "Aurora:ServerlessV2Usage" };
                let least = cluster.and_then(|cluster| cluster["serverless"]["min_acu"].as_f64()).unwrap_or_default();
                return vec![part("AmazonRDS", usage, &[engine], least * HOURS)];
            }
            let usage = if included { "InstanceUsageIOOptimized" } else { "InstanceUsage" };
            vec![part("AmazonRDS", &format!("{usage}:{class}"), &[("instanceType", class), engine], HOURS)]
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

/// What is paid for the speed of a volume beyond its size, with its usage type. gp3 includes 12,000 IOPS and 500 MiB/s from
/// 400 GiB on, below which they cannot be chosen (RDS User Guide, "Amazon RDS DB instance storage").
fn speed(storage: &str, iops: f64, throughput: f64) -> Vec<(&'static str, f64)> {
    let beyond = |wanted: f64, included: f64| (wanted - included).max(0.0);
    let parts = match storage {
        "gp3" => vec![("GP3-PIOPS", beyond(iops, 12_000.0)), ("GP3-Throughput", beyond(throughput, 500.0))],
        "io1" => vec![("PIOPS", iops)],
        "io2" => vec![("PIOPS-IO2", iops)],
        _ => Vec::new(),
    };
    parts.into_iter().filter(|(_, units)| *units > 0.0).collect()
}

/// The properties of the cluster of an Aurora instance.
fn cluster_of<'a>(instance: &Component, graph: &'a Graph) -> Option<&'a Value> {
    let clusters = instance.dependencies().into_iter().filter_map(|address| graph.get(&address));
    clusters.filter(|component| component.kind == "rds/cluster").map(|cluster| &cluster.desired).next()
}

/// What is paid by use, and so cannot be known from a configuration; each thing by its name, if the graph has it.
pub fn by_use(graph: &Graph) -> Vec<&'static str> {
    let rows: [(&str, &[&str]); 9] = [
        ("data through NAT gateways", &["ec2/nat-gateway"]),
        ("data through VPC endpoints", &["ec2/vpc-endpoint"]),
        ("nodes beyond desired", &["eks/node-group"]),
        ("storage and I/O of Aurora", &["rds/cluster"]),
        ("capacity beyond min_acu", &["rds/cluster-instance"]),
        ("database backups beyond the storage", &["rds/instance", "rds/cluster"]),
        ("objects and requests of the buckets", &["s3/bucket"]),
        ("traffic and requests of the CDN", &["cloudfront/distribution"]),
        ("logs", &["logs/log-group"]),
    ];
    let has = |kinds: &[&str]| graph.iter().any(|component| kinds.contains(&component.kind) && is_paid(component));
    rows.into_iter().filter(|(_, kinds)| has(kinds)).map(|(what, _)| what).collect()
}

/// Of Aurora's instances only serverless ones grow, and gateway endpoints, which have no subnets, cost nothing.
fn is_paid(component: &Component) -> bool {
    match component.kind {
        "rds/cluster-instance" => component.desired["instance_class"].as_str() == Some(SERVERLESS),
        "ec2/vpc-endpoint" => component.desired["subnet_ids"].as_array().is_some_and(|subnets| !subnets.is_empty()),
        _ => true,
    }
}

/// The surcharge of a cluster whose version is past its standard support.
pub fn extended_support(component: &Component, region: &str) -> Part {
    Part {
        address: component.address.to_string(),
        sku: Sku {
            service: "AmazonEKS",
            region: region.to_owned(),
            usage: "AmazonEKS-Hours:extendedSupport".to_owned(),
            attributes: Vec::new(),
        },
        units: HOURS,
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
        let fast = |kind: &str, iops: i32, throughput: i32| {
            json!({"engine": "postgres", "instance_class": "db.r6g.large", "multi_az": false, "storage_type": kind,
                "storage_gb": 400, "iops": iops, "throughput": throughput})
        };
        let machine = || row("InstanceUsage:db.r6g.large", 730.0);
        let aurora = |class: &str| json!({"engine": "aurora-postgresql", "instance_class": class});
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
            (
                "rds/instance",
                fast("gp3", 15_000, 500),
                vec![machine(), row("RDS:GP3-Storage", 400.0), row("RDS:GP3-PIOPS", 3000.0)],
            ),
            (
                "rds/instance",
                fast("gp3", 12_000, 700),
                vec![machine(), row("RDS:GP3-Storage", 400.0), row("RDS:GP3-Throughput", 200.0)],
            ),
            (
                "rds/instance",
                fast("io2", 5000, 0),
                vec![machine(), row("RDS:PIOPS-Storage-IO2", 400.0), row("RDS:PIOPS-IO2", 5000.0)],
            ),
            ("rds/cluster", json!({}), vec![]),
            ("rds/cluster-instance", aurora("db.r6g.large"), vec![machine()]),
            ("rds/cluster-instance", aurora("db.serverless"), vec![row("Aurora:ServerlessV2Usage", 0.0)]),
            ("elasticache/replication-group", cache, vec![row("NodeUsage:cache.r6g.large:Valkey", 2920.0)]),
            ("kms/key", json!({}), vec![row("KMS-Keys", 1.0)]),
        ];
        for (kind, desired, expected) in rows {
            assert_eq!(parts(kind, desired), expected, "{kind}");
        }
    }
}
