//! Volumes that the EBS driver has made in a cluster: data of the cluster's users, no component of the stack.

use aws_sdk_ec2::types::{Filter, Volume};
use stellar_engine::{Error, Retained};

use crate::{Aws, call};

/// What a deletion of the cluster leaves behind.
///
/// # Errors
/// Those of the call.
pub(super) async fn retained(aws: &Aws, region: &str, cluster: &str) -> Result<Vec<Retained>, Error> {
    let all = find(aws, region, cluster).await?;
    Ok(all.iter().map(|volume| keep(volume, cluster)).collect())
}

/// Deletes them.
///
/// # Errors
/// Those of the calls; [`stellar_engine::ErrorClass::InUse`] as long as one is attached.
pub(super) async fn delete(aws: &Aws, region: &str, cluster: &str) -> Result<(), Error> {
    let ec2 = aws.ec2(region);
    for volume in find(aws, region, cluster).await? {
        let id = volume.volume_id().unwrap_or_default();
        let request = || ec2.delete_volume().volume_id(id).send();
        Error::absent_is_none(call("ec2:DeleteVolume", request).await)?;
    }
    Ok(())
}

/// By the tags of the driver (its documentation, "Volume tagging"): the cluster's exact name, and that the driver made it.
async fn find(aws: &Aws, region: &str, cluster: &str) -> Result<Vec<Volume>, Error> {
    let ec2 = aws.ec2(region);
    let filters = [("ebs.csi.aws.com/cluster", "true"), (&format!("kubernetes.io/cluster/{cluster}"), "owned")]
        .map(|(key, value)| Filter::builder().name(format!("tag:{key}")).values(value).build());
    let mut found = Vec::new();
    let mut next = None;
    loop {
        let page = || ec2.describe_volumes().set_filters(Some(filters.to_vec())).set_next_token(next.clone()).send();
        let output = call("ec2:DescribeVolumes", page).await?;
        found.extend_from_slice(output.volumes());
        next = output.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            return Ok(found);
        }
    }
}

fn keep(volume: &Volume, cluster: &str) -> Retained {
    let tag = |key: &str| volume.tags().iter().find(|tag| tag.key() == Some(key)).and_then(|tag| tag.value());
    let claim = tag("kubernetes.io/created-for/pvc/name").or(tag("CSIVolumeName")).unwrap_or("a persistent volume");
    let size = volume.size().unwrap_or_default();
    Retained {
        kind: "ec2/volume".to_owned(),
        id: volume.volume_id().unwrap_or_default().to_owned(),
        reason: format!("{size} GiB of {claim} in the cluster {cluster}; kubernetes.volumes is \"keep\""),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::Tag;

    use super::*;

    #[test]
    fn a_volume_that_stays_is_named_with_its_claim() {
        let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build();
        let named = tag("kubernetes.io/created-for/pvc/name", "data-0");
        let rows = [
            (vec![named, tag("CSIVolumeName", "pvc-1")], "data-0"),
            (vec![tag("CSIVolumeName", "pvc-1")], "pvc-1"),
            (vec![], "a persistent volume"),
        ];
        for (tags, expected) in rows {
            let volume = Volume::builder().volume_id("vol-1").size(8).set_tags(Some(tags)).build();
            let kept = keep(&volume, "shop");
            assert_eq!(kept.reason, format!("8 GiB of {expected} in the cluster shop; kubernetes.volumes is \"keep\""));
            assert_eq!((kept.kind.as_str(), kept.id.as_str()), ("ec2/volume", "vol-1"));
        }
    }
}
