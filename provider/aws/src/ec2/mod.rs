//! Amazon EC2: networks, and what runs in them.

pub mod launch_template;
pub mod elastic_ip;
pub mod flow_log;
pub mod internet_gateway;
pub mod nat_gateway;
pub mod route;
pub mod route_table;
pub mod route_table_association;
pub mod security_group;
pub mod security_group_rule;
pub mod subnet;
pub mod vpc;
pub mod vpc_endpoint;

mod answer;
mod find;
mod tags;

use std::sync::Arc;

use stellar_engine::AnyKind;

use crate::Aws;
pub(crate) use find::pick;

/// The kinds of this service: a new one is one new file and one line here.
pub(crate) fn kinds(aws: &Arc<Aws>) -> Vec<Arc<dyn AnyKind>> {
    vec![Arc::new(launch_template::Kind(aws.clone())), Arc::new(vpc::Kind(aws.clone()))]
}

/// Answers each target from all objects of one kind that carry the stack's claim: the one with the
/// recorded id, else the one whose tag names the component.
///
/// A second object with the component's tag is an error: either could be the one in use.
pub(crate) fn pick<P: Clone>(
    scope: &Scope,
    targets: &[Target<P>],
    all: &Result<Vec<Observed<P>>, Error>,
) -> Vec<Result<Option<Observed<P>>, Error>> {
    let pick_one = |target: &Target<P>| {
        let all = all.as_ref().map_err(Error::clone)?;
        if let Some(id) = &target.id
            && let Some(found) = all.iter().find(|o| o.id == *id)
        {
            return Ok(Some(found.clone()));
        }
        let named = |o: &&Observed<P>| o.tags.get(TAG_COMPONENT).map(String::as_str) == Some(target.address.as_str());
        let mut candidates = all.iter().filter(|o| scope.owns(&o.tags)).filter(named);
        match (candidates.next(), candidates.next()) {
            (Some(one), Some(two)) => Err(Error::foreign(format!(
                "{} and {} both carry the tags of {}; delete the one that is not in use, or remove its tag {TAG_COMPONENT}",
                one.id, two.id, target.address
            ))),
            (found, _) => Ok(found.cloned()),
        }
    };
    targets.iter().map(pick_one).collect()
    vec![
        Arc::new(elastic_ip::Kind(aws.clone())),
        Arc::new(flow_log::Kind(aws.clone())),
        Arc::new(internet_gateway::Kind(aws.clone())),
        Arc::new(nat_gateway::Kind(aws.clone())),
        Arc::new(route::Kind(aws.clone())),
        Arc::new(route_table::Kind(aws.clone())),
        Arc::new(route_table_association::Kind(aws.clone())),
        Arc::new(security_group::Kind(aws.clone())),
        Arc::new(security_group_rule::Kind(aws.clone())),
        Arc::new(subnet::Kind(aws.clone())),
        Arc::new(vpc::Kind(aws.clone())),
        Arc::new(vpc_endpoint::Kind(aws.clone())),
    ]
}
