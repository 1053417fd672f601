//! The end of a destroy: what is gone, what stays, and the proof that there is nothing else.

use std::collections::BTreeMap;

use stellar_aws::{
    census::{Census, census},
    eks::forgotten_groups,
};
use stellar_engine::{Address, Error, Graph, Kinds, Observed, Removed, Retained, Scope, refresh};

use super::{changes, resource::Region, run};

/// How many ids of one sort are written out.
const WRITTEN_OUT: usize = 10;

/// Both lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Farewell {
    /// Deleted components: how many of each noun.
    pub deleted: BTreeMap<String, usize>,
    /// What went with them although it was none: others had made it.
    pub swept: Vec<Removed>,
    /// What stays, one line each.
    pub retained: Vec<String>,
}

impl Farewell {
    /// Counts what was there before and is not any more.
    pub(super) fn of(
        kinds: &Kinds,
        graph: &Graph,
        before: &BTreeMap<Address, Observed>,
        after: &BTreeMap<Address, Observed>,
    ) -> Self {
        let mut deleted: BTreeMap<String, usize> = BTreeMap::new();
        for address in before.keys().filter(|address| !after.contains_key(*address)) {
            let kind = graph.get(address).map(|component| component.kind).unwrap_or_default();
            let noun = kinds.traits(kind).map_or_else(|_| kind.to_owned(), |traits| traits.noun.to_owned());
            *deleted.entry(noun).or_default() += 1;
        }
        Self { deleted, ..Self::default() }
    }

    /// Adds what the census found, unless it is on the list already.
    pub(super) fn keep(&mut self, copies: &[Retained]) {
        for found in copies {
            let known = format!("{} {}:", found.kind, found.id);
            if !self.retained.iter().any(|line| line.starts_with(&known)) {
                self.retained.push(found.to_string());
            }
        }
    }

    /// For people, line by line.
    pub(super) fn lines(&self) -> Vec<String> {
        let total: usize = self.deleted.values().sum();
        let counts: Vec<String> = self.deleted.iter().map(|(noun, n)| changes::counted(noun, *n)).collect();
        let mut lines = vec![match total {
            0 => "Deleted: nothing; no object was left.".to_owned(),
            _ => format!("Deleted: {}: {}.", changes::counted("object", total), counts.join(", ")),
        }];
        let mut swept: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for one in &self.swept {
            swept.entry(&one.noun).or_default().push(&one.id);
        }
        if !swept.is_empty() {
            let sorts: Vec<String> = swept.iter().map(|(noun, ids)| listed(noun, ids)).collect();
            lines.push(format!("Swept, since controllers in the cluster had made it: {}.", sorts.join("; ")));
        }
        if self.retained.is_empty() {
            lines.push("Retained: nothing. The census found no other object of this stack.".to_owned());
        } else {
            lines.push("Retained; the census found no other object of this stack:".to_owned());
            lines.extend(self.retained.iter().map(|line| format!("- {line}")));
        }
        lines
    }
}

/// `2 load balancers (a, b)`.
fn listed(noun: &str, ids: &[&str]) -> String {
    let shown: Vec<&str> = ids.iter().take(WRITTEN_OUT).copied().collect();
    let more = if ids.len() > shown.len() { ", …" } else { "" };
    format!("{} ({}{more})", changes::counted(noun, ids.len()), shown.join(", "))
}

/// What still carries the claim or a derived name is named, and the destroy is not done; copies are told.
///
/// # Errors
/// Naming what is there; those of the look-ups.
pub(super) async fn prove_gone(region: &Region, scope: &Scope, graph: &Graph) -> Result<Vec<Retained>, Error> {
    let left = run::complete(refresh(&region.kinds, scope, graph, &BTreeMap::new(), &BTreeMap::new()).await)?;
    let Census { left: strays, mut copies } = census(&region.aws, scope).await;
    let cluster = graph.iter().find(|component| component.kind == "eks/cluster");
    if let Some(name) = cluster.and_then(|cluster| cluster.desired["name"].as_str()) {
        copies.extend(forgotten_groups(&region.aws, scope, name).await?);
    }
    let components = left.iter().map(|(address, observed)| format!("{address} {}", observed.id));
    let lines: Vec<String> = components.chain(strays).collect();
    match lines.is_empty() {
        true => Ok(copies),
        false => Err(Error::permanent(format!(
            "these objects came back or were not visible before: {}; run the same destroy again",
            lines.join(", ")
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_lists_are_told_even_when_one_is_empty() {
        let removed = |noun: &str, id: &str| Removed { noun: noun.to_owned(), id: id.to_owned() };
        let mut farewell = Farewell {
            deleted: BTreeMap::from([("VPC".to_owned(), 1), ("subnet".to_owned(), 6)]),
            swept: vec![removed("load balancer", "a"), removed("load balancer", "b"), removed("instance", "i-1")],
            retained: vec!["rds/snapshot last: final snapshot of shop".to_owned()],
        };
        let copy = |id: &str| Retained { kind: "rds/snapshot".to_owned(), id: id.to_owned(), reason: "r".to_owned() };
        farewell.keep(&[copy("last"), copy("other")]);
        assert_eq!(
            farewell.lines(),
            [
                "Deleted: 7 objects: 1 VPC, 6 subnets.",
                "Swept, since controllers in the cluster had made it: 1 instance (i-1); 2 load balancers (a, b).",
                "Retained; the census found no other object of this stack:",
                "- rds/snapshot last: final snapshot of shop",
                "- rds/snapshot other: r",
            ]
        );
        let nothing = Farewell::default().lines();
        assert_eq!(nothing[0], "Deleted: nothing; no object was left.");
        assert!(nothing[1].starts_with("Retained: nothing."));
    }
}
