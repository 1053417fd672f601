//! What has to happen: desired against observed, as a list of changes. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Address, Component, Disruption, Error, Graph, Kinds, Observed, Rule, Scope, Status, Tagging, Traits,
    diff::{diff, diff_tags},
    input,
};

/// What happens to one component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Its object is deleted.
    Delete,
    /// Its object is deleted and made anew.
    Replace,
    /// Its object is changed in place.
    Update,
    /// Its object is made.
    Create,
    /// Its object is being made or changed already: wait until it is ready.
    Wait,
}

/// One change of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The component.
    pub address: Address,
    /// Its kind.
    pub kind: String,
    /// What happens.
    pub action: Action,
    /// The existing object's id.
    pub id: Option<String>,
    /// The fields that differ (top-level names), for updates and replacements.
    pub fields: Vec<String>,
    /// Why it is replaced, or what is wrong with it.
    pub reason: Option<String>,
    /// How much users of the object notice, in minutes down: 0, 0.5 (brief), or the kind's update time.
    pub downtime_minutes: f32,
    /// Typical duration.
    pub minutes: f32,
    /// The object holds user data; false also for one that never came to hold any.
    pub data: bool,
    /// The stack had this object before and it is gone.
    pub lost: bool,
    /// Another component of the same slot is made or goes in the same plan: the new one first, then this one goes.
    #[serde(default)]
    pub slot: Option<String>,
}

/// All changes, most disruptive first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Sorted by action (delete, replace, update, create, wait), data first, then by address.
    pub changes: Vec<Change>,
}

impl Plan {
    /// The change of a component, if there is one.
    pub fn get(&self, address: &Address) -> Option<&Change> {
        self.changes.iter().find(|change| change.address == *address)
    }

    /// True when nothing has to happen.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Components whose outputs are all others afterwards: made, made anew, still being made, or gone.
    pub fn renewed(&self) -> BTreeSet<Address> {
        let renewed = self.changes.iter().filter(|change| change.action != Action::Update);
        renewed.map(|change| change.address.clone()).collect()
    }

    /// `observed` with the outputs that the planned updates may alter marked as [`input::unknown`].
    ///
    /// # Errors
    /// Only a kind that is not registered.
    pub fn expected(
        &self,
        kinds: &Kinds,
        desired: &Graph,
        observed: &BTreeMap<Address, Observed>,
    ) -> Result<BTreeMap<Address, Observed>, Error> {
        let mut expected = observed.clone();
        for change in self.changes.iter().filter(|change| change.action == Action::Update) {
            unsettle(&mut expected, &change.address, &kinds.traits(&change.kind)?);
        }
        for component in self.reflecting(kinds, desired)? {
            unsettle(&mut expected, &component.address, &kinds.traits(component.kind)?);
        }
        Ok(expected)
    }

    /// Components that show what planned updates of their neighbours do: see [`Traits::reflects`].
    ///
    /// # Errors
    /// Only a kind that is not registered.
    pub fn reflecting<'a>(&self, kinds: &Kinds, desired: &'a Graph) -> Result<Vec<&'a Component>, Error> {
        let mut found = Vec::new();
        for component in desired.iter() {
            let reflects = kinds.traits(component.kind)?.reflects;
            let shows = |change: &Change| {
                let is_field = |(kind, field): &(&str, &str)| {
                    change.kind == *kind && change.fields.iter().any(|changed| changed == field)
                };
                change.action == Action::Update && reflects.iter().any(is_field)
            };
            let (to, from) = (desired.dependencies(&component.address), desired.dependents(&component.address));
            if !reflects.is_empty() && to.chain(from).filter_map(|address| self.get(address)).any(shows) {
                found.push(component);
            }
        }
        Ok(found)
    }
}

/// What a plan is made from.
#[derive(Debug)]
pub struct PlanInput<'a> {
    /// The kinds' traits.
    pub kinds: &'a Kinds,
    /// Whose objects these are.
    pub scope: &'a Scope,
    /// What should exist.
    pub desired: &'a Graph,
    /// What was wanted before: components that are not desired any more are deleted.
    pub prior: &'a Graph,
    /// What exists.
    pub observed: &'a BTreeMap<Address, Observed>,
    /// Components that are known to have existed, by recorded id.
    pub recorded: &'a BTreeSet<Address>,
}

/// Compares desired and observed.
///
/// # Errors
/// Only a kind that is not registered.
pub fn plan(input: &PlanInput<'_>) -> Result<Plan, Error> {
    let mut changes = Vec::new();
    let mut renewed = Renewed::default();
    let mut expected = input.observed.clone();
    for component in input.desired.order().iter().filter_map(|address| input.desired.get(address)) {
        let traits = input.kinds.traits(component.kind)?;
        if let Some(change) = change_of(input, &traits, component, &renewed, &expected) {
            if matches!(change.action, Action::Create | Action::Replace) {
                renewed.insert(input, &traits, component, change.action);
            }
            if change.action == Action::Update {
                unsettle(&mut expected, &change.address, &traits);
            }
            changes.push(change);
        }
    }
    for component in input.prior.iter().filter(|c| input.desired.get(&c.address).is_none()) {
        if let Some(observed) = input.observed.get(&component.address) {
            let traits = input.kinds.traits(component.kind)?;
            let minutes = traits.minutes.2;
            changes.push(Change {
                id: Some(observed.id.clone()),
                minutes,
                data: traits.data && !matches!(observed.status, Status::Unmade(_)),
                ..blank(&traits, component, Action::Delete)
            });
        }
    }
    pair_slots(input, &mut changes);
    changes.sort_by(|a, b| (a.action, !a.data, &a.address).cmp(&(b.action, !b.data, &b.address)));
    Ok(Plan { changes })
}

/// Components that are made, or made anew.
#[derive(Default)]
struct Renewed {
    all: BTreeSet<Address>,
    /// Outputs that are as before all the same, of objects that disappeared and come back under their name.
    regained: BTreeMap<Address, &'static [&'static str]>,
}

impl Renewed {
    fn insert(&mut self, input: &PlanInput<'_>, traits: &Traits, component: &Component, action: Action) {
        self.all.insert(component.address.clone());
        let is_as_before = input.prior.get(&component.address).is_some_and(|prior| prior.desired == component.desired);
        if action == Action::Create && is_as_before {
            self.regained.insert(component.address.clone(), traits.stable);
        }
    }

    /// Whether the tree refers to an output that will be another one.
    fn reaches(&self, tree: &Value) -> bool {
        let mut found = false;
        input::references(tree, &mut |address, output| {
            found |= self.all.contains(address) && !self.keeps(address, output)
        });
        found
    }

    /// Whether the tree refers to something made anew, but only to outputs that are as before.
    fn is_regained(&self, tree: &Value) -> bool {
        let mut found = false;
        input::references(tree, &mut |address, _| found |= self.all.contains(address));
        found && !self.reaches(tree)
    }

    fn keeps(&self, address: &Address, output: &str) -> bool {
        self.regained.get(address).is_some_and(|stable| stable.contains(&output))
    }
}

/// Marks the volatile outputs as unknown.
fn unsettle(expected: &mut BTreeMap<Address, Observed>, address: &Address, traits: &Traits) {
    let Some(observed) = expected.get_mut(address) else { return };
    for output in traits.volatile {
        observed.outputs.insert((*output).to_owned(), input::unknown());
    }
}

fn change_of(
    input: &PlanInput<'_>,
    traits: &Traits,
    component: &Component,
    renewed: &Renewed,
    expected: &BTreeMap<Address, Observed>,
) -> Option<Change> {
    let address = &component.address;
    let Some(observed) = input.observed.get(address) else {
        let lost = input.recorded.contains(address);
        return Some(Change { minutes: traits.minutes.0, lost, ..blank(traits, component, Action::Create) });
    };
    let id = Some(observed.id.clone());
    match &observed.status {
        Status::Deleting => {
            return Some(Change { id, minutes: traits.minutes.0, ..blank(traits, component, Action::Create) });
        }
        Status::Failed(reason) if !traits.data => {
            let minutes = traits.minutes.0 + traits.minutes.2;
            return Some(Change {
                id,
                minutes,
                reason: Some(reason.clone()),
                ..blank(traits, component, Action::Replace)
            });
        }
        Status::Unmade(reason) => {
            let minutes = traits.minutes.0 + traits.minutes.2;
            let reason = Some(format!("its creation failed, so it holds nothing: {reason}"));
            return Some(Change { id, minutes, reason, data: false, ..blank(traits, component, Action::Replace) });
        }
        Status::Pending(_) | Status::Failed(_) | Status::Ready | Status::Degraded(_) => {}
    }
    let lookup = |to: &Address, output: &str| match renewed.all.contains(to) {
        true => None,
        false => expected.get(to)?.outputs.get(output).cloned(),
    };
    let resolved = input::resolve(&component.desired, &lookup);
    let mut found = diff(traits, &resolved, &observed.props);
    let before = input.prior.get(address);
    let is_as_before = |field: &str| before.is_some_and(|before| before.desired[field] == component.desired[field]);
    found.update.retain(|c| !(is_as_before(&c.field) && renewed.is_regained(&component.desired[&c.field])));
    // A reference to something that is made anew is surely another value.
    let (renewed_fields, unsure): (Vec<_>, Vec<_>) = found
        .update
        .into_iter()
        .partition(|c| renewed.reaches(&component.desired[&c.field]) && traits.rule(&c.field).is_replace());
    found.update = unsure;
    found.replace.extend(renewed_fields.into_iter().map(|c| (c, "it depends on an object that is made anew")));

    if let Some((_, why)) = found.replace.first() {
        let fields = found.replace.iter().map(|(c, _)| c.field.clone()).collect();
        let minutes = traits.minutes.0 + traits.minutes.2;
        let reason = Some((*why).to_owned());
        return Some(Change {
            id,
            fields,
            reason,
            minutes,
            downtime_minutes: minutes,
            ..blank(traits, component, Action::Replace)
        });
    }
    // Tags are set within seconds, too.
    let is_quick = found.update.iter().all(|c| traits.rule(&c.field) == Rule::AtOnce);
    let mut fields: Vec<String> = found.update.into_iter().map(|c| c.field).collect();
    if traits.tagging != Tagging::None {
        let (set, remove) = diff_tags(input.scope, component, input.prior.get(address), observed);
        if !set.is_empty() || !remove.is_empty() {
            fields.push("tags".to_owned());
        }
    }
    if !fields.is_empty() {
        let downtime_minutes = match found.disruption {
            Some(Disruption::Downtime) => traits.minutes.1,
            Some(Disruption::Brief) => 0.5,
            Some(Disruption::None) | None => 0.0,
        };
        let minutes = if is_quick { 0.0 } else { traits.minutes.1 };
        return Some(Change { id, fields, minutes, downtime_minutes, ..blank(traits, component, Action::Update) });
    }
    match &observed.status {
        Status::Pending(state) => {
            let reason = Some(state.clone());
            Some(Change { id, reason, minutes: traits.minutes.1, ..blank(traits, component, Action::Wait) })
        }
        // What it lacked is made now: it recovers.
        Status::Degraded(why) if component.dependencies().iter().any(|dependency| renewed.all.contains(dependency)) => {
            let reason = Some(why.clone());
            Some(Change { id, reason, minutes: traits.minutes.1, ..blank(traits, component, Action::Wait) })
        }
        _ => None,
    }
}

fn blank(traits: &Traits, component: &Component, action: Action) -> Change {
    Change {
        address: component.address.clone(),
        kind: component.kind.to_owned(),
        action,
        id: None,
        fields: Vec::new(),
        reason: None,
        downtime_minutes: 0.0,
        minutes: 0.0,
        data: traits.data,
        lost: false,
        slot: None,
    }
}

/// Marks the pairs of which one is made and the other goes.
fn pair_slots(input: &PlanInput<'_>, changes: &mut [Change]) {
    let slot_of = |change: &Change| {
        let graph = if change.action == Action::Delete { input.prior } else { input.desired };
        graph.get(&change.address).and_then(|component| component.slot.clone())
    };
    let slots = |wanted: Action| -> BTreeSet<String> {
        changes.iter().filter(|change| change.action == wanted).filter_map(slot_of).collect()
    };
    let pairs: BTreeSet<String> = slots(Action::Create).intersection(&slots(Action::Delete)).cloned().collect();
    for change in changes.iter_mut().filter(|change| matches!(change.action, Action::Create | Action::Delete)) {
        change.slot = slot_of(change).filter(|slot| pairs.contains(slot));
    }
}
