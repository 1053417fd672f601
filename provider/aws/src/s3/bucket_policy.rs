//! Bucket policy. Proof: parent; a bucket has at most one, and the stack's buckets are wholly ours.

use std::sync::Arc;

use async_trait::async_trait;
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stellar_engine::{
    Address, Changes, Error, Input, Observed, Proof, Properties, Retained, Rule, Scope, Tagging, Target, Traits,
};

use super::api::Api;
use crate::{Aws, access::Needs, policy};

/// Who may do what with a bucket beyond IAM. Output: `id`, the bucket's name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BucketPolicy {
    /// The bucket's name; cannot be changed.
    pub bucket: Input<String>,
    /// The document.
    pub policy: Value,
}

impl Properties for BucketPolicy {
    const KIND: &'static str = "s3/bucket-policy";
}

/// What IAM must allow.
pub(super) const NEEDS: Needs = Needs {
    read: &["s3:GetBucketPolicy"],
    create: &["s3:PutBucketPolicy"],
    update: &["s3:PutBucketPolicy"],
    delete: &["s3:DeleteBucketPolicy"],
    ..Needs::NOTHING
};

/// The kind `s3/bucket-policy`.
pub(super) struct Kind(pub Arc<Aws>);

#[async_trait]
impl stellar_engine::Kind for Kind {
    type Props = BucketPolicy;

    fn traits(&self) -> Traits {
        Traits {
            proof: Proof::Parent,
            tagging: Tagging::None,
            rules: &[("bucket", Rule::Replace("the policy belongs to one bucket"))],
            ..Traits::new(BucketPolicy::KIND, "bucket policy")
        }
    }

    async fn read(
        &self,
        scope: &Scope,
        targets: &[Target<BucketPolicy>],
    ) -> Vec<Result<Option<Observed<BucketPolicy>>, Error>> {
        join_all(targets.iter().map(|target| self.read_one(scope, target))).await
    }

    async fn create(&self, scope: &Scope, _: &Address, desired: &BucketPolicy) -> Result<String, Error> {
        let bucket = desired.bucket.value()?;
        Api::new(&self.0, scope, bucket).put_policy(&desired.policy.to_string()).await?;
        Ok(bucket.clone())
    }

    async fn update(
        &self,
        scope: &Scope,
        _: &Address,
        desired: &BucketPolicy,
        observed: &Observed<BucketPolicy>,
        _: &Changes,
    ) -> Result<(), Error> {
        Api::new(&self.0, scope, &observed.id).put_policy(&desired.policy.to_string()).await
    }

    async fn delete(
        &self,
        scope: &Scope,
        _: &Address,
        observed: &Observed<BucketPolicy>,
        _: Option<&BucketPolicy>,
    ) -> Result<Vec<Retained>, Error> {
        Error::absent_is_none(Api::new(&self.0, scope, &observed.id).delete_policy().await)?;
        Ok(Vec::new())
    }
}

impl Kind {
    async fn read_one(
        &self,
        scope: &Scope,
        target: &Target<BucketPolicy>,
    ) -> Result<Option<Observed<BucketPolicy>>, Error> {
        let derived = target.props.as_ref().map(|props| props.bucket.value()).transpose()?;
        let Some(bucket) = target.id.as_ref().or(derived) else { return Ok(None) };
        let Some(text) = Api::new(&self.0, scope, bucket).policy().await? else { return Ok(None) };
        let policy = policy::like(&text, target.props.as_ref().map(|props| &props.policy))?;
        let props = BucketPolicy { bucket: bucket.as_str().into(), policy };
        Ok(Some(Observed::new(bucket, props).output("id", bucket.as_str())))
    }
}
