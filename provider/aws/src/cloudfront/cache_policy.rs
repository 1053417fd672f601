//! Cache policy. Proof: field; the name ends in the claim's suffix, the comment holds the claim.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_cloudfront::types::{
    CachePolicyConfig, CachePolicyCookieBehavior, CachePolicyCookiesConfig, CachePolicyHeaderBehavior,
    CachePolicyHeadersConfig, CachePolicyQueryStringBehavior, CachePolicyQueryStringsConfig, CachePolicyType,
    ParametersInCacheKeyAndForwardedToOrigin as CacheKey,
};
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use stellar_engine::{Address, Changes, Error, Observed, Proof, Properties, Retained, Rule, Scope, Target, Traits};

use super::{built, etag, mark, prove};
use crate::{Aws, call};

const NOUN: &str = "cache policy";

/// How long a distribution keeps what an origin answered. Cookies and headers are neither part of the
/// cache key nor forwarded, so one viewer never gets what was made for another. Output: `id`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CachePolicy {
    /// Unique in the account, at most 128 characters; cannot be changed.
    pub name: String,
    /// Seconds, whatever the origin says.
    pub min_ttl: i64,
    /// Seconds when the origin says nothing.
    pub default_ttl: i64,
    /// Seconds at most; must be more than 0.
    pub max_ttl: i64,
    /// `all`: each query string is another object, and the origin sees it; or `none`.
    pub query_strings: String,
}

impl Properties for CachePolicy {
    const KIND: &'static str = "cloudfront/cache-policy";
}

/// The kind `cloudfront/cache-policy`.
pub(super) struct Kind(pub Arc<Aws>);

#[async_trait]
impl stellar_engine::Kind for Kind {
    type Props = CachePolicy;

    fn traits(&self) -> Traits {
        Traits {
            proof: Proof::Field,
            rules: &[("name", Rule::Replace("the name proves the ownership"))],
            // A changed or deleted distribution holds it for a while.
            limit_minutes: 30,
            ..Traits::new(CachePolicy::KIND, NOUN)
        }
    }

    async fn read(
        &self,
        scope: &Scope,
        targets: &[Target<CachePolicy>],
    ) -> Vec<Result<Option<Observed<CachePolicy>>, Error>> {
        // One list serves all targets without an id; an account has 20 policies by default.
        let list = tokio::sync::OnceCell::new();
        join_all(targets.iter().map(|target| async {
            if let Some(id) = &target.id {
                return Ok(self.get(scope, id).await?.map(|(_, config)| (id.clone(), config)));
            }
            let Some(props) = &target.props else { return Ok(None) };
            let all = list.get_or_try_init(|| self.list(scope)).await?;
            Ok(all.iter().find(|(_, config)| config.name() == props.name).cloned())
        }))
        .await
        .into_iter()
        .map(|found: Result<_, Error>| found?.map(|(id, config)| observed(scope, &id, &config)).transpose())
        .collect()
    }

    async fn create(&self, scope: &Scope, _: &Address, desired: &CachePolicy) -> Result<String, Error> {
        let cloudfront = self.0.cloudfront(&scope.region);
        let config = config(scope, desired)?;
        let request = || cloudfront.create_cache_policy().cache_policy_config(config.clone()).send();
        let output = call("cloudfront:CreateCachePolicy", request).await?;
        let id = output.cache_policy().map(|policy| policy.id().to_owned());
        id.ok_or_else(|| Error::permanent("cloudfront:CreateCachePolicy answered without an id"))
    }

    async fn update(
        &self,
        scope: &Scope,
        _: &Address,
        desired: &CachePolicy,
        observed: &Observed<CachePolicy>,
        _: &Changes,
    ) -> Result<(), Error> {
        let cloudfront = self.0.cloudfront(&scope.region);
        let Some((etag, _)) = self.get(scope, &observed.id).await? else { return Ok(()) };
        let config = config(scope, desired)?;
        let request = || {
            let request = cloudfront.update_cache_policy().id(&observed.id).if_match(&etag);
            request.cache_policy_config(config.clone()).send()
        };
        call("cloudfront:UpdateCachePolicy", request).await.map(drop)
    }

    async fn delete(
        &self,
        scope: &Scope,
        _: &Address,
        observed: &Observed<CachePolicy>,
        _: Option<&CachePolicy>,
    ) -> Result<Vec<Retained>, Error> {
        let cloudfront = self.0.cloudfront(&scope.region);
        let Some((etag, _)) = self.get(scope, &observed.id).await? else { return Ok(Vec::new()) };
        let request = || cloudfront.delete_cache_policy().id(&observed.id).if_match(&etag).send();
        Error::absent_is_none(call("cloudfront:DeleteCachePolicy", request).await)?;
        Ok(Vec::new())
    }
}

impl Kind {
    /// The policy and its ETag; `None` when there is no such policy.
    async fn get(&self, scope: &Scope, id: &str) -> Result<Option<(String, CachePolicyConfig)>, Error> {
        let cloudfront = self.0.cloudfront(&scope.region);
        let operation = "cloudfront:GetCachePolicy";
        let output = call(operation, || cloudfront.get_cache_policy().id(id).send()).await;
        let Some(output) = Error::absent_is_none(output)? else { return Ok(None) };
        let config = output.cache_policy.and_then(|policy| policy.cache_policy_config);
        config.map(|config| Ok((etag(output.e_tag, operation)?, config))).transpose()
    }

    /// Ids and configurations of the account's own policies.
    async fn list(&self, scope: &Scope) -> Result<Vec<(String, CachePolicyConfig)>, Error> {
        let cloudfront = self.0.cloudfront(&scope.region);
        let mut all = Vec::new();
        let mut marker = None;
        loop {
            let request = || {
                let request = cloudfront.list_cache_policies().r#type(CachePolicyType::Custom);
                request.set_marker(marker.clone()).send()
            };
            let page = call("cloudfront:ListCachePolicies", request).await?.cache_policy_list;
            let Some(page) = page else { return Ok(all) };
            let policies = page.items.unwrap_or_default().into_iter().filter_map(|summary| summary.cache_policy);
            all.extend(policies.filter_map(|policy| Some((policy.id, policy.cache_policy_config?))));
            marker = page.next_marker.filter(|marker| !marker.is_empty());
            if marker.is_none() {
                return Ok(all);
            }
        }
    }
}

fn observed(scope: &Scope, id: &str, config: &CachePolicyConfig) -> Result<Observed<CachePolicy>, Error> {
    prove(scope, NOUN, config.name(), config.comment())?;
    let key = config.parameters_in_cache_key_and_forwarded_to_origin();
    let query_strings = key.and_then(|key| key.query_strings_config()).map(|config| config.query_string_behavior());
    let props = CachePolicy {
        name: config.name().to_owned(),
        min_ttl: config.min_ttl(),
        default_ttl: config.default_ttl().unwrap_or_default(),
        max_ttl: config.max_ttl().unwrap_or_default(),
        query_strings: query_strings.map_or("none", CachePolicyQueryStringBehavior::as_str).to_owned(),
    };
    Ok(Observed::new(id, props).output("id", id))
}

fn config(scope: &Scope, desired: &CachePolicy) -> Result<CachePolicyConfig, Error> {
    let headers = CachePolicyHeadersConfig::builder().header_behavior(CachePolicyHeaderBehavior::None).build();
    let cookies = CachePolicyCookiesConfig::builder().cookie_behavior(CachePolicyCookieBehavior::None).build();
    let query_strings =
        CachePolicyQueryStringsConfig::builder().query_string_behavior(desired.query_strings.as_str().into()).build();
    let key = CacheKey::builder()
        .enable_accept_encoding_gzip(true)
        .enable_accept_encoding_brotli(true)
        .headers_config(built(headers)?)
        .cookies_config(built(cookies)?)
        .query_strings_config(built(query_strings)?)
        .build();
    let config = CachePolicyConfig::builder()
        .name(&desired.name)
        .comment(mark(scope))
        .min_ttl(desired.min_ttl)
        .default_ttl(desired.default_ttl)
        .max_ttl(desired.max_ttl)
        .parameters_in_cache_key_and_forwarded_to_origin(built(key)?)
        .build();
    built(config)
}
