//! Network interfaces, which everything in a VPC has: whose they are, and whether they will go.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{
    Filter, Instance, InstanceStateName, NatGatewayState, NetworkInterface, NetworkInterfaceStatus,
};
use futures::join;
use stellar_engine::{Blocker, Error, Fate, Scope};

use super::tags;
use crate::{Aws, call};

/// Whose an interface is. Services say so in its description alone.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Owner {
    /// An instance, by id.
    Instance(String),
    /// A NAT gateway, by id.
    Nat(String),
    /// A VPC endpoint, by id.
    Endpoint(String),
    /// A load balancer, by name.
    Balancer(String),
    /// An EKS control plane, by name.
    Eks(String),
    /// A node of a cache, by id.
    Cache(String),
    /// A database in the VPC; which one does not show.
    Database,
    /// A function, by name; Lambda keeps it for up to 40 minutes after the function has gone.
    Function(String),
    /// Another service.
    Service(String),
    /// Nobody: detached.
    Nobody,
}

/// All interfaces that pass the filter.
///
/// # Errors
/// Those of the call.
pub(crate) async fn interfaces_of(aws: &Aws, scope: &Scope, filter: Filter) -> Result<Vec<NetworkInterface>, Error> {
    let ec2 = aws.ec2(&scope.region);
    let request =
        || ec2.describe_network_interfaces().filters(filter.clone()).into_paginator().items().send().collect();
    call("ec2:DescribeNetworkInterfaces", request).await
}

/// Those of the instances that have neither ended nor are about to.
///
/// # Errors
/// Those of the call.
pub(crate) async fn living_instances(
    aws: &Aws,
    scope: &Scope,
    ids: &BTreeSet<String>,
) -> Result<BTreeSet<String>, Error> {
    Ok(described(aws, scope, ids).await?.iter().filter(|i| lives(i)).filter_map(|i| i.instance_id.clone()).collect())
}

/// The interfaces that pass the filter, as what keeps something else from going.
///
/// # Errors
/// Those of the calls.
pub(super) async fn blocking(aws: &Aws, scope: &Scope, filter: Filter) -> Result<Vec<Blocker>, Error> {
    let found = interfaces_of(aws, scope, filter).await?;
    let owners: Vec<Owner> = found.iter().map(owner).collect();
    let known = Known::about(aws, scope, &owners, &found).await;
    let blocker = |(interface, owner): (&NetworkInterface, &Owner)| {
        let (whose, fate) = known.fate(owner);
        let id = interface.network_interface_id().unwrap_or_default().to_owned();
        let text = interface.description().filter(|text| !text.is_empty());
        let place = interface.subnet_id().unwrap_or_default();
        let text = text.map(|text| format!("\"{text}\", ")).unwrap_or_default();
        Blocker { noun: "network interface".to_owned(), id, about: format!("{text}{whose}, in {place}"), fate }
    };
    Ok(found.iter().zip(&owners).map(blocker).collect())
}

/// Descriptions as the services write them (EC2 User Guide, "Requester-managed network interfaces", and the services' own
/// guides).
fn owner(interface: &NetworkInterface) -> Owner {
    if let Some(instance) = interface.attachment().and_then(|a| a.instance_id()) {
        return Owner::Instance(instance.to_owned());
    }
    let text = interface.description().unwrap_or_default();
    let last = || text.rsplit(' ').next().unwrap_or_default().to_owned();
    let starts = |start: &str| text.starts_with(start);
    if starts("Interface for NAT Gateway ") {
        Owner::Nat(last())
    } else if starts("VPC Endpoint Interface ") {
        Owner::Endpoint(last())
    } else if starts("ELB ") {
        // `ELB app/name/hash`; of the classic sort `ELB name`.
        let name = last();
        Owner::Balancer(name.split('/').nth(1).unwrap_or(&name).to_owned())
    } else if starts("Amazon EKS ") {
        Owner::Eks(last())
    } else if starts("ElastiCache ") {
        Owner::Cache(last())
    } else if starts("RDSNetworkInterface") {
        Owner::Database
    } else if let Some(function) = text.strip_prefix("AWS Lambda VPC ENI-") {
        Owner::Function(function.get(..function.len().saturating_sub(37)).unwrap_or(function).to_owned())
    } else if interface.status() == Some(&NetworkInterfaceStatus::Available) {
        Owner::Nobody
    } else {
        let service = interface.requester_id().filter(|_| interface.requester_managed() == Some(true));
        Owner::Service(service.unwrap_or("a service").to_owned())
    }
}

/// What the owners' services say about them. A service that may not be asked says nothing.
#[derive(Debug, Default)]
struct Known {
    /// Instances that live, with names.
    instances: Option<Vec<(String, String)>>,
    nats: Option<BTreeSet<String>>,
    endpoints: Option<BTreeSet<String>>,
    balancers: Option<BTreeSet<String>>,
    clusters: Option<BTreeSet<String>>,
    caches: Option<BTreeSet<String>>,
    /// Databases in the VPC of the interfaces.
    databases: Option<Vec<String>>,
}

impl Known {
    async fn about(aws: &Aws, scope: &Scope, owners: &[Owner], found: &[NetworkInterface]) -> Self {
        let vpc = found.first().and_then(|i| i.vpc_id()).unwrap_or_default();
        let has = |wanted: fn(&Owner) -> bool| owners.iter().any(wanted);
        let ids = |wanted: fn(&Owner) -> Option<&String>| -> BTreeSet<String> {
            owners.iter().filter_map(wanted).cloned().collect()
        };
        let instances = ids(|o| if let Owner::Instance(id) = o { Some(id) } else { None });
        let instances = async {
            let found = described(aws, scope, &instances).await.ok()?;
            Some(found.iter().filter(|i| lives(i)).map(named).collect())
        };
        let nats = async { asked(has(|o| matches!(o, Owner::Nat(_))), nats(aws, scope, vpc)).await };
        let endpoints = async { asked(has(|o| matches!(o, Owner::Endpoint(_))), endpoints(aws, scope, vpc)).await };
        let balancers = async { asked(has(|o| matches!(o, Owner::Balancer(_))), balancers(aws, scope, vpc)).await };
        let clusters = ids(|o| if let Owner::Eks(name) = o { Some(name) } else { None });
        let clusters = async { asked(!clusters.is_empty(), living_clusters(aws, scope, &clusters)).await };
        let caches = async { asked(has(|o| matches!(o, Owner::Cache(_))), caches(aws, scope)).await };
        let databases = async { asked(has(|o| matches!(o, Owner::Database)), databases(aws, scope, vpc)).await };
        let (instances, nats, endpoints, balancers, clusters, caches, databases) =
            join!(instances, nats, endpoints, balancers, clusters, caches, databases);
        Self { instances, nats, endpoints, balancers, clusters, caches, databases }
    }

    /// Whose it is, for people, and what becomes of it.
    fn fate(&self, owner: &Owner) -> (String, Fate) {
        let fate = |living: &Option<BTreeSet<String>>, name: &String| match living {
            Some(living) if living.contains(name) => Fate::Stays,
            Some(_) => Fate::Goes,
            None => Fate::Unclear,
        };
        match owner {
            Owner::Instance(id) => match &self.instances {
                Some(living) => match living.iter().find(|(living, _)| living == id) {
                    Some((_, name)) if !name.is_empty() => (format!("of the instance {id} \"{name}\""), Fate::Stays),
                    Some(_) => (format!("of the instance {id}"), Fate::Stays),
                    None => (format!("of the instance {id}"), Fate::Goes),
                },
                None => (format!("of the instance {id}"), Fate::Unclear),
            },
            Owner::Nat(id) => (format!("of the NAT gateway {id}"), fate(&self.nats, id)),
            Owner::Endpoint(id) => (format!("of the VPC endpoint {id}"), fate(&self.endpoints, id)),
            Owner::Balancer(name) => (format!("of the load balancer {name}"), fate(&self.balancers, name)),
            Owner::Eks(name) => (format!("of the EKS cluster {name}"), fate(&self.clusters, name)),
            Owner::Cache(id) => (format!("of the cache node {id}"), fate(&self.caches, id)),
            Owner::Database => match &self.databases {
                Some(names) if names.is_empty() => ("of a database".to_owned(), Fate::Goes),
                Some(names) => (format!("of one of the databases {}", names.join(", ")), Fate::Stays),
                None => ("of a database".to_owned(), Fate::Unclear),
            },
            Owner::Function(name) => (format!("of the Lambda function {name}"), Fate::Stays),
            Owner::Service(name) => (format!("managed by {name}"), Fate::Unclear),
            Owner::Nobody => ("detached".to_owned(), Fate::Stays),
        }
    }
}

async fn asked<T>(needed: bool, question: impl Future<Output = Result<T, Error>>) -> Option<T> {
    if needed { question.await.ok() } else { None }
}

fn lives(instance: &Instance) -> bool {
    let state = instance.state().and_then(|state| state.name());
    !matches!(state, Some(InstanceStateName::ShuttingDown | InstanceStateName::Terminated))
}

fn named(instance: &Instance) -> (String, String) {
    let name = tags::from_sdk(instance.tags()).remove("Name").unwrap_or_default();
    (instance.instance_id().unwrap_or_default().to_owned(), name)
}

async fn described(aws: &Aws, scope: &Scope, ids: &BTreeSet<String>) -> Result<Vec<Instance>, Error> {
    let ec2 = &aws.ec2(&scope.region);
    // A filter, since an id that is not known any more would be an error.
    let list = async |filter: Filter| {
        let request = || {
            let request = ec2.describe_instances().filters(filter.clone());
            request.into_paginator().items().send().collect::<Result<Vec<_>, _>>()
        };
        call("ec2:DescribeInstances", request).await
    };
    let reservations = tags::list_any_of("instance-id", ids, list).await?;
    Ok(reservations.into_iter().flat_map(|r| r.instances.unwrap_or_default()).collect())
}

async fn nats(aws: &Aws, scope: &Scope, vpc: &str) -> Result<BTreeSet<String>, Error> {
    let ec2 = aws.ec2(&scope.region);
    let filter = tags::filter("vpc-id", vpc);
    let request = || ec2.describe_nat_gateways().filter(filter.clone()).into_paginator().items().send().collect();
    let all: Vec<aws_sdk_ec2::types::NatGateway> = call("ec2:DescribeNatGateways", request).await?;
    let lives = |nat: &&aws_sdk_ec2::types::NatGateway| {
        matches!(nat.state(), Some(NatGatewayState::Available | NatGatewayState::Pending))
    };
    Ok(all.iter().filter(lives).filter_map(|nat| nat.nat_gateway_id().map(str::to_owned)).collect())
}

async fn endpoints(aws: &Aws, scope: &Scope, vpc: &str) -> Result<BTreeSet<String>, Error> {
    let ec2 = aws.ec2(&scope.region);
    let filter = tags::filter("vpc-id", vpc);
    let request = || ec2.describe_vpc_endpoints().filters(filter.clone()).into_paginator().items().send().collect();
    let all: Vec<aws_sdk_ec2::types::VpcEndpoint> = call("ec2:DescribeVpcEndpoints", request).await?;
    let going = |state: &str| state.eq_ignore_ascii_case("deleting") || state.eq_ignore_ascii_case("deleted");
    let lives = |e: &&aws_sdk_ec2::types::VpcEndpoint| !e.state().is_some_and(|state| going(state.as_str()));
    Ok(all.iter().filter(lives).filter_map(|e| e.vpc_endpoint_id().map(str::to_owned)).collect())
}

async fn balancers(aws: &Aws, scope: &Scope, vpc: &str) -> Result<BTreeSet<String>, Error> {
    let elb = aws.elbv2(&scope.region);
    let request = || elb.describe_load_balancers().into_paginator().items().send().collect();
    let all: Vec<aws_sdk_elasticloadbalancingv2::types::LoadBalancer> =
        call("elasticloadbalancing:DescribeLoadBalancers", request).await?;
    let here = all.iter().filter(|balancer| balancer.vpc_id() == Some(vpc));
    Ok(here.filter_map(|balancer| balancer.load_balancer_name().map(str::to_owned)).collect())
}

async fn living_clusters(aws: &Aws, scope: &Scope, names: &BTreeSet<String>) -> Result<BTreeSet<String>, Error> {
    let eks = aws.eks(&scope.region);
    let mut living = BTreeSet::new();
    for name in names {
        let output = call("eks:DescribeCluster", || eks.describe_cluster().name(name).send()).await;
        let cluster = Error::absent_is_none(output)?.and_then(|output| output.cluster);
        if cluster.is_some_and(|cluster| cluster.status().is_none_or(|status| status.as_str() != "DELETING")) {
            living.insert(name.clone());
        }
    }
    Ok(living)
}

async fn caches(aws: &Aws, scope: &Scope) -> Result<BTreeSet<String>, Error> {
    let elasticache = aws.elasticache(&scope.region);
    let request = || elasticache.describe_cache_clusters().into_paginator().items().send().collect();
    let all: Vec<aws_sdk_elasticache::types::CacheCluster> = call("elasticache:DescribeCacheClusters", request).await?;
    let living = all.iter().filter(|cluster| cluster.cache_cluster_status() != Some("deleting"));
    Ok(living.filter_map(|cluster| cluster.cache_cluster_id().map(str::to_owned)).collect())
}

async fn databases(aws: &Aws, scope: &Scope, vpc: &str) -> Result<Vec<String>, Error> {
    let rds = aws.rds(&scope.region);
    let request = || rds.describe_db_instances().into_paginator().items().send().collect();
    let all: Vec<aws_sdk_rds::types::DbInstance> = call("rds:DescribeDBInstances", request).await?;
    let here = |instance: &&aws_sdk_rds::types::DbInstance| {
        instance.db_subnet_group().and_then(|group| group.vpc_id()) == Some(vpc)
            && instance.db_instance_status() != Some("deleting")
    };
    Ok(all.iter().filter(here).filter_map(|i| i.db_instance_identifier().map(str::to_owned)).collect())
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::NetworkInterfaceAttachment;

    use super::*;

    #[test]
    fn descriptions_say_whose_an_interface_is() {
        let named = |text: &str| text.to_owned();
        let rows = [
            ("Interface for NAT Gateway nat-1", true, Owner::Nat(named("nat-1"))),
            ("VPC Endpoint Interface vpce-1", true, Owner::Endpoint(named("vpce-1"))),
            ("ELB app/k8s-shop-web/0a1b", true, Owner::Balancer(named("k8s-shop-web"))),
            ("ELB a0b1c2", true, Owner::Balancer(named("a0b1c2"))),
            ("Amazon EKS shop", true, Owner::Eks(named("shop"))),
            ("ElastiCache shop-001", true, Owner::Cache(named("shop-001"))),
            ("RDSNetworkInterface", true, Owner::Database),
            ("AWS Lambda VPC ENI-mail-0d1b2c3a-0000-1111-2222-333344445555", true, Owner::Function(named("mail"))),
            ("EFS mount target for fs-1 (fsmt-1)", true, Owner::Service(named("amazon-x"))),
            ("mine", false, Owner::Nobody),
        ];
        for (text, in_use, expected) in rows {
            let status = if in_use { NetworkInterfaceStatus::InUse } else { NetworkInterfaceStatus::Available };
            let interface = NetworkInterface::builder()
                .description(text)
                .status(status)
                .requester_managed(in_use)
                .requester_id("amazon-x");
            assert_eq!(owner(&interface.build()), expected, "{text}");
        }
        let attachment = NetworkInterfaceAttachment::builder().instance_id("i-1").build();
        let attached = NetworkInterface::builder().description("ELB app/a/b").attachment(attachment).build();
        assert_eq!(owner(&attached), Owner::Instance(named("i-1")));
    }

    #[test]
    fn what_its_service_still_knows_stays() {
        let set = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
        let known = Known {
            instances: Some(vec![("i-1".to_owned(), "bastion".to_owned())]),
            nats: set(&["nat-1"]),
            databases: Some(vec!["copy".to_owned()]),
            ..Known::default()
        };
        let rows = [
            (Owner::Instance("i-1".to_owned()), Fate::Stays),
            (Owner::Instance("i-2".to_owned()), Fate::Goes),
            (Owner::Nat("nat-1".to_owned()), Fate::Stays),
            (Owner::Nat("nat-2".to_owned()), Fate::Goes),
            (Owner::Endpoint("vpce-1".to_owned()), Fate::Unclear),
            (Owner::Database, Fate::Stays),
            (Owner::Nobody, Fate::Stays),
            (Owner::Service("amazon-x".to_owned()), Fate::Unclear),
        ];
        for (owner, expected) in rows {
            assert_eq!(known.fate(&owner).1, expected, "{owner:?}");
        }
        let gone = Known { databases: Some(Vec::new()), ..Known::default() };
        assert_eq!(gone.fate(&Owner::Database).1, Fate::Goes);
    }
}
