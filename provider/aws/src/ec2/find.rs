//! Finding EC2 objects again: they have no unique names, only ids and tags.

use std::{collections::BTreeSet, future::Future};

use aws_sdk_ec2::types::Filter;
use stellar_engine::{Error, Observed, Scope, TAG_COMPONENT, Target};

use super::tags;

/// Answers each target from one description of everything that carries the stack's claim. A second
/// description, by id, follows only when a recorded id is not among them: somebody may have removed
/// the tags of a living object, which must not be taken for absent.
///
/// `id_filter` is the API's filter for ids; `list` describes what passes a filter.
pub(super) async fn find<P, L, F>(
    scope: &Scope,
    targets: &[Target<P>],
    id_filter: &str,
    list: L,
) -> Vec<Result<Option<Observed<P>>, Error>>
where
    P: Clone,
    L: Fn(Filter) -> F,
    F: Future<Output = Result<Vec<Observed<P>>, Error>>,
{
    let mut all = list(tags::claim_filter(scope)).await;
    if let Ok(objects) = &mut all {
        let seen: BTreeSet<&str> = objects.iter().map(|o| o.id.as_str()).collect();
        let recorded: BTreeSet<&str> = targets.iter().filter_map(|t| t.id.as_deref()).collect();
        let missing: Vec<&str> = recorded.difference(&seen).copied().collect();
        if !missing.is_empty() {
            match tags::list_any_of(id_filter, missing, list).await {
                Ok(more) => objects.extend(more),
                Err(error) => all = Err(error),
            }
        }
    }
    pick(scope, targets, &all)
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
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use stellar_engine::{ErrorClass, TAG_CLAIM, Tags, address};

    use super::*;
    use crate::tests::scope;

    fn object(id: &str, claim: &str, component: &str) -> Observed<()> {
        let pairs = [(TAG_CLAIM, claim), (TAG_COMPONENT, component)];
        Observed::new(id, ()).tags(Tags::from(pairs.map(|(k, v)| (k.to_owned(), v.to_owned()))))
    }

    #[test]
    fn recorded_ids_come_before_tags_and_two_candidates_stop() {
        let all = Ok(vec![
            object("vpc-1", "c1", "network/vpc"),
            object("vpc-2", "c1", "network/other"),
            object("vpc-3", "c1", "network/other"),
            object("vpc-4", "c2", "network/copy"),
        ]);
        let rows = [
            ("network/vpc", None, Ok(Some("vpc-1"))),
            ("network/vpc", Some("vpc-2"), Ok(Some("vpc-2"))),
            ("network/other", Some("vpc-3"), Ok(Some("vpc-3"))),
            ("network/other", None, Err(ErrorClass::Foreign)),
            ("network/copy", None, Ok(None)),
            ("network/none", Some("vpc-9"), Ok(None)),
        ];
        for (component, id, expected) in rows {
            let target =
                Target { address: address!("{component}"), id: id.map(str::to_owned), props: None, remembered: false };
            let found = pick(&scope(), &[target], &all).remove(0);
            let found = found.map(|o| o.map(|o| o.id)).map_err(|e| e.class);
            assert_eq!(found, expected.map(|id: Option<&str>| id.map(str::to_owned)), "{component} {id:?}");
        }
    }

    #[tokio::test]
    async fn an_object_that_lost_its_tags_is_found_by_its_recorded_id() {
        let asked = RefCell::new(Vec::new());
        let list = async |filter: Filter| {
            asked.borrow_mut().push((filter.name().unwrap_or_default().to_owned(), filter.values().to_vec()));
            Ok(if filter.name() == Some("vpc-id") { vec![object("vpc-7", "", "")] } else { vec![] })
        };
        let target =
            Target { address: address!("network/vpc"), id: Some("vpc-7".to_owned()), props: None, remembered: false };
        let found = find(&scope(), &[target], "vpc-id", &list).await.remove(0).expect("found");
        assert_eq!(found.map(|o| o.id).as_deref(), Some("vpc-7"));
        let expected = [("tag:stellar:claim", "c1"), ("vpc-id", "vpc-7")];
        assert_eq!(asked.into_inner(), expected.map(|(name, value)| (name.to_owned(), vec![value.to_owned()])));
    }
}
