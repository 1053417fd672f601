//! Distribution. Proof: tag. It has no name: the comment, which nobody else can guess, finds it
//! again, and the caller reference makes a second one impossible.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use async_trait::async_trait;
use aws_sdk_cloudfront::types::{
    Distribution as SdkDistribution, DistributionConfig, DistributionConfigWithTags, DistributionSummary, Tag, TagKeys,
    Tags as SdkTags,
};
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use stellar_engine::{
    Address, Changes, Disruption, Error, Input, Observed, Properties, Retained, Rule, Scope, Status, Tags, Target,
    Traits,
};

use super::{built, config, config_read, etag};
use crate::{Aws, access::Needs, call};

/// A distribution, wholly owned: origins and behaviors that are not listed are removed. It always
/// speaks HTTP/2, HTTP/3 and IPv6. Outputs: `id`, `arn`, `domain`, `zone` (for alias records).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Distribution {
    /// Answers requests; false while it is being taken down.
    pub enabled: bool,
    /// Host names beyond its own; each needs a name in the certificate.
    pub aliases: Input<BTreeSet<String>>,
    /// `PriceClass_100`, `PriceClass_200`, `PriceClass_All`: which edge locations take part.
    pub price_class: String,
    /// The ARN of a web ACL of scope CLOUDFRONT; empty = none.
    pub web_acl_arn: Input<String>,
    /// How viewers are met.
    pub tls: Tls,
    /// Where the answers come from, by an id that only the behaviors refer to.
    pub origins: BTreeMap<String, Origin>,
    /// What happens to requests that no behavior takes.
    pub default_behavior: Behavior,
    /// The first whose path matches takes the request.
    pub behaviors: Vec<PathBehavior>,
    /// What `/` stands for, without the leading slash; empty = nothing.
    pub root_object: Input<String>,
    /// What viewers get in place of an origin's error, by its status code.
    pub error_responses: BTreeMap<i32, ErrorResponse>,
}

impl Properties for Distribution {
    const KIND: &'static str = "cloudfront/distribution";
}

/// The viewers' side of TLS.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tls {
    /// ARN in ACM of us-east-1; `None` = CloudFront's own certificate for its own domain.
    pub certificate_arn: Option<Input<String>>,
    /// The security policy, `TLSv1.2_2021`; CloudFront's own certificate allows no other than `TLSv1`.
    pub minimum: String,
}

/// A source of answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// Host name without scheme; of a bucket the one in its region.
    pub domain: Input<String>,
    /// Put in front of every request's path: `/v1`; empty = nothing.
    pub path: String,
    /// Headers that every request to it carries.
    pub headers: Input<BTreeMap<String, String>>,
    /// What it is.
    pub server: Server,
}

/// What answers behind an origin's host name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Server {
    /// A private bucket, asked by this origin access control (id).
    Bucket(Input<String>),
    /// Any web server.
    Host(Host),
}

/// How a web server is spoken to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Host {
    /// `https-only` or `http-only`.
    pub protocol: String,
    /// TCP port of that protocol.
    pub port: i32,
    /// Seconds to wait for an answer, and for each further packet of it.
    pub read_timeout: i32,
    /// Seconds for which an idle connection is kept.
    pub keepalive: i32,
}

impl Default for Host {
    /// HTTPS, and CloudFront's own defaults.
    fn default() -> Self {
        Self { protocol: "https-only".to_owned(), port: 443, read_timeout: 30, keepalive: 5 }
    }
}

impl Default for Server {
    fn default() -> Self {
        Self::Host(Host::default())
    }
}

/// What viewers get in place of an error.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ErrorResponse {
    /// Path of the page, and the status code with which it is sent; `None` = the origin's own answer.
    pub page: Option<(String, i32)>,
    /// Seconds for which the error is kept.
    pub ttl: i64,
}

/// How requests are answered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Behavior {
    /// Key in [`Distribution::origins`].
    pub origin: String,
    /// `redirect-to-https` or `https-only`.
    pub viewer_protocol: String,
    /// Methods that reach the origin; `GET` and `HEAD` are cached.
    pub methods: BTreeSet<String>,
    /// Compresses what the cache policy allows.
    pub compress: bool,
    /// Id of the cache policy.
    pub cache_policy: Input<String>,
    /// Id of the origin request policy.
    pub origin_request_policy: Option<Input<String>>,
    /// Id of the response headers policy.
    pub response_headers_policy: Option<Input<String>>,
    /// Ids of the key groups by one of which URLs or cookies must be signed; empty = anybody may ask.
    pub key_groups: Input<BTreeSet<String>>,
}

/// A behavior for some paths.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PathBehavior {
    /// With wildcards: `/images/*`.
    pub path: String,
    /// What happens to them.
    pub behavior: Behavior,
}

/// What IAM must allow.
pub(super) const NEEDS: Needs = Needs {
    read: &[
        "cloudfront:GetDistribution",
        "cloudfront:GetDistributionConfig",
        "cloudfront:ListDistributions",
        "cloudfront:ListTagsForResource",
    ],
    create: &["cloudfront:CreateDistribution", "cloudfront:TagResource"],
    update: &["cloudfront:UpdateDistribution", "cloudfront:TagResource", "cloudfront:UntagResource"],
    delete: &["cloudfront:UpdateDistribution", "cloudfront:DeleteDistribution"],
    ..Needs::NOTHING
};

/// The kind `cloudfront/distribution`.
pub(super) struct Kind(pub Arc<Aws>);

#[async_trait]
impl stellar_engine::Kind for Kind {
    type Props = Distribution;

    fn traits(&self) -> Traits {
        Traits {
            rules: &[("enabled", Rule::InPlace(Disruption::Brief)), ("tls", Rule::InPlace(Disruption::Brief))],
            minutes: (5.0, 5.0, 6.0),
            limit_minutes: 90,
            ..Traits::new(Distribution::KIND, "CDN distribution")
        }
    }

    async fn read(
        &self,
        scope: &Scope,
        targets: &[Target<Distribution>],
    ) -> Vec<Result<Option<Observed<Distribution>>, Error>> {
        join_all(targets.iter().map(|target| self.read_one(scope, target))).await
    }

    async fn create(&self, scope: &Scope, address: &Address, desired: &Distribution) -> Result<String, Error> {
        let cloudfront = self.0.cloudfront(&scope.region);
        let config = config::new(&scope.reference(address), &comment(scope, address), desired)?;
        let tags = tags_to_sdk(&scope.tags_of(address))?;
        let with_tags = DistributionConfigWithTags::builder().distribution_config(config).tags(tags).build();
        let request =
            || cloudfront.create_distribution_with_tags().distribution_config_with_tags(with_tags.clone()).send();
        let output = call("cloudfront:CreateDistributionWithTags", request).await?;
        let id = output.distribution().map(|distribution| distribution.id().to_owned());
        id.ok_or_else(|| Error::permanent("cloudfront:CreateDistributionWithTags answered without an id"))
    }

    async fn update(
        &self,
        scope: &Scope,
        address: &Address,
        desired: &Distribution,
        observed: &Observed<Distribution>,
        _: &Changes,
    ) -> Result<(), Error> {
        // The call replaces the whole configuration, so it starts from what is there.
        let Some((etag, mut config)) = self.config(scope, &observed.id).await? else { return Ok(()) };
        config.comment = comment(scope, address);
        config::apply(&mut config, desired)?;
        self.put(scope, &observed.id, &etag, config).await
    }

    /// Disables first: only a distribution that every edge location has let go of can be deleted.
    async fn delete(
        &self,
        scope: &Scope,
        _: &Address,
        observed: &Observed<Distribution>,
        _: Option<&Distribution>,
    ) -> Result<Vec<Retained>, Error> {
        let Some((etag, mut config)) = self.config(scope, &observed.id).await? else { return Ok(Vec::new()) };
        if config.enabled {
            config.enabled = false;
            self.put(scope, &observed.id, &etag, config).await?;
        } else if observed.status == Status::Ready {
            let cloudfront = self.0.cloudfront(&scope.region);
            let request = || cloudfront.delete_distribution().id(&observed.id).if_match(&etag).send();
            Error::absent_is_none(call("cloudfront:DeleteDistribution", request).await)?;
        }
        Ok(Vec::new())
    }

    async fn tag(
        &self,
        scope: &Scope,
        observed: &Observed<Distribution>,
        set: &Tags,
        remove: &[String],
    ) -> Result<(), Error> {
        let cloudfront = self.0.cloudfront(&scope.region);
        let arn = arn(scope, &observed.id);
        if !set.is_empty() {
            let tags = tags_to_sdk(set)?;
            let request = || cloudfront.tag_resource().resource(&arn).tags(tags.clone()).send();
            call("cloudfront:TagResource", request).await?;
        }
        if !remove.is_empty() {
            let keys = TagKeys::builder().set_items(Some(remove.to_vec())).build();
            let request = || cloudfront.untag_resource().resource(&arn).tag_keys(keys.clone()).send();
            call("cloudfront:UntagResource", request).await?;
        }
        Ok(())
    }
}

impl Kind {
    async fn read_one(
        &self,
        scope: &Scope,
        target: &Target<Distribution>,
    ) -> Result<Option<Observed<Distribution>>, Error> {
        let id = match &target.id {
            Some(id) => Some(id.clone()),
            None => self.find(scope, &comment(scope, &target.address)).await?,
        };
        let Some(id) = id else { return Ok(None) };
        let cloudfront = self.0.cloudfront(&scope.region);
        let request = || cloudfront.get_distribution().id(&id).send();
        let output = Error::absent_is_none(call("cloudfront:GetDistribution", request).await)?;
        let Some(distribution) = output.and_then(|output| output.distribution) else { return Ok(None) };
        // Until it is deployed everywhere it is looked at often: the comment, which only we can have given it, is proof enough.
        let config = distribution.distribution_config();
        if distribution.status() != DEPLOYED && config.is_some_and(|c| c.comment() == comment(scope, &target.address)) {
            return observed(scope, distribution, scope.tags_of(&target.address)).map(Some);
        }
        let arn = arn(scope, &id);
        let request = || cloudfront.list_tags_for_resource().resource(&arn).send();
        // It may go between the two calls.
        let output = Error::absent_is_none(call("cloudfront:ListTagsForResource", request).await)?;
        let Some(output) = output else { return Ok(None) };
        let tags = output.tags.map(tags_from_sdk).unwrap_or_default();
        observed(scope, distribution, tags).map(Some)
    }

    /// The id of the distribution with this comment, looked for in the whole account.
    async fn find(&self, scope: &Scope, comment: &str) -> Result<Option<String>, Error> {
        let cloudfront = self.0.cloudfront(&scope.region);
        let request = || {
            let pages = cloudfront.list_distributions().into_paginator().items();
            pages.send().collect::<Result<Vec<DistributionSummary>, _>>()
        };
        let all = call("cloudfront:ListDistributions", request).await?;
        let mut ids = all.iter().filter(|summary| summary.comment() == comment).map(DistributionSummary::id);
        match (ids.next(), ids.next()) {
            (Some(one), Some(two)) => {
                Err(Error::foreign(format!("the distributions {one} and {two} both have the comment {comment:?}")))
            }
            (found, _) => Ok(found.map(str::to_owned)),
        }
    }

    /// The configuration and its ETag; `None` when there is no such distribution.
    async fn config(&self, scope: &Scope, id: &str) -> Result<Option<(String, DistributionConfig)>, Error> {
        let cloudfront = self.0.cloudfront(&scope.region);
        let operation = "cloudfront:GetDistributionConfig";
        let output = call(operation, || cloudfront.get_distribution_config().id(id).send()).await;
        let Some(output) = Error::absent_is_none(output)? else { return Ok(None) };
        let config = output.distribution_config;
        config.map(|config| Ok((etag(output.e_tag, operation)?, config))).transpose()
    }

    async fn put(&self, scope: &Scope, id: &str, etag: &str, config: DistributionConfig) -> Result<(), Error> {
        let cloudfront = self.0.cloudfront(&scope.region);
        let request = || {
            let request = cloudfront.update_distribution().id(id).if_match(etag);
            request.distribution_config(config.clone()).send()
        };
        call("cloudfront:UpdateDistribution", request).await.map(drop)
    }
}

/// The status of a distribution that every edge location knows.
const DEPLOYED: &str = "Deployed";

/// What finds the distribution again, at most 128 characters.
fn comment(scope: &Scope, address: &Address) -> String {
    format!("{}/{address} {}", scope.stack, scope.claim)
}

fn arn(scope: &Scope, id: &str) -> String {
    format!("arn:{}:cloudfront::{}:distribution/{id}", scope.partition, scope.account)
}

fn observed(scope: &Scope, distribution: SdkDistribution, tags: Tags) -> Result<Observed<Distribution>, Error> {
    let id = distribution.id();
    let config = distribution.distribution_config();
    let config =
        config.ok_or_else(|| Error::permanent("cloudfront:GetDistribution answered without a configuration"))?;
    let status = match distribution.status() {
        DEPLOYED => Status::Ready,
        other => Status::Pending(other.to_owned()),
    };
    // The hosted zone of all distributions (Route 53 API reference, AliasTarget).
    let zone = if scope.partition == "aws-cn" { "Z3RFFRIM2A3IF5" } else { "Z2FDTNDATAQYW2" };
    let observed = Observed::new(id, config_read::read(config))
        .output("id", id)
        .output("arn", distribution.arn())
        .output("domain", distribution.domain_name())
        .output("zone", zone);
    Ok(observed.tags(tags).status(status))
}

fn tags_to_sdk(tags: &Tags) -> Result<SdkTags, Error> {
    let tag = |(key, value): (&String, &String)| built(Tag::builder().key(key).value(value).build());
    let items = tags.iter().map(tag).collect::<Result<_, _>>()?;
    Ok(SdkTags::builder().set_items(Some(items)).build())
}

fn tags_from_sdk(tags: SdkTags) -> Tags {
    let items = tags.items.unwrap_or_default().into_iter();
    items.map(|tag| (tag.key, tag.value.unwrap_or_default())).collect()
}
