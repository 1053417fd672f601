//! Bucket with everything that is set on it. Proof: tag; its name is unique in the world.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use stellar_engine::{
    Address, Changes, Error, ErrorClass, Input, Observed, Properties, Retained, Rule, Scope, Tags, Target, Traits,
};

use super::{
    api::{Api, tags_to_sdk},
    cors::CorsRule,
    lifecycle::Lifecycle,
};
use crate::{Aws, access::Needs, call, kms::key, partition::dns_suffix, retained::TAG_RETAINED};

/// Pages of 1000 objects that one delete call removes before the engine has its say again (cancel, deadline).
const PAGES: usize = 10;

/// A bucket. Outputs: `id` and `name` (the same), `arn`, `domain` (its host name in the
/// region), `kms_key_arn` (empty when S3's own keys are used).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bucket {
    /// Unique in the partition, 3–63 characters; cannot be changed.
    pub name: Input<String>,
    /// Keeps overwritten and deleted objects as noncurrent versions.
    pub versioning: Option<Input<bool>>,
    /// ARN of the key for new objects; `None` = not compared, S3's own keys in a new bucket.
    pub kms_key_arn: Option<Input<String>>,
    /// All four public access blocks; S3's default since April 2023.
    pub private: Option<bool>,
    /// `BucketOwnerEnforced` (no ACLs), S3's default since April 2023.
    pub ownership: Option<String>,
    /// All rules; empty = none.
    pub lifecycle: Option<Input<Lifecycle>>,
    /// All rules in order; empty = none.
    pub cors: Option<Input<Vec<CorsRule>>>,
    /// Deleting removes the objects first. Otherwise a bucket with objects outlives its stack, together with its key.
    pub force_destroy: Option<Input<bool>>,
}

impl Properties for Bucket {
    const KIND: &'static str = "s3/bucket";
}

/// What IAM must allow.
pub(super) const NEEDS: Needs = Needs {
    read: &[
        "s3:GetBucketCORS",
        "s3:GetBucketOwnershipControls",
        "s3:GetBucketPublicAccessBlock",
        "s3:GetBucketTagging",
        "s3:GetBucketVersioning",
        "s3:GetEncryptionConfiguration",
        "s3:GetLifecycleConfiguration",
    ],
    create: &["s3:CreateBucket", "s3:PutBucketTagging", "s3:TagResource"],
    update: &[
        "s3:PutBucketCORS",
        "s3:PutBucketOwnershipControls",
        "s3:PutBucketPublicAccessBlock",
        "s3:PutBucketTagging",
        "s3:PutBucketVersioning",
        "s3:PutEncryptionConfiguration",
        "s3:PutLifecycleConfiguration",
    ],
    delete: &[
        "s3:AbortMultipartUpload",
        "s3:DeleteBucket",
        "s3:DeleteObject",
        "s3:DeleteObjectVersion",
        "s3:ListBucketMultipartUploads",
        "s3:ListBucketVersions",
        "s3:PutBucketTagging",
        "kms:TagResource",
    ],
    ..Needs::NOTHING
};

/// The kind `s3/bucket`.
pub(super) struct Kind(pub Arc<Aws>);

#[async_trait]
impl stellar_engine::Kind for Kind {
    type Props = Bucket;

    fn traits(&self) -> Traits {
        Traits {
            data: true,
            rules: &[("name", Rule::Replace("a bucket cannot be renamed")), ("force_destroy", Rule::Local)],
            // Emptying a large bucket takes its time.
            limit_minutes: 60,
            volatile: &["kms_key_arn"],
            ..Traits::new(Bucket::KIND, "bucket")
        }
    }

    async fn read(&self, scope: &Scope, targets: &[Target<Bucket>]) -> Vec<Result<Option<Observed<Bucket>>, Error>> {
        join_all(targets.iter().map(|target| self.read_one(scope, target))).await
    }

    async fn create(&self, scope: &Scope, address: &Address, desired: &Bucket) -> Result<String, Error> {
        let s3 = self.0.s3(&scope.region);
        let name = desired.name.value()?;
        // Asked first: in us-east-1, creating a bucket that one has already succeeds and changes nothing.
        if self.take_back(scope, name).await? {
            return Ok(name.clone());
        }
        // us-east-1 is the one region that must not be named (API reference of CreateBucket).
        let region = (scope.region != "us-east-1").then(|| BucketLocationConstraint::from(scope.region.as_str()));
        let config = CreateBucketConfiguration::builder()
            .set_location_constraint(region)
            .set_tags(Some(tags_to_sdk(&scope.tags_of(address))?))
            .build();
        let request = || s3.create_bucket().bucket(name).create_bucket_configuration(config.clone()).send();
        call("s3:CreateBucket", request).await?;
        // S3-compatible services know CreateBucket without tags, as S3 did until 2025.
        let api = Api::new(&self.0, scope, name);
        if self.0.endpoint_of("s3").is_some() && api.tags().await?.is_some_and(|tags| tags.is_empty()) {
            api.put_tags(&scope.tags_of(address)).await?;
        }
        Ok(name.clone())
    }

    /// What differs from a new bucket, one after the other: S3 refuses two changes of one bucket at a time.
    async fn complete(&self, scope: &Scope, _: &Address, desired: &Bucket, id: &str) -> Result<(), Error> {
        let api = Api::new(&self.0, scope, id);
        if let Some(Input::Known(true)) = &desired.versioning {
            api.put_versioning(true).await?;
        }
        if let Some(arn) = &desired.kms_key_arn {
            api.put_kms_key(arn.value()?).await?;
        }
        if let Some(Input::Known(rules)) = &desired.lifecycle
            && !rules.is_empty()
        {
            api.put_lifecycle(rules).await?;
        }
        if let Some(Input::Known(rules)) = &desired.cors
            && !rules.is_empty()
        {
            api.put_cors(rules).await?;
        }
        Ok(())
    }

    async fn update(
        &self,
        scope: &Scope,
        _: &Address,
        desired: &Bucket,
        observed: &Observed<Bucket>,
        changes: &Changes,
    ) -> Result<(), Error> {
        let api = Api::new(&self.0, scope, &observed.id);
        for change in changes {
            match (change.field.as_str(), desired) {
                ("versioning", Bucket { versioning: Some(on), .. }) => api.put_versioning(*on.value()?).await?,
                ("kms_key_arn", Bucket { kms_key_arn: Some(arn), .. }) => api.put_kms_key(arn.value()?).await?,
                ("private", Bucket { private: Some(on), .. }) => api.put_private(*on).await?,
                ("ownership", Bucket { ownership: Some(text), .. }) => api.put_ownership(text).await?,
                ("lifecycle", Bucket { lifecycle: Some(rules), .. }) => api.put_lifecycle(rules.value()?).await?,
                ("cors", Bucket { cors: Some(rules), .. }) => api.put_cors(rules.value()?).await?,
                (other, _) => return Err(Error::bug(format!("{} cannot change {other}", Bucket::KIND))),
            }
        }
        Ok(())
    }

    async fn delete(
        &self,
        scope: &Scope,
        _: &Address,
        observed: &Observed<Bucket>,
        props: Option<&Bucket>,
    ) -> Result<Vec<Retained>, Error> {
        let api = Api::new(&self.0, scope, &observed.id);
        match api.delete().await {
            Err(error) if error.code.as_deref() == Some("BucketNotEmpty") => {
                if props.and_then(|props| props.force_destroy.as_ref()) != Some(&Input::Known(true)) {
                    return self.keep(scope, observed).await.map(|kept| vec![kept]);
                }
                empty(&api).await?;
            }
            result => drop(Error::absent_is_none(result)?),
        }
        Ok(Vec::new())
    }

    async fn tag(
        &self,
        scope: &Scope,
        observed: &Observed<Bucket>,
        set: &Tags,
        remove: &[String],
    ) -> Result<(), Error> {
        let mut tags = observed.tags.clone();
        tags.extend(set.clone());
        // S3 refuses tags of AWS's own in the request and keeps them by itself.
        tags.retain(|key, _| !remove.contains(key) && !key.starts_with("aws:"));
        Api::new(&self.0, scope, &observed.id).put_tags(&tags).await
    }
}

impl Kind {
    /// Leaves a bucket with objects behind: from now on it counts as absent.
    async fn keep(&self, scope: &Scope, observed: &Observed<Bucket>) -> Result<Retained, Error> {
        if let Some(Input::Known(arn)) = &observed.props.kms_key_arn {
            key::need(&self.0, scope, arn, &observed.id).await?;
        }
        let mark = Tags::from([(TAG_RETAINED.to_owned(), "true".to_owned())]);
        stellar_engine::Kind::tag(self, scope, observed, &mark, &[]).await?;
        let reason = format!("it still holds objects; `aws s3 rb --force s3://{}` removes them and it", observed.id);
        Ok(Retained { kind: Bucket::KIND.to_owned(), id: observed.id.clone(), reason })
    }

    /// Takes over a bucket that this stack left behind; true when there is one.
    async fn take_back(&self, scope: &Scope, name: &str) -> Result<bool, Error> {
        let api = Api::new(&self.0, scope, name);
        let Some(mut tags) = api.tags().await.map_err(|error| taken(name, error))? else { return Ok(false) };
        if tags.remove(TAG_RETAINED).is_none() {
            return Ok(false);
        }
        if !scope.owns(&tags) {
            return Err(Error::foreign(format!(
                "the bucket {name} was left behind by an earlier stack, because it holds objects; choose another name, or \
                 remove it with `aws s3 rb --force s3://{name}`"
            )));
        }
        tags.retain(|key, _| !key.starts_with("aws:"));
        api.put_tags(&tags).await?;
        Ok(true)
    }

    async fn read_one(&self, scope: &Scope, target: &Target<Bucket>) -> Result<Option<Observed<Bucket>>, Error> {
        let derived = target.props.as_ref().map(|props| props.name.value()).transpose()?;
        let Some(name) = target.id.as_ref().or(derived) else { return Ok(None) };
        let api = Api::new(&self.0, scope, name);
        let Some(tags) = api.tags().await.map_err(|error| taken(name, error))? else { return Ok(None) };
        if tags.contains_key(TAG_RETAINED) {
            return Ok(None);
        }
        let settings = async {
            tokio::try_join!(
                api.versioning(),
                api.kms_key(),
                api.private(),
                api.ownership(),
                api.lifecycle(),
                api.cors(),
            )
        };
        // It may go between the calls.
        let Some(settings) = Error::absent_is_none(settings.await)? else { return Ok(None) };
        let (versioning, kms_key, private, ownership, lifecycle, cors) = settings;
        let props = Bucket {
            name: name.as_str().into(),
            versioning: Some(versioning.into()),
            kms_key_arn: kms_key.clone().map(Input::Known),
            private: Some(private),
            ownership,
            lifecycle: Some(lifecycle.into()),
            cors: Some(cors.into()),
            force_destroy: None,
        };
        let observed = Observed::new(name, props)
            .output("id", name.as_str())
            .output("name", name.as_str())
            .output("arn", format!("arn:{}:s3:::{name}", scope.partition))
            .output("kms_key_arn", kms_key.unwrap_or_default())
            .output("domain", format!("{name}.s3.{}.{}", scope.region, dns_suffix(&scope.partition)));
        Ok(Some(observed.tags(tags)))
    }
}

/// Removes some pages of objects, and the bucket itself if that was all.
async fn empty(api: &Api<'_>) -> Result<(), Error> {
    for _ in 0..PAGES {
        if !api.empty_page().await? {
            api.abort_uploads().await?;
            return Error::absent_is_none(api.delete().await).map(drop);
        }
    }
    Ok(())
}

/// S3 answers "access denied" both for a bucket of another account and for a missing permission.
fn taken(bucket: &str, error: Error) -> Error {
    if error.class != ErrorClass::Denied {
        return error;
    }
    let message = format!(
        "{}: either the name {bucket} is taken by a bucket of another account, or s3:GetBucketTagging is not allowed",
        error.message
    );
    Error { message, ..error }
}
