//! Cache policy. Proof: field; the name ends in the claim's suffix, the comment holds the claim.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use aws_sdk_cloudfront::types::{
    CachePolicyConfig, CachePolicyCookiesConfig, CachePolicyHeadersConfig, CachePolicyQueryStringsConfig,
    CachePolicyType, CookieNames, Headers, ParametersInCacheKeyAndForwardedToOrigin as CacheKey, QueryStringNames,
};
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use stellar_engine::{
    Address, Changes, Error, Observed, Proof, Properties, Retained, Rule, Scope, Tagging, Target, Traits,
};

use super::{built, etag, mark, names, prove};
use crate::{Aws, access::Needs, call};

const NOUN: &str = "cache policy";

/// How long a distribution keeps what an origin answered, and for which requests the same answer counts. What
/// is named here is part of the cache key and reaches the origin; `*` stands for every name. Output: `id`.
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
    /// Names of query strings, or `*`.
    pub query_strings: BTreeSet<String>,
    /// Names of cookies, or `*`.
    pub cookies: BTreeSet<String>,
    /// Names of headers; CloudFront has no `*` here.
    pub headers: BTreeSet<String>,
}

impl Properties for CachePolicy {
    const KIND: &'static str = "cloudfront/cache-policy";
}

/// What IAM must allow.
pub(super) const NEEDS: Needs = Needs {
    read: &["cloudfront:GetCachePolicy", "cloudfront:ListCachePolicies"],
    create: &["cloudfront:CreateCachePolicy"],
    update: &["cloudfront:UpdateCachePolicy"],
    delete: &["cloudfront:DeleteCachePolicy"],
    ..Needs::NOTHING
};

/// The kind `cloudfront/cache-policy`.
pub(super) struct Kind(pub Arc<Aws>);

#[async_trait]
impl stellar_engine::Kind for Kind {
    type Props = CachePolicy;

    fn traits(&self) -> Traits {
        Traits {
            proof: Proof::Field,
            tagging: Tagging::None,
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
    let query_strings = key.and_then(CacheKey::query_strings_config).map(|config| {
        let listed = config.query_strings().map(QueryStringNames::items).unwrap_or_default();
        names::read(config.query_string_behavior().as_str(), "all", listed)
    });
    let cookies = key.and_then(CacheKey::cookies_config).map(|config| {
        let listed = config.cookies().map(CookieNames::items).unwrap_or_default();
        names::read(config.cookie_behavior().as_str(), "all", listed)
    });
    let headers = key.and_then(CacheKey::headers_config).map(|config| {
        let listed = config.headers().map(Headers::items).unwrap_or_default();
        names::read(config.header_behavior().as_str(), "all", listed)
    });
    let props = CachePolicy {
        name: config.name().to_owned(),
        min_ttl: config.min_ttl(),
        default_ttl: config.default_ttl().unwrap_or_default(),
        max_ttl: config.max_ttl().unwrap_or_default(),
        query_strings: query_strings.unwrap_or_default(),
        cookies: cookies.unwrap_or_default(),
        headers: headers.unwrap_or_default(),
    };
    Ok(Observed::new(id, props).output("id", id))
}

fn config(scope: &Scope, desired: &CachePolicy) -> Result<CachePolicyConfig, Error> {
    let listed = names::listed(&desired.headers);
    let listed = listed.map(|(n, items)| Headers::builder().quantity(n).set_items(Some(items)).build());
    let headers = CachePolicyHeadersConfig::builder()
        .header_behavior(names::mode(&desired.headers, "all").into())
        .set_headers(listed.map(built).transpose()?)
        .build();
    let listed = names::listed(&desired.cookies);
    let listed = listed.map(|(n, items)| CookieNames::builder().quantity(n).set_items(Some(items)).build());
    let cookies = CachePolicyCookiesConfig::builder()
        .cookie_behavior(names::mode(&desired.cookies, "all").into())
        .set_cookies(listed.map(built).transpose()?)
        .build();
    let listed = names::listed(&desired.query_strings);
    let listed = listed.map(|(n, items)| QueryStringNames::builder().quantity(n).set_items(Some(items)).build());
    let query_strings = CachePolicyQueryStringsConfig::builder()
        .query_string_behavior(names::mode(&desired.query_strings, "all").into())
        .set_query_strings(listed.map(built).transpose()?)
        .build();
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
