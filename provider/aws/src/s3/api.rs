//! The calls for one bucket. Each names the account that must own the bucket: somebody else's
//! bucket of the same name is refused by S3 itself.

use aws_sdk_s3::{
    Client,
    error::{BuildError, SdkError},
    operation::get_bucket_versioning::GetBucketVersioningError,
    types::{
        BucketLifecycleConfiguration, BucketVersioningStatus, CorsConfiguration, Delete, ObjectIdentifier,
        ObjectOwnership, OwnershipControls, OwnershipControlsRule, PublicAccessBlockConfiguration,
        ServerSideEncryption, ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration,
        ServerSideEncryptionRule, Tag, Tagging, VersioningConfiguration,
    },
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use futures::future::try_join_all;
use stellar_engine::{Error, Scope, Tags};

use super::{
    cors::{self, CorsRule},
    lifecycle::{self, Lifecycle},
};
use crate::{Aws, call};

/// Objects per page when a bucket is emptied: the most that `DeleteObjects` takes.
const PAGE: i32 = 1000;

/// One bucket, and the account that must own it.
pub(super) struct Api<'a> {
    s3: Client,
    account: &'a str,
    bucket: &'a str,
}

/// Sends one request about the bucket: `send!(self, "s3:Operation", method, option(value) …)`.
macro_rules! send {
    ($api:expr, $operation:literal, $method:ident $(, $option:ident($value:expr))* $(,)?) => {
        call($operation, || {
            $api.s3.$method().bucket($api.bucket).expected_bucket_owner($api.account)$(.$option($value))*.send()
        })
    };
}

impl<'a> Api<'a> {
    pub(super) fn new(aws: &Aws, scope: &'a Scope, bucket: &'a str) -> Self {
        Self { s3: aws.s3(&scope.region), account: &scope.account, bucket }
    }

    /// `None` when there is no such bucket.
    pub(super) async fn tags(&self) -> Result<Option<Tags>, Error> {
        match send!(self, "s3:GetBucketTagging", get_bucket_tagging).await {
            Ok(output) => {
                let pair = |tag: &Tag| (tag.key().to_owned(), tag.value().to_owned());
                Ok(Some(output.tag_set().iter().map(pair).collect()))
            }
            // The bucket is there, only without tags.
            Err(error) if error.code.as_deref() == Some("NoSuchTagSet") => Ok(Some(Tags::new())),
            Err(error) => Error::absent_is_none(Err(error)),
        }
    }

    /// Replaces all tags: S3 has no call for single ones.
    pub(super) async fn put_tags(&self, tags: &Tags) -> Result<(), Error> {
        let tagging = built(Tagging::builder().set_tag_set(Some(tags_to_sdk(tags)?)).build())?;
        send!(self, "s3:PutBucketTagging", put_bucket_tagging, tagging(tagging.clone())).await.map(drop)
    }

    /// True when versions are kept.
    pub(super) async fn versioning(&self) -> Result<bool, Error> {
        let request = || async {
            let request = self.s3.get_bucket_versioning().bucket(self.bucket).expected_bucket_owner(self.account);
            match request.send().await {
                Ok(output) => Ok(output.status() == Some(&BucketVersioningStatus::Enabled)),
                Err(error) => told_by_body(&error).ok_or(error),
            }
        };
        Ok(unset_is_none(call("s3:GetBucketVersioning", request).await)?.unwrap_or_default())
    }

    /// Versions that exist already stay when versioning is suspended.
    pub(super) async fn put_versioning(&self, on: bool) -> Result<(), Error> {
        let status = if on { BucketVersioningStatus::Enabled } else { BucketVersioningStatus::Suspended };
        let config = VersioningConfiguration::builder().status(status).build();
        send!(self, "s3:PutBucketVersioning", put_bucket_versioning, versioning_configuration(config.clone()))
            .await
            .map(drop)
    }

    /// The KMS key of new objects; `None` when S3's own keys are used.
    pub(super) async fn kms_key(&self) -> Result<Option<String>, Error> {
        let output = send!(self, "s3:GetBucketEncryption", get_bucket_encryption).await;
        let output = unset_is_none(output)?;
        let config = output.as_ref().and_then(|o| o.server_side_encryption_configuration());
        let rule = config.and_then(|c| c.rules().first()?.apply_server_side_encryption_by_default());
        Ok(rule.and_then(ServerSideEncryptionByDefault::kms_master_key_id).map(str::to_owned))
    }

    /// With a bucket key, which saves a KMS request per object (S3 User Guide, "S3 Bucket Keys").
    pub(super) async fn put_kms_key(&self, arn: &str) -> Result<(), Error> {
        let default = ServerSideEncryptionByDefault::builder()
            .sse_algorithm(ServerSideEncryption::AwsKms)
            .kms_master_key_id(arn)
            .build();
        let rule = ServerSideEncryptionRule::builder()
            .apply_server_side_encryption_by_default(built(default)?)
            .bucket_key_enabled(true)
            .build();
        let config = built(ServerSideEncryptionConfiguration::builder().rules(rule).build())?;
        send!(
            self,
            "s3:PutBucketEncryption",
            put_bucket_encryption,
            server_side_encryption_configuration(config.clone())
        )
        .await
        .map(drop)
    }

    /// True when all four public access blocks are on.
    pub(super) async fn private(&self) -> Result<bool, Error> {
        let output = unset_is_none(send!(self, "s3:GetPublicAccessBlock", get_public_access_block).await)?;
        let all = |c: &PublicAccessBlockConfiguration| {
            [c.block_public_acls(), c.ignore_public_acls(), c.block_public_policy(), c.restrict_public_buckets()]
                .iter()
                .all(|on| *on == Some(true))
        };
        Ok(output.as_ref().and_then(|o| o.public_access_block_configuration()).is_some_and(all))
    }

    pub(super) async fn put_private(&self, on: bool) -> Result<(), Error> {
        let config = PublicAccessBlockConfiguration::builder()
            .block_public_acls(on)
            .ignore_public_acls(on)
            .block_public_policy(on)
            .restrict_public_buckets(on)
            .build();
        send!(
            self,
            "s3:PutPublicAccessBlock",
            put_public_access_block,
            public_access_block_configuration(config.clone())
        )
        .await
        .map(drop)
    }

    /// Who owns new objects: `BucketOwnerEnforced` and others.
    pub(super) async fn ownership(&self) -> Result<Option<String>, Error> {
        let output = send!(self, "s3:GetBucketOwnershipControls", get_bucket_ownership_controls).await;
        let output = unset_is_none(output)?;
        let rule = output.as_ref().and_then(|o| o.ownership_controls()?.rules().first());
        Ok(rule.map(|rule| rule.object_ownership().as_str().to_owned()))
    }

    pub(super) async fn put_ownership(&self, ownership: &str) -> Result<(), Error> {
        let rule = OwnershipControlsRule::builder().object_ownership(ObjectOwnership::from(ownership)).build();
        let controls = built(OwnershipControls::builder().rules(built(rule)?).build())?;
        send!(
            self,
            "s3:PutBucketOwnershipControls",
            put_bucket_ownership_controls,
            ownership_controls(controls.clone())
        )
        .await
        .map(drop)
    }

    pub(super) async fn lifecycle(&self) -> Result<Lifecycle, Error> {
        let output = send!(self, "s3:GetBucketLifecycleConfiguration", get_bucket_lifecycle_configuration).await;
        Ok(unset_is_none(output)?.map(|o| lifecycle::from_sdk(o.rules())).unwrap_or_default())
    }

    pub(super) async fn put_lifecycle(&self, rules: &Lifecycle) -> Result<(), Error> {
        if rules.is_empty() {
            return send!(self, "s3:DeleteBucketLifecycle", delete_bucket_lifecycle).await.map(drop);
        }
        let rules = lifecycle::to_sdk(rules)?;
        let config = built(BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build())?;
        send!(
            self,
            "s3:PutBucketLifecycleConfiguration",
            put_bucket_lifecycle_configuration,
            lifecycle_configuration(config.clone()),
        )
        .await
        .map(drop)
    }

    pub(super) async fn cors(&self) -> Result<Vec<CorsRule>, Error> {
        let output = send!(self, "s3:GetBucketCors", get_bucket_cors).await;
        Ok(unset_is_none(output)?.map(|o| cors::from_sdk(o.cors_rules())).unwrap_or_default())
    }

    pub(super) async fn put_cors(&self, rules: &[CorsRule]) -> Result<(), Error> {
        if rules.is_empty() {
            return send!(self, "s3:DeleteBucketCors", delete_bucket_cors).await.map(drop);
        }
        let config = built(CorsConfiguration::builder().set_cors_rules(Some(cors::to_sdk(rules)?)).build())?;
        send!(self, "s3:PutBucketCors", put_bucket_cors, cors_configuration(config.clone())).await.map(drop)
    }

    pub(super) async fn delete(&self) -> Result<(), Error> {
        send!(self, "s3:DeleteBucket", delete_bucket).await.map(drop)
    }

    /// Removes one page of versions and delete markers; false when there was nothing left.
    pub(super) async fn empty_page(&self) -> Result<bool, Error> {
        let page = send!(self, "s3:ListObjectVersions", list_object_versions, max_keys(PAGE)).await?;
        let versions = page.versions().iter().map(|v| (v.key(), v.version_id()));
        let markers = page.delete_markers().iter().map(|m| (m.key(), m.version_id()));
        let object = |(key, version): (Option<&str>, Option<&str>)| {
            let id = ObjectIdentifier::builder().key(key.unwrap_or_default());
            built(id.set_version_id(version.map(str::to_owned)).build())
        };
        let objects = versions.chain(markers).map(object).collect::<Result<Vec<_>, _>>()?;
        if objects.is_empty() {
            return Ok(false);
        }
        let delete = built(Delete::builder().quiet(true).set_objects(Some(objects)).build())?;
        let output = send!(self, "s3:DeleteObjects", delete_objects, delete(delete.clone())).await?;
        // The answer is 200 even if single objects could not be removed.
        match output.errors().first() {
            None => Ok(true),
            Some(error) => Err(Error::permanent(format!(
                "{} cannot be removed from the bucket {}: {}",
                error.key().unwrap_or("an object"),
                self.bucket,
                error.message().or(error.code()).unwrap_or("no reason given"),
            ))),
        }
    }

    /// Ends unfinished uploads, whose parts also take room.
    pub(super) async fn abort_uploads(&self) -> Result<(), Error> {
        let page = send!(self, "s3:ListMultipartUploads", list_multipart_uploads).await?;
        let abort = |upload: &aws_sdk_s3::types::MultipartUpload| {
            let (key, id) = (upload.key().unwrap_or_default().to_owned(), upload.upload_id().map(str::to_owned));
            async move {
                let request = send!(
                    self,
                    "s3:AbortMultipartUpload",
                    abort_multipart_upload,
                    key(&key),
                    set_upload_id(id.clone()),
                );
                Error::absent_is_none(request.await).map(drop)
            }
        };
        try_join_all(page.uploads().iter().map(abort)).await.map(drop)
    }

    /// The policy document as text; `None` without one, or without the bucket.
    pub(super) async fn policy(&self) -> Result<Option<String>, Error> {
        let output = Error::absent_is_none(send!(self, "s3:GetBucketPolicy", get_bucket_policy).await)?;
        Ok(output.and_then(|o| o.policy))
    }

    pub(super) async fn put_policy(&self, document: &str) -> Result<(), Error> {
        send!(self, "s3:PutBucketPolicy", put_bucket_policy, policy(document)).await.map(drop)
    }

    pub(super) async fn delete_policy(&self) -> Result<(), Error> {
        send!(self, "s3:DeleteBucketPolicy", delete_bucket_policy).await.map(drop)
    }
}

/// `None` for a configuration that the bucket does not have; a bucket that has gone stays an error.
fn unset_is_none<T>(result: Result<T, Error>) -> Result<Option<T>, Error> {
    match result {
        Err(error) if error.code.as_deref() == Some("NoSuchBucket") => Err(error),
        result => Error::absent_is_none(result),
    }
}

/// Tags as S3 takes them, also in the create call.
pub(super) fn tags_to_sdk(tags: &Tags) -> Result<Vec<Tag>, Error> {
    tags.iter().map(|(key, value)| built(Tag::builder().key(key).value(value).build())).collect()
}

/// The SDK's builders fail only when a required member was never set, which is our mistake.
/// The versioning that is in an answer which the SDK does not read: it wants the root element's name, by which some
/// S3-compatible services and simulators do not go.
fn told_by_body(error: &SdkError<GetBucketVersioningError, HttpResponse>) -> Option<bool> {
    let answer = error.raw_response().filter(|answer| answer.status().is_success())?;
    let body = std::str::from_utf8(answer.body().bytes()?).ok()?;
    Some(body.contains("<Status>Enabled</Status>"))
}

fn built<T>(result: Result<T, BuildError>) -> Result<T, Error> {
    result.map_err(|e| Error::bug(format!("request to S3: {e}")))
}
