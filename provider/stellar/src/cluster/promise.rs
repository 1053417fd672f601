//! What an apply would do beyond its plan: an operation performs what `changes` has listed.

use std::collections::BTreeSet;

use stellar_engine::{Action, Address, Change, Error, Kinds, Plan};
use tfplugin_sdk::Attr;

use super::changes::{line, verb};

/// Takes out of the plan what was not promised and destroys something; answers it in lines. `begun` is what an earlier
/// operation had been promised and has not finished.
///
/// # Errors
/// When data would be made, made anew or deleted without having been listed.
pub(super) fn keep(
    plan: &mut Plan,
    promised: &Attr<Vec<String>>,
    begun: &BTreeSet<&Address>,
    kinds: &Kinds,
) -> Result<Vec<String>, Error> {
    let Some(promised) = promised.known() else { return Ok(Vec::new()) };
    let surprises: Vec<&Change> = plan
        .changes
        .iter()
        .filter(|change| matches!(change.action, Action::Create | Action::Replace | Action::Delete))
        .filter(|change| !begun.contains(&change.address) && !is_listed(change, promised))
        .collect();
    let lines = |changes: &[&Change]| -> Vec<String> { changes.iter().map(|change| line(change, kinds)).collect() };
    let data: Vec<&Change> = surprises.iter().copied().filter(|change| change.data).collect();
    if !data.is_empty() {
        return Err(Error::permanent(format!(
            "what the account holds has changed since the plan was made: this apply would {}, which the plan did not list. Nothing was \
             touched; plan and apply again",
            lines(&data).join("; ")
        )));
    }
    let destroys = |change: &Change| change.action != Action::Create;
    let waits: Vec<&Change> = surprises.into_iter().filter(|change| destroys(change)).collect();
    let (told, addresses) = (lines(&waits), waits.into_iter().map(|c| c.address.clone()).collect::<BTreeSet<_>>());
    plan.changes.retain(|change| !(addresses.contains(&change.address) && destroys(change)));
    Ok(told)
}

/// A line of its own, that of its slot, or that of a whole new section.
fn is_listed(change: &Change, promised: &[String]) -> bool {
    let own = format!("{} {} (", verb(change), change.address);
    let slot = change.slot.as_ref().map(|slot| format!("replace {slot} ("));
    let section =
        (change.action == Action::Create && !change.lost).then(|| format!("create {}: ", change.address.section()));
    let starts = [Some(own), slot, section];
    promised.iter().any(|line| starts.iter().flatten().any(|start| line.starts_with(start)))
}

#[cfg(test)]
mod tests {
    use stellar_aws::Aws;

    use super::*;
    use crate::session::Session;

    fn change(address: &str, kind: &str, action: Action, data: bool) -> Change {
        Change {
            address: address.parse::<Address>().unwrap(),
            kind: kind.into(),
            action,
            id: Some("x-1".into()),
            fields: vec![],
            reason: None,
            downtime_minutes: 0.0,
            minutes: 0.0,
            data,
            lost: false,
            slot: None,
        }
    }

    #[test]
    fn what_no_line_lists_is_refused_when_it_is_data_and_waits_when_it_destroys() {
        let bucket = |action| change("buckets/bucket/images", "s3/bucket", action, true);
        let gateway = |action| change("network/nat/a", "ec2/nat-gateway", action, false);
        // (change, promised, begun, refused, lines that wait)
        let rows = [
            (bucket(Action::Create), vec![], false, true, 0),
            (bucket(Action::Create), vec!["create buckets/bucket/images (bucket)"], false, false, 0),
            (bucket(Action::Create), vec!["create buckets: 4 buckets"], false, false, 0),
            (Change { lost: true, ..bucket(Action::Create) }, vec!["create buckets: 4 buckets"], false, true, 0),
            (bucket(Action::Replace), vec!["update buckets/bucket/images (bucket x-1): cors"], false, true, 0),
            (bucket(Action::Delete), vec![], true, false, 0),
            (bucket(Action::Update), vec![], false, false, 0),
            (gateway(Action::Create), vec![], false, false, 0),
            (gateway(Action::Replace), vec!["replace network/nat/a (NAT gateway x-1)"], false, false, 0),
            (gateway(Action::Replace), vec![], false, false, 1),
            (gateway(Action::Delete), vec![], false, false, 1),
            (gateway(Action::Delete), vec![], true, false, 0),
        ];
        let kinds = Session::kinds(&Aws::offline());
        for (change, promised, is_begun, refused, waits) in rows {
            let promised = Attr::Known(promised.into_iter().map(str::to_owned).collect());
            let begun: BTreeSet<&Address> = is_begun.then_some(&change.address).into_iter().collect();
            let mut plan = Plan { changes: vec![change.clone()] };
            let kept = keep(&mut plan, &promised, &begun, &kinds);
            assert_eq!(kept.is_err(), refused, "{change:?}");
            assert_eq!(kept.map_or(0, |lines| lines.len()), waits, "{change:?}");
            assert_eq!(plan.changes.len(), 1 - waits, "{change:?}");
            assert_eq!(keep(&mut plan, &Attr::Unknown, &begun, &kinds).ok(), Some(vec![]), "{change:?}");
        }
    }
}
