//! Route. Proof: parent, its route table. Found again by table and destination, which are its id.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use aws_sdk_ec2::types::{RouteState, RouteTable};
use serde::{Deserialize, Serialize};
use stellar_engine::{
    Address, Changes, Error, Input, Observed, Proof, Properties, Retained, Rule, Scope, Status, Tagging, Target, Traits,
};

use super::{route_table, tags};
use crate::{Aws, access::Needs, call};

/// One route of a route table. Outputs: `id`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Route {
    /// The route table; cannot be changed.
    pub route_table_id: Input<String>,
    /// An IPv4 block; cannot be changed.
    pub destination: String,
    /// The target as an internet gateway; exactly one of the two targets is set.
    pub gateway_id: Option<Input<String>>,
    /// The target as a NAT gateway.
    pub nat_gateway_id: Option<Input<String>>,
}

impl Properties for Route {
    const KIND: &'static str = "ec2/route";
}

/// What IAM must allow.
pub(super) const NEEDS: Needs = Needs {
    read: &["ec2:DescribeRouteTables"],
    create: &["ec2:CreateRoute"],
    update: &["ec2:ReplaceRoute"],
    delete: &["ec2:DeleteRoute"],
    ..Needs::NOTHING
};

/// The kind `ec2/route`.
pub(super) struct Kind(pub Arc<Aws>);

#[async_trait]
impl stellar_engine::Kind for Kind {
    type Props = Route;

    fn traits(&self) -> Traits {
        Traits {
            proof: Proof::Parent,
            tagging: Tagging::None,
            rules: &[
                ("route_table_id", Rule::Replace("a route cannot move to another table")),
                ("destination", Rule::Replace("the destination of a route cannot be changed")),
            ],
            ..Traits::new(Route::KIND, "route")
        }
    }

    async fn read(&self, scope: &Scope, targets: &[Target<Route>]) -> Vec<Result<Option<Observed<Route>>, Error>> {
        let keys: Vec<Option<Key>> = targets.iter().map(Key::of).collect();
        let described = self.tables(scope, keys.iter().flatten().map(|key| key.table.as_str()).collect()).await;
        let look_up = |key: &Option<Key>| {
            let tables = described.as_ref().map_err(Error::clone)?;
            Ok(key.as_ref().and_then(|key| observed(key, tables)))
        };
        keys.iter().map(look_up).collect()
    }

    async fn create(&self, scope: &Scope, _: &Address, desired: &Route) -> Result<String, Error> {
        let ec2 = self.0.ec2(&scope.region);
        let table = desired.route_table_id.value()?;
        let request = ec2
            .create_route()
            .route_table_id(table)
            .destination_cidr_block(&desired.destination)
            .set_gateway_id(optional(&desired.gateway_id)?)
            .set_nat_gateway_id(optional(&desired.nat_gateway_id)?);
        call("ec2:CreateRoute", || request.clone().send()).await?;
        Ok(Key { table: table.clone(), destination: desired.destination.clone() }.id())
    }

    async fn update(
        &self,
        scope: &Scope,
        _: &Address,
        desired: &Route,
        _: &Observed<Route>,
        _: &Changes,
    ) -> Result<(), Error> {
        let ec2 = self.0.ec2(&scope.region);
        let request = ec2
            .replace_route()
            .route_table_id(desired.route_table_id.value()?)
            .destination_cidr_block(&desired.destination)
            .set_gateway_id(optional(&desired.gateway_id)?)
            .set_nat_gateway_id(optional(&desired.nat_gateway_id)?);
        call("ec2:ReplaceRoute", || request.clone().send()).await.map(drop)
    }

    async fn delete(
        &self,
        scope: &Scope,
        _: &Address,
        observed: &Observed<Route>,
        _: Option<&Route>,
    ) -> Result<Vec<Retained>, Error> {
        let (ec2, route) = (self.0.ec2(&scope.region), &observed.props);
        let table = route.route_table_id.value()?;
        let request = || ec2.delete_route().route_table_id(table).destination_cidr_block(&route.destination).send();
        Error::absent_is_none(call("ec2:DeleteRoute", request).await)?;
        Ok(Vec::new())
    }
}

impl Kind {
    /// The stack's route tables, and those of the wanted ones that have lost their tags.
    async fn tables(&self, scope: &Scope, mut wanted: BTreeSet<&str>) -> Result<Vec<RouteTable>, Error> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let mut all = route_table::describe(&self.0, scope, tags::claim_filter(scope)).await?.to_vec();
        wanted.retain(|id| !all.iter().any(|table| table.route_table_id() == Some(*id)));
        let list = async |filter| Ok(route_table::describe(&self.0, scope, filter).await?.to_vec());
        all.extend(tags::list_any_of("route-table-id", wanted, list).await?);
        Ok(all)
    }
}

/// What identifies a route.
#[derive(Debug, PartialEq)]
struct Key {
    table: String,
    destination: String,
}

impl Key {
    /// From the desired properties, else from the recorded id.
    fn of(target: &Target<Route>) -> Option<Self> {
        if let Some(props) = &target.props
            && let Ok(table) = props.route_table_id.value()
        {
            return Some(Self { table: table.clone(), destination: props.destination.clone() });
        }
        let (table, destination) = target.id.as_deref()?.split_once('_')?;
        Some(Self { table: table.to_owned(), destination: destination.to_owned() })
    }

    fn id(&self) -> String {
        format!("{}_{}", self.table, self.destination)
    }
}

fn observed(key: &Key, tables: &[RouteTable]) -> Option<Observed<Route>> {
    let table = tables.iter().find(|table| table.route_table_id() == Some(key.table.as_str()))?;
    let route = table.routes().iter().find(|r| r.destination_cidr_block() == Some(key.destination.as_str()))?;
    let props = Route {
        route_table_id: Input::Known(key.table.clone()),
        destination: key.destination.clone(),
        gateway_id: route.gateway_id().map(Input::from),
        nat_gateway_id: route.nat_gateway_id().map(Input::from),
    };
    let status = match route.state() {
        Some(RouteState::Blackhole) => Status::Degraded("blackhole: its target does not exist".to_owned()),
        _ => Status::Ready,
    };
    Some(Observed::new(key.id(), props).output("id", key.id()).status(status))
}

fn optional(input: &Option<Input<String>>) -> Result<Option<String>, Error> {
    input.as_ref().map(|input| input.value().cloned()).transpose()
}

#[cfg(test)]
mod tests {
    use stellar_engine::address;

    use super::*;

    #[test]
    fn a_route_is_known_by_its_table_and_destination() {
        let route = |table: Input<String>| Route {
            route_table_id: table,
            destination: "0.0.0.0/0".to_owned(),
            ..Route::default()
        };
        let rows = [
            (Some(route("rtb-1".into())), None, Some("rtb-1_0.0.0.0/0")),
            (Some(route("rtb-1".into())), Some("rtb-2_0.0.0.0/0"), Some("rtb-1_0.0.0.0/0")),
            (Some(route(Input::Unknown)), Some("rtb-2_10.0.0.0/8"), Some("rtb-2_10.0.0.0/8")),
            (None, Some("rtb-2_10.0.0.0/8"), Some("rtb-2_10.0.0.0/8")),
            (None, Some("nonsense"), None),
            (None, None, None),
        ];
        for (props, id, expected) in rows {
            let target = Target {
                address: address!("network/route/public"),
                id: id.map(str::to_owned),
                props,
                remembered: false,
            };
            assert_eq!(Key::of(&target).map(|key| key.id()).as_deref(), expected, "{target:?}");
        }
    }
}
