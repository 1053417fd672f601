//! Who may connect to a data store: the stack's own nodes and pods, and whom the user names.

use std::collections::BTreeSet;

use stellar_aws::ec2::{security_group::SecurityGroup, security_group_rule::SecurityGroupRule};
use stellar_engine::{Input, address};
use tfplugin_sdk::{Attr, Diagnostics, Path, Schema};

use super::{
    build::Builder,
    check::is_block,
    known::{NotYetKnown, known},
};

/// Who may connect, beyond the nodes and pods of the stack's own cluster.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Access {
    /// Ids of security groups (`sg-…`) whose members may connect.
    pub security_group_ids: Attr<BTreeSet<String>>,
    /// IPv4 blocks from which one may connect; they need a route into the VPC.
    pub cidrs: Attr<BTreeSet<String>>,
}

/// Checks the field at `path`.
pub fn validate(access: &Attr<Access>, path: &Path, d: &mut Diagnostics) {
    let Attr::Known(access) = access else { return };
    for cidr in access.cidrs.known().into_iter().flatten().filter(|cidr| !is_block(cidr)) {
        let detail = format!("{cidr:?} is not an IPv4 block such as \"10.0.0.0/8\", with zeros after the prefix.");
        d.attribute_error(path.attr("cidrs"), "Invalid CIDR block", detail);
    }
    for id in access.security_group_ids.known().into_iter().flatten().filter(|id| !is_security_group(id)) {
        let detail = format!("{id:?} is not the id of a security group (\"sg-…\").");
        d.attribute_error(path.attr("security_group_ids"), "Invalid security group", detail);
    }
}

fn is_security_group(id: &str) -> bool {
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    id.strip_prefix("sg-").is_some_and(|rest| !rest.is_empty() && rest.bytes().all(is_hex))
}

/// Adds `<section>/security-group` and a rule for each peer; answers the group's id.
///
/// Rules are named by their peers, so that one that comes or goes leaves the others alone.
///
/// # Errors
/// When the peers are only known after apply.
pub fn expand(
    access: &Attr<Access>,
    section: &str,
    port: i32,
    b: &mut Builder<'_>,
) -> Result<Input<String>, NotYetKnown> {
    let group = SecurityGroup {
        name: b.names.regional(section, 255),
        description: format!("Connections to the {section} of the stack {}", b.names.stack()),
        vpc_id: b.network.vpc_id.clone(),
        default_egress: false,
    };
    let group = b.add(address!("{section}/security-group"), &group);
    let group_id = Input::output(&group, "id");
    let rule = SecurityGroupRule {
        group_id: group_id.clone(),
        egress: false,
        protocol: "tcp".to_owned(),
        ports: Some((port, port)),
        ..SecurityGroupRule::default()
    };
    if let Some(kubernetes) = b.kubernetes.clone() {
        let description = Some("Nodes and pods".to_owned());
        let peer_group_id = Some(kubernetes.security_group_id);
        b.add(address!("{section}/rule/kubernetes"), &SecurityGroupRule { peer_group_id, description, ..rule.clone() });
    }
    let none = Access::default();
    let access = known(access, &format!("{section}.access"))?.unwrap_or(&none);
    for cidr in known(&access.cidrs, &format!("{section}.access.cidrs"))?.into_iter().flatten() {
        let address = address!("{section}/rule/cidr/{}", cidr.replace('/', "-"));
        b.add(address, &SecurityGroupRule { cidr: Some(cidr.clone()), ..rule.clone() });
    }
    for id in known(&access.security_group_ids, &format!("{section}.access.security_group_ids"))?.into_iter().flatten()
    {
        let peer_group_id = Some(Input::Known(id.clone()));
        b.add(address!("{section}/rule/group/{id}"), &SecurityGroupRule { peer_group_id, ..rule.clone() });
    }
    Ok(group_id)
}
