//! What carries a stack's claim although the stack is gone, beyond what its components tell.

use aws_sdk_ec2::types::Filter;
use futures::join;
use stellar_engine::{Error, Retained, Scope, TAG_CLAIM};

use crate::{Aws, call, ec2::tags};

/// The answer of [`census`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// Parts of networks and machines that should not be there any more: `subnet subnet-1`.
    pub left: Vec<String>,
    /// Data with the stack's tags: snapshots, and copies that somebody made of its databases and volumes, to which AWS
    /// copied the tags.
    pub copies: Vec<Retained>,
}

/// Looks in the services that find objects by tags, or list them with their tags. One that may not be asked is left out.
pub async fn census(aws: &Aws, scope: &Scope) -> Census {
    let (network, machines, storage, databases) =
        join!(network(aws, scope), machines(aws, scope), storage(aws, scope), databases(aws, scope));
    let or_none = |found: Result<Vec<String>, Error>| {
        found.unwrap_or_else(|error| {
            tracing::debug!(%error, "a part of the census was left out");
            Vec::new()
        })
    };
    let mut left = or_none(network);
    left.extend(or_none(machines));
    let mut copies = storage;
    copies.extend(databases);
    Census { left, copies }
}

fn filter(scope: &Scope) -> Filter {
    tags::filter(&format!("tag:{TAG_CLAIM}"), &scope.claim)
}

async fn network(aws: &Aws, scope: &Scope) -> Result<Vec<String>, Error> {
    let (ec2, ours) = (aws.ec2(&scope.region), filter(scope));
    let vpcs = call("ec2:DescribeVpcs", || ec2.describe_vpcs().filters(ours.clone()).send());
    let subnets = call("ec2:DescribeSubnets", || ec2.describe_subnets().filters(ours.clone()).send());
    let groups = call("ec2:DescribeSecurityGroups", || ec2.describe_security_groups().filters(ours.clone()).send());
    let tables = call("ec2:DescribeRouteTables", || ec2.describe_route_tables().filters(ours.clone()).send());
    let gateways =
        call("ec2:DescribeInternetGateways", || ec2.describe_internet_gateways().filters(ours.clone()).send());
    let addresses = call("ec2:DescribeAddresses", || ec2.describe_addresses().filters(ours.clone()).send());
    let (vpcs, subnets, groups, tables, gateways, addresses) =
        join!(vpcs, subnets, groups, tables, gateways, addresses);
    let mut left = Vec::new();
    let mut add = |noun: &str, id: Option<&str>| left.push(format!("{noun} {}", id.unwrap_or_default()));
    vpcs?.vpcs().iter().for_each(|vpc| add("VPC", vpc.vpc_id()));
    subnets?.subnets().iter().for_each(|subnet| add("subnet", subnet.subnet_id()));
    groups?.security_groups().iter().for_each(|group| add("security group", group.group_id()));
    tables?.route_tables().iter().for_each(|table| add("route table", table.route_table_id()));
    gateways?.internet_gateways().iter().for_each(|gateway| add("internet gateway", gateway.internet_gateway_id()));
    addresses?.addresses().iter().for_each(|address| add("Elastic IP address", address.allocation_id()));
    Ok(left)
}

async fn machines(aws: &Aws, scope: &Scope) -> Result<Vec<String>, Error> {
    let (ec2, ours) = (aws.ec2(&scope.region), filter(scope));
    let living = tags::any_of("instance-state-name", ["pending", "running", "stopping", "stopped"]);
    let instances =
        call("ec2:DescribeInstances", || ec2.describe_instances().filters(ours.clone()).filters(living.clone()).send());
    let templates =
        call("ec2:DescribeLaunchTemplates", || ec2.describe_launch_templates().filters(ours.clone()).send());
    let (instances, templates) = join!(instances, templates);
    let mut left = Vec::new();
    for instance in instances?.reservations().iter().flat_map(|reservation| reservation.instances()) {
        left.push(format!("instance {}", instance.instance_id().unwrap_or_default()));
    }
    for template in templates?.launch_templates() {
        left.push(format!("launch template {}", template.launch_template_id().unwrap_or_default()));
    }
    Ok(left)
}

fn copy(kind: &str, id: Option<&str>, reason: &str) -> Retained {
    Retained { kind: kind.to_owned(), id: id.unwrap_or_default().to_owned(), reason: reason.to_owned() }
}

async fn storage(aws: &Aws, scope: &Scope) -> Vec<Retained> {
    let (ec2, ours) = (aws.ec2(&scope.region), filter(scope));
    let volumes = call("ec2:DescribeVolumes", || ec2.describe_volumes().filters(ours.clone()).send());
    let snapshots =
        call("ec2:DescribeSnapshots", || ec2.describe_snapshots().owner_ids("self").filters(ours.clone()).send());
    let images = call("ec2:DescribeImages", || ec2.describe_images().owners("self").filters(ours.clone()).send());
    let (volumes, snapshots, images) = join!(volumes, snapshots, images);
    let reason = "it carries this stack's tags, which AWS or somebody has copied to it";
    let mut copies = Vec::new();
    if let Ok(output) = volumes {
        copies.extend(output.volumes().iter().map(|v| copy("ec2/volume", v.volume_id(), reason)));
    }
    if let Ok(output) = snapshots {
        copies.extend(output.snapshots().iter().map(|s| copy("ec2/snapshot", s.snapshot_id(), reason)));
    }
    if let Ok(output) = images {
        copies.extend(output.images().iter().map(|i| copy("ec2/image", i.image_id(), reason)));
    }
    copies
}

/// RDS copies tags to snapshots, and with a restored snapshot or backup to the new database.
async fn databases(aws: &Aws, scope: &Scope) -> Vec<Retained> {
    let rds = aws.rds(&scope.region);
    let ours = |tags: &[aws_sdk_rds::types::Tag]| {
        tags.iter().any(|tag| tag.key() == Some(TAG_CLAIM) && tag.value() == Some(scope.claim.as_str()))
    };
    let instances = || rds.describe_db_instances().into_paginator().items().send().collect::<Result<Vec<_>, _>>();
    let clusters = || rds.describe_db_clusters().into_paginator().items().send().collect::<Result<Vec<_>, _>>();
    let snapshots = || {
        let request = rds.describe_db_snapshots().snapshot_type("manual");
        request.into_paginator().items().send().collect::<Result<Vec<_>, _>>()
    };
    let cluster_snapshots = || {
        let request = rds.describe_db_cluster_snapshots().snapshot_type("manual");
        request.into_paginator().items().send().collect::<Result<Vec<_>, _>>()
    };
    let (instances, clusters, snapshots, cluster_snapshots) = join!(
        call("rds:DescribeDBInstances", instances),
        call("rds:DescribeDBClusters", clusters),
        call("rds:DescribeDBSnapshots", snapshots),
        call("rds:DescribeDBClusterSnapshots", cluster_snapshots),
    );
    let restored = "restored from a snapshot or backup of this stack, whose tags it carries";
    let snapshot = "a snapshot of this stack's database";
    let mut copies = Vec::new();
    let instances = instances.unwrap_or_default();
    let living = instances.iter().filter(|i| i.db_instance_status() != Some("deleting") && ours(i.tag_list()));
    copies.extend(living.map(|i| copy("rds/instance", i.db_instance_identifier(), restored)));
    let clusters = clusters.unwrap_or_default();
    let living = clusters.iter().filter(|c| c.status() != Some("deleting") && ours(c.tag_list()));
    copies.extend(living.map(|c| copy("rds/cluster", c.db_cluster_identifier(), restored)));
    for found in snapshots.unwrap_or_default().iter().filter(|s| ours(s.tag_list())) {
        copies.push(copy("rds/snapshot", found.db_snapshot_identifier(), snapshot));
    }
    for found in cluster_snapshots.unwrap_or_default().iter().filter(|s| ours(s.tag_list())) {
        copies.push(copy("rds/cluster-snapshot", found.db_cluster_snapshot_identifier(), snapshot));
    }
    copies
}
