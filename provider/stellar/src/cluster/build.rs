//! Collects the components of a stack while its sections are expanded.

use std::collections::BTreeMap;

use serde_json::json;
use stellar_aws::iam::role::Role;
use stellar_engine::{Address, Component, Input, Properties, Tags};

use super::facts::Facts;
use crate::names::Names;

/// What a section's `expand` gets and adds to. Pure: the same inputs give the same components.
#[derive(Debug)]
pub struct Builder<'a> {
    /// Derived names.
    pub names: Names,
    /// The claim id; a placeholder of zeros while the first plan is made.
    pub claim: String,
    /// The stack's region.
    pub region: String,
    /// What was looked up in the account.
    pub facts: &'a Facts,
    /// The user's tags, for every component.
    pub tags: Tags,
    /// The services' own deletion protection is switched on.
    pub deletion_protection: bool,
    /// Path of every IAM role; `/` when `None`.
    pub iam_path: Option<String>,
    /// ARN of every IAM role's permissions boundary.
    pub permissions_boundary: Option<Input<String>>,
    /// The user's own KMS keys, by section.
    pub own_keys: BTreeMap<String, Input<String>>,
    /// What other sections use of the network; set by its expand, which runs first.
    pub network: NetworkRefs,
    /// What other sections use of the cluster; `None` without the section.
    pub kubernetes: Option<KubernetesRefs>,
    components: Vec<Component>,
}

/// The network as the other sections see it: made by us or brought along.
#[derive(Clone, Debug, Default)]
pub struct NetworkRefs {
    /// The VPC's id.
    pub vpc_id: Input<String>,
    /// Public subnets' ids, one per zone.
    pub public_subnet_ids: Vec<Input<String>>,
    /// Private subnets' ids, one per zone: for nodes and pods.
    pub private_subnet_ids: Vec<Input<String>>,
    /// The zones of these; unknown before they are looked up, and empty where they never were.
    pub private_zones: Vec<Input<String>>,
    /// Database subnets' ids, one per zone.
    pub database_subnet_ids: Vec<Input<String>>,
    /// Components after which instances in private subnets reach the internet (routes to NAT gateways).
    pub egress: Vec<Address>,
}

/// The EKS cluster as the other sections see it.
#[derive(Clone, Debug, Default)]
pub struct KubernetesRefs {
    /// The cluster's name.
    pub cluster_name: String,
    /// The security group that EKS makes and that nodes and pods carry.
    pub security_group_id: Input<String>,
}

impl<'a> Builder<'a> {
    /// An empty stack.
    pub fn new(stack: &str, claim: &str, region: &str, facts: &'a Facts, tags: Tags) -> Self {
        Self {
            names: Names::new(stack, claim),
            claim: claim.to_owned(),
            region: region.to_owned(),
            facts,
            tags,
            deletion_protection: true,
            iam_path: None,
            permissions_boundary: None,
            own_keys: BTreeMap::new(),
            network: NetworkRefs::default(),
            kubernetes: None,
            components: Vec::new(),
        }
    }

    /// The user's own key for a section, if there is one.
    pub fn own_key(&self, section: &str) -> Option<Input<String>> {
        self.own_keys.get(section).cloned()
    }

    /// Adds a component in the stack's region; answers its address.
    pub fn add<P: Properties>(&mut self, address: Address, props: &P) -> Address {
        self.add_after(address, props, [])
    }

    /// Adds a component that also waits for others to which no property refers.
    pub fn add_after<P: Properties>(
        &mut self,
        address: Address,
        props: &P,
        after: impl IntoIterator<Item = Address>,
    ) -> Address {
        let mut tags = self.tags.clone();
        let name = format!("{}/{address}", self.names.stack());
        tags.entry("Name".to_owned()).or_insert(name);
        self.components.push(Component::new(address.clone(), &self.region, props).tags(tags).after(after));
        address
    }

    /// Says that the component added last fills a slot: its later generations stand beside it for a while.
    pub fn in_slot(&mut self, slot: impl Into<String>) {
        if let Some(last) = self.components.last_mut() {
            last.slot = Some(slot.into());
        }
    }

    /// The components added so far, every role among them with the stack's path and permissions boundary.
    pub fn finish(mut self) -> Vec<Component> {
        let boundary = self.permissions_boundary.unwrap_or_default();
        let settings =
            [("path", json!(self.iam_path.as_deref().unwrap_or("/"))), ("permissions_boundary", json!(boundary))];
        for role in self.components.iter_mut().filter(|component| component.kind == Role::KIND) {
            for (field, value) in &settings {
                if role.desired[*field].is_null() {
                    role.desired[*field] = value.clone();
                }
            }
        }
        self.components
    }
}
