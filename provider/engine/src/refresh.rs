//! What exists now: recorded objects in bulk and in parallel, the others by derived name, parents first.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;

use crate::{Address, Component, Error, Graph, Kinds, Observed, Scope, Target, input, reader::read_proven};

/// The answer of [`refresh`].
#[derive(Debug, Default)]
pub struct Refreshed {
    /// What exists.
    pub observed: BTreeMap<Address, Observed>,
    /// Look-ups that failed: nothing is known about these components.
    pub errors: Vec<(Address, Error)>,
    /// Components that were not looked for: what they refer to is not there, or could not be read.
    pub unasked: BTreeSet<Address>,
}

impl Refreshed {
    /// Components of the graph of which nobody knows whether they exist, with the reason: their look-up failed, or they
    /// could not be looked for without one that failed.
    pub fn unread(&self, graph: &Graph) -> BTreeMap<Address, Error> {
        let mut unread: BTreeMap<Address, Error> = self.errors.iter().cloned().collect();
        for address in graph.order().iter().filter(|address| self.unasked.contains(*address)) {
            let found = graph.dependencies(address).find_map(|needed| Some((needed, unread.get(needed)?)));
            if let Some((needed, error)) = found {
                let message = format!("it cannot be looked for without {needed}: {}", error.message);
                let error = Error { message, ..error.clone() };
                unread.insert(address.clone(), error);
            }
        }
        unread
    }
}

/// Reads every component of the graph.
///
/// Components with a recorded id are read at once, one bulk read per kind and region. The others are
/// looked for by derived name or tags, level by level, since finding them may need their parents' outputs.
///
/// `last` is what was seen before. Kinds get the desired properties to answer in their terms (a set in the
/// desired order, `17` for `17.6`), and those may refer to outputs: with `last` they are known at once,
/// without it such components are read a second time.
pub async fn refresh(
    kinds: &Kinds,
    scope: &Scope,
    graph: &Graph,
    recorded: &BTreeMap<Address, String>,
    last: &BTreeMap<Address, Observed>,
) -> Refreshed {
    let mut refreshed = Refreshed::default();
    let (known, unknown): (Vec<_>, Vec<_>) = graph.iter().partition(|c| recorded.contains_key(&c.address));
    let vague: Vec<_> = known.iter().copied().filter(|c| target(c, None, last).props.is_none()).collect();
    read_all(kinds, scope, &known, recorded, last, &mut refreshed).await;
    if !vague.is_empty() && refreshed.errors.is_empty() {
        let seen = refreshed.observed.clone();
        read_all(kinds, scope, &vague, recorded, &seen, &mut refreshed).await;
    }
    for level in levels(graph, &unknown) {
        let seen = refreshed.observed.clone();
        read_all(kinds, scope, &level, recorded, &seen, &mut refreshed).await;
    }
    refreshed
}

/// Reads components that need not wait for each other, those of one kind and region together.
pub(crate) async fn read_all(
    kinds: &Kinds,
    scope: &Scope,
    components: &[&Component],
    recorded: &BTreeMap<Address, String>,
    seen: &BTreeMap<Address, Observed>,
    into: &mut Refreshed,
) {
    let mut groups: BTreeMap<(&str, &str), Vec<Target>> = BTreeMap::new();
    for component in components {
        let target = target(component, recorded.get(&component.address), seen);
        if target.id.is_some() || target.props.is_some() {
            groups.entry((component.kind, component.region.as_str())).or_default().push(target);
        } else {
            into.unasked.insert(component.address.clone());
        }
    }
    let reads = groups.into_iter().map(|((kind, region), targets)| async move {
        let answers = match kinds.get(kind) {
            Ok(kind) => read_proven(kind.as_ref(), &scope.in_region(region), &targets).await,
            Err(error) => targets.iter().map(|_| Err(error.clone())).collect(),
        };
        targets.into_iter().zip(answers).collect::<Vec<_>>()
    });
    for (target, answer) in join_all(reads).await.into_iter().flatten() {
        match answer {
            Ok(Some(observed)) => {
                let last = seen.get(&target.address).filter(|_| target.remembered);
                drop(into.observed.insert(target.address, with_last_tags(observed, last)));
            }
            Ok(None) => {}
            Err(error) => into.errors.push((target.address, error)),
        }
    }
}

/// The object with the tags that it had when they were last seen, where the kind has left them out for that.
pub(crate) fn with_last_tags(mut observed: Observed, last: Option<&Observed>) -> Observed {
    if observed.tags.is_empty()
        && let Some(last) = last
    {
        observed.tags.clone_from(&last.tags);
    }
    observed
}

/// What to look for: by the recorded id, and by properties where everything they refer to is known.
pub(crate) fn target(component: &Component, id: Option<&String>, observed: &BTreeMap<Address, Observed>) -> Target {
    let lookup = |to: &Address, output: &str| observed.get(to)?.outputs.get(output).cloned();
    let props = input::resolve(&component.desired, &lookup);
    let props = input::is_resolved(&props).then_some(props);
    let remembered = id.is_some() && observed.get(&component.address).is_some_and(|last| !last.tags.is_empty());
    Target { address: component.address.clone(), id: id.cloned(), props, remembered }
}

/// Groups components such that each group refers only to earlier ones.
fn levels<'a>(graph: &Graph, components: &[&'a Component]) -> Vec<Vec<&'a Component>> {
    let mut level_of: BTreeMap<&Address, usize> = BTreeMap::new();
    for address in graph.order() {
        let level = graph.dependencies(address).filter_map(|d| level_of.get(d)).max().map_or(0, |level| level + 1);
        level_of.insert(address, level);
    }
    let mut levels: BTreeMap<usize, Vec<&Component>> = BTreeMap::new();
    for component in components {
        levels.entry(level_of.get(&component.address).copied().unwrap_or_default()).or_default().push(component);
    }
    levels.into_values().collect()
}
