//! Tags of RDS objects, which all have the same calls, by ARN.

use aws_sdk_rds::types::Tag;
use stellar_engine::{Error, Tags};

use crate::{Aws, call};

/// Tags for a create call, so that the object is ours from its first moment on.
pub(super) fn to_sdk(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

/// The tags of a described object.
pub(super) fn from_sdk(tags: &[Tag]) -> Tags {
    let pair = |tag: &Tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned()));
    tags.iter().filter_map(pair).collect()
}

/// The tags of an object whose description does not hold them.
pub(super) async fn list(aws: &Aws, region: &str, arn: &str) -> Result<Tags, Error> {
    let rds = aws.rds(region);
    let output = call("rds:ListTagsForResource", || rds.list_tags_for_resource().resource_name(arn).send()).await?;
    Ok(from_sdk(output.tag_list()))
}

/// Sets and removes tags of one object.
pub(super) async fn apply(aws: &Aws, region: &str, arn: &str, set: &Tags, remove: &[String]) -> Result<(), Error> {
    let rds = aws.rds(region);
    if !set.is_empty() {
        let request = || rds.add_tags_to_resource().resource_name(arn).set_tags(Some(to_sdk(set))).send();
        call("rds:AddTagsToResource", request).await?;
    }
    if !remove.is_empty() {
        let keys = remove.to_vec();
        let request = || rds.remove_tags_from_resource().resource_name(arn).set_tag_keys(Some(keys.clone())).send();
        call("rds:RemoveTagsFromResource", request).await?;
    }
    Ok(())
}
