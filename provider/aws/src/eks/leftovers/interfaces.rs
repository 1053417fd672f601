//! Interfaces that the VPC CNI gave to pods. It detaches and deletes them in two steps, and a node that dies in between
//! leaves them behind.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{NetworkInterface, NetworkInterfaceStatus};
use stellar_engine::{Error, ErrorClass, Scope};

use super::{Done, Sweep};
use crate::{
    Aws, call,
    ec2::{interfaces_of, living_instances, tags},
};

/// Deletes detached interfaces of the cluster's pods. An attached one goes with its node; where that lives on, the node
/// is somebody else's to end, and its interface no leftover.
pub(super) async fn clear(aws: &Aws, scope: &Scope, sweep: &Sweep<'_>) -> Result<Done, Error> {
    let mut done = Done::default();
    let ec2 = aws.ec2(&scope.region);
    let all = interfaces_of(aws, scope, tags::filter("vpc-id", sweep.vpc)).await?;
    let control_plane = format!("Amazon EKS {}", sweep.cluster);
    let ours = |i: &&NetworkInterface| {
        // EKS's own interfaces go with the cluster; where it is gone, they were forgotten.
        let forgotten = sweep.own_group.is_none() && i.description() == Some(control_plane.as_str());
        forgotten || sweep.is_interface(&tags::from_sdk(i.tag_set()))
    };
    let ours: Vec<&NetworkInterface> = all.iter().filter(ours).collect();
    let host = |i: &NetworkInterface| i.attachment().and_then(|a| a.instance_id()).map(str::to_owned);
    let hosts: BTreeSet<String> = ours.iter().filter_map(|i| host(i)).collect();
    let living = living_instances(aws, scope, &hosts).await?;
    for interface in ours {
        let id = interface.network_interface_id().unwrap_or_default();
        if interface.status() != Some(&NetworkInterfaceStatus::Available) {
            if host(interface).is_none_or(|host| !living.contains(&host)) {
                done.waiting.push("network interface");
            }
            continue;
        }
        let request = || ec2.delete_network_interface().network_interface_id(id).send();
        match Error::absent_is_none(call("ec2:DeleteNetworkInterface", request).await) {
            Ok(_) => done.removed("network interface", id),
            Err(error) if error.class == ErrorClass::InUse => done.waiting.push("network interface"),
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}
