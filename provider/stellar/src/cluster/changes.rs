//! A plan in lines that a person reads: most disruptive first, with minutes, downtime and data risk.

use std::collections::BTreeMap;

use stellar_engine::{Action, Change, Kinds, Plan};

use super::guard;

/// The lines of `changes`. A function of the plan alone, so that the plan at apply time gives the same lines.
pub fn lines(plan: &Plan, kinds: &Kinds) -> Vec<String> {
    let (creates, others): (Vec<_>, Vec<_>) = plan.changes.iter().partition(|c| c.action == Action::Create && !c.lost);
    let (creates, successors): (Vec<_>, Vec<_>) = creates.into_iter().partition(|change| change.slot.is_none());
    let in_turn = |change: &Change| match &change.slot {
        Some(slot) => slot_line(slot, change, &successors, kinds),
        None => line(change, kinds),
    };
    let mut lines: Vec<String> = others.into_iter().map(in_turn).collect();
    let mut sections: BTreeMap<&str, Vec<&Change>> = BTreeMap::new();
    for change in &creates {
        sections.entry(change.address.section()).or_default().push(change);
    }
    for (section, changes) in sections {
        // A few new objects one by one; a whole new section in one line.
        match changes.len() {
            0..=3 => lines.extend(changes.into_iter().map(|change| line(change, kinds))),
            _ => lines.push(section_line(section, &changes, kinds)),
        }
    }
    lines
}

/// `update database/primary (DB instance db-1): storage_gb; about 5 min`.
pub fn line(change: &Change, kinds: &Kinds) -> String {
    let verb = verb(change);
    let id = change.id.as_ref().filter(|id| id.len() < 60).map(|id| format!(" {id}")).unwrap_or_default();
    let mut text = format!("{verb} {} ({}{id})", change.address, noun(change, kinds));
    if !change.fields.is_empty() {
        text.push_str(&format!(": {}", change.fields.join(", ")));
    }
    if let Some(reason) = &change.reason {
        text.push_str(&format!("; {reason}"));
    }
    if change.minutes >= 1.0 {
        text.push_str(&format!("; about {:.0} min", change.minutes));
    }
    if change.downtime_minutes >= 1.0 {
        text.push_str(&format!(", down for about {:.0} min", change.downtime_minutes));
    } else if change.downtime_minutes > 0.0 {
        text.push_str(", connections drop briefly");
    }
    if guard::loses_data(change) {
        text.push_str("; ITS DATA IS LOST unless a snapshot is kept");
    }
    text
}

/// What happens, in a word.
pub fn verb(change: &Change) -> &'static str {
    match change.action {
        Action::Create if change.lost => "re-create",
        Action::Create => "create",
        Action::Update => "update",
        Action::Replace => "replace",
        Action::Delete => "delete",
        Action::Wait => "wait for",
    }
}

/// `replace kubernetes/node-pool/api (EKS node group): a new one first, then shop-api-1f3a2b goes; about 8 min`.
fn slot_line(slot: &str, goes: &Change, successors: &[&Change], kinds: &Kinds) -> String {
    let made = successors.iter().filter(|change| change.slot.as_deref() == Some(slot)).map(|change| change.minutes);
    let minutes = goes.minutes + made.fold(0.0, f32::max);
    let id = goes.id.as_deref().unwrap_or("the old one");
    let mut text = format!("replace {slot} ({}): a new one first, then {id} goes", noun(goes, kinds));
    if minutes >= 1.0 {
        text.push_str(&format!("; about {minutes:.0} min"));
    }
    text
}

/// `create network: VPC, 9 subnets, 3 NAT gateways …; about 2 min`.
fn section_line(section: &str, changes: &[&Change], kinds: &Kinds) -> String {
    let mut nouns: BTreeMap<String, usize> = BTreeMap::new();
    for change in changes {
        *nouns.entry(noun(change, kinds)).or_default() += 1;
    }
    let counted: Vec<String> =
        nouns.into_iter().map(|(noun, n)| if n == 1 { noun } else { format!("{n} {}", plural(&noun)) }).collect();
    let longest = changes.iter().map(|change| change.minutes).fold(0.0, f32::max);
    let time = if longest >= 1.0 { format!("; the longest takes about {longest:.0} min") } else { String::new() };
    format!("create {section}: {}{time}", counted.join(", "))
}

fn noun(change: &Change, kinds: &Kinds) -> String {
    kinds.traits(&change.kind).map_or_else(|_| change.kind.clone(), |traits| traits.noun.to_owned())
}

fn plural(noun: &str) -> String {
    match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ if noun.ends_with('s') => format!("{noun}es"),
        _ => format!("{noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals() {
        for (one, many) in
            [("policy", "policies"), ("NAT gateway", "NAT gateways"), ("subnet", "subnets"), ("alias", "aliases")]
        {
            assert_eq!(plural(one), many);
        }
    }
}
