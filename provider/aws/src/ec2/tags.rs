//! Tags of EC2 objects, which all have the same two calls and the same filters.

use aws_sdk_ec2::types::{Filter, ResourceType, Tag, TagSpecification};
use stellar_engine::{Error, Scope, TAG_CLAIM, Tags};

use crate::{Aws, call};

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

/// A filter that any of the values passes.
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
