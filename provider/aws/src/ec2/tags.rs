//! Tags of EC2 objects, which all have the same two calls and the same filters.

use std::future::Future;

use aws_sdk_ec2::types::{Filter, ResourceType, Tag, TagSpecification};
use stellar_engine::{Error, Scope, TAG_CLAIM, Tags};

use crate::{Aws, call};

/// The most values in one filter. All filters of a request have 200 at most, else it is a `FilterLimitExceeded`; this leaves
/// room for others.
const MOST_VALUES: usize = 190;

/// Tags for a create call, so that the object is ours from its first moment on.
pub(super) fn on_create(kind: ResourceType, tags: &Tags) -> TagSpecification {
    TagSpecification::builder().resource_type(kind).set_tags(Some(to_sdk(tags))).build()
}

/// The filter for everything that carries the stack's claim.
pub(super) fn claim_filter(scope: &Scope) -> Filter {
    filter(&format!("tag:{TAG_CLAIM}"), &scope.claim)
}

/// A filter with one value.
pub(crate) fn filter(name: &str, value: &str) -> Filter {
    Filter::builder().name(name).values(value).build()
}

/// What passes with any of the values, however many they are; nothing without values. `list` describes what passes a filter.
pub(crate) async fn list_any_of<S: AsRef<str>, T, F>(
    name: &str,
    values: impl IntoIterator<Item = S>,
    list: impl Fn(Filter) -> F,
) -> Result<Vec<T>, Error>
where
    F: Future<Output = Result<Vec<T>, Error>>,
{
    let values: Vec<S> = values.into_iter().collect();
    let mut all = Vec::new();
    for some in values.chunks(MOST_VALUES) {
        all.extend(list(any_of(name, some)).await?);
    }
    Ok(all)
}

/// A filter that any of the values passes: a few, of which one knows how many.
pub(crate) fn any_of<S: AsRef<str>>(name: &str, values: impl IntoIterator<Item = S>) -> Filter {
    let values = values.into_iter().map(|v| v.as_ref().to_owned()).collect();
    Filter::builder().name(name).set_values(Some(values)).build()
}

/// The tags of a described object.
pub(crate) fn from_sdk(tags: &[Tag]) -> Tags {
    let pair = |t: &Tag| Some((t.key()?.to_owned(), t.value().unwrap_or_default().to_owned()));
    tags.iter().filter_map(pair).collect()
}

/// Sets and removes tags of one object.
pub(super) async fn apply(aws: &Aws, region: &str, id: &str, set: &Tags, remove: &[String]) -> Result<(), Error> {
    let ec2 = aws.ec2(region);
    if !set.is_empty() {
        call("ec2:CreateTags", || ec2.create_tags().resources(id).set_tags(Some(to_sdk(set))).send()).await?;
    }
    if !remove.is_empty() {
        let gone: Vec<Tag> = remove.iter().map(|key| Tag::builder().key(key).build()).collect();
        call("ec2:DeleteTags", || ec2.delete_tags().resources(id).set_tags(Some(gone.clone())).send()).await?;
    }
    Ok(())
}

fn to_sdk(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[tokio::test]
    async fn what_has_many_values_is_asked_for_in_parts() {
        for (count, expected) in [(0, vec![]), (1, vec![1]), (190, vec![190]), (381, vec![190, 190, 1])] {
            let asked = RefCell::new(Vec::new());
            let list = async |filter: Filter| {
                asked.borrow_mut().push(filter.values().len());
                Ok(filter.values().to_vec())
            };
            let values: Vec<String> = (0..count).map(|number| number.to_string()).collect();
            assert_eq!(list_any_of("vpc-id", &values, list).await, Ok(values), "{count}");
            assert_eq!(asked.into_inner(), expected, "{count}");
        }
    }
}
