//! Origin request policy. Proof: field; the name ends in the claim's suffix, the comment holds the claim.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use aws_sdk_cloudfront::types::{
    CookieNames, Headers, OriginRequestPolicyConfig, OriginRequestPolicyCookiesConfig,
    OriginRequestPolicyHeadersConfig, OriginRequestPolicyQueryStringsConfig, OriginRequestPolicyType, QueryStringNames,
};
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use stellar_engine::{
    Address, Changes, Error, Observed, Proof, Properties, Retained, Rule, Scope, Tagging, Target, Traits,
};

use super::{built, etag, mark, names, prove};
use crate::{Aws, access::Needs, call};

const NOUN: &str = "origin request policy";

/// How CloudFront calls all headers that the viewer sent.
const ALL_HEADERS: &str = "allViewer";

/// What of a viewer's request reaches the origin beside what is part of the cache key; `*` stands for every name.
/// Output: `id`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OriginRequestPolicy {
    /// Unique in the account, at most 128 characters; cannot be changed.
    pub name: String,
    /// Names of query strings, or `*`.
    pub query_strings: BTreeSet<String>,
    /// Names of cookies, or `*`.
    pub cookies: BTreeSet<String>,
    /// Names of headers, or `*`.
    pub headers: BTreeSet<String>,
}

impl Properties for OriginRequestPolicy {
    const KIND: &'static str = "cloudfront/origin-request-policy";
}

/// What IAM must allow.
pub(super) const NEEDS: Needs = Needs {
    read: &["cloudfront:GetOriginRequestPolicy", "cloudfront:ListOriginRequestPolicies"],
    create: &["cloudfront:CreateOriginRequestPolicy"],
    update: &["cloudfront:UpdateOriginRequestPolicy"],
    delete: &["cloudfront:DeleteOriginRequestPolicy"],
    ..Needs::NOTHING
};

/// The kind `cloudfront/origin-request-policy`.
pub(super) struct Kind(pub Arc<Aws>);

#[async_trait]
impl stellar_engine::Kind for Kind {
    type Props = OriginRequestPolicy;

    fn traits(&self) -> Traits {
        Traits {
            proof: Proof::Field,
            tagging: Tagging::None,
            rules: &[("name", Rule::Replace("the name proves the ownership"))],
            // A changed or deleted distribution holds it for a while.
            limit_minutes: 30,
            ..Traits::new(OriginRequestPolicy::KIND, NOUN)
        }
    }

    async fn read(
        &self,
        scope: &Scope,
        targets: &[Target<OriginRequestPolicy>],
    ) -> Vec<Result<Option<Observed<OriginRequestPolicy>>, Error>> {
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

    async fn create(&self, scope: &Scope, _: &Address, desired: &OriginRequestPolicy) -> Result<String, Error> {
        let cloudfront = self.0.cloudfront(&scope.region);
        let config = config(scope, desired)?;
        let request = || cloudfront.create_origin_request_policy().origin_request_policy_config(config.clone()).send();
        let output = call("cloudfront:CreateOriginRequestPolicy", request).await?;
        let id = output.origin_request_policy().map(|policy| policy.id().to_owned());
        id.ok_or_else(|| Error::permanent("cloudfront:CreateOriginRequestPolicy answered without an id"))
    }

    async fn update(
        &self,
        scope: &Scope,
        _: &Address,
        desired: &OriginRequestPolicy,
        observed: &Observed<OriginRequestPolicy>,
        _: &Changes,
    ) -> Result<(), Error> {
        let cloudfront = self.0.cloudfront(&scope.region);
        let Some((etag, _)) = self.get(scope, &observed.id).await? else { return Ok(()) };
        let config = config(scope, desired)?;
        let request = || {
            let request = cloudfront.update_origin_request_policy().id(&observed.id).if_match(&etag);
            request.origin_request_policy_config(config.clone()).send()
        };
        call("cloudfront:UpdateOriginRequestPolicy", request).await.map(drop)
    }

    async fn delete(
        &self,
        scope: &Scope,
        _: &Address,
        observed: &Observed<OriginRequestPolicy>,
        _: Option<&OriginRequestPolicy>,
    ) -> Result<Vec<Retained>, Error> {
        let cloudfront = self.0.cloudfront(&scope.region);
        let Some((etag, _)) = self.get(scope, &observed.id).await? else { return Ok(Vec::new()) };
        let request = || cloudfront.delete_origin_request_policy().id(&observed.id).if_match(&etag).send();
        Error::absent_is_none(call("cloudfront:DeleteOriginRequestPolicy", request).await)?;
        Ok(Vec::new())
    }
}

impl Kind {
    /// The policy and its ETag; `None` when there is no such policy.
    async fn get(&self, scope: &Scope, id: &str) -> Result<Option<(String, OriginRequestPolicyConfig)>, Error> {
        let cloudfront = self.0.cloudfront(&scope.region);
        let operation = "cloudfront:GetOriginRequestPolicy";
        let output = call(operation, || cloudfront.get_origin_request_policy().id(id).send()).await;
        let Some(output) = Error::absent_is_none(output)? else { return Ok(None) };
        let config = output.origin_request_policy.and_then(|policy| policy.origin_request_policy_config);
        config.map(|config| Ok((etag(output.e_tag, operation)?, config))).transpose()
    }

    /// Ids and configurations of the account's own policies.
    async fn list(&self, scope: &Scope) -> Result<Vec<(String, OriginRequestPolicyConfig)>, Error> {
        let cloudfront = self.0.cloudfront(&scope.region);
        let mut all = Vec::new();
        let mut marker = None;
        loop {
            let request = || {
                let request = cloudfront.list_origin_request_policies().r#type(OriginRequestPolicyType::Custom);
                request.set_marker(marker.clone()).send()
            };
            let page = call("cloudfront:ListOriginRequestPolicies", request).await?.origin_request_policy_list;
            let Some(page) = page else { return Ok(all) };
            let policies =
                page.items.unwrap_or_default().into_iter().filter_map(|summary| summary.origin_request_policy);
            all.extend(policies.filter_map(|policy| Some((policy.id, policy.origin_request_policy_config?))));
            marker = page.next_marker.filter(|marker| !marker.is_empty());
            if marker.is_none() {
                return Ok(all);
            }
        }
    }
}

fn observed(
    scope: &Scope,
    id: &str,
    config: &OriginRequestPolicyConfig,
) -> Result<Observed<OriginRequestPolicy>, Error> {
    prove(scope, NOUN, config.name(), config.comment())?;
    let query_strings = config.query_strings_config().map(|config| {
        let listed = config.query_strings().map(QueryStringNames::items).unwrap_or_default();
        names::read(config.query_string_behavior().as_str(), "all", listed)
    });
    let cookies = config.cookies_config().map(|config| {
        let listed = config.cookies().map(CookieNames::items).unwrap_or_default();
        names::read(config.cookie_behavior().as_str(), "all", listed)
    });
    let headers = config.headers_config().map(|config| {
        let listed = config.headers().map(Headers::items).unwrap_or_default();
        names::read(config.header_behavior().as_str(), ALL_HEADERS, listed)
    });
    let props = OriginRequestPolicy {
        name: config.name().to_owned(),
        query_strings: query_strings.unwrap_or_default(),
        cookies: cookies.unwrap_or_default(),
        headers: headers.unwrap_or_default(),
    };
    Ok(Observed::new(id, props).output("id", id))
}

fn config(scope: &Scope, desired: &OriginRequestPolicy) -> Result<OriginRequestPolicyConfig, Error> {
    let listed = names::listed(&desired.headers);
    let listed = listed.map(|(n, items)| Headers::builder().quantity(n).set_items(Some(items)).build());
    let headers = OriginRequestPolicyHeadersConfig::builder()
        .header_behavior(names::mode(&desired.headers, ALL_HEADERS).into())
        .set_headers(listed.map(built).transpose()?)
        .build();
    let listed = names::listed(&desired.cookies);
    let listed = listed.map(|(n, items)| CookieNames::builder().quantity(n).set_items(Some(items)).build());
    let cookies = OriginRequestPolicyCookiesConfig::builder()
        .cookie_behavior(names::mode(&desired.cookies, "all").into())
        .set_cookies(listed.map(built).transpose()?)
        .build();
    let listed = names::listed(&desired.query_strings);
    let listed = listed.map(|(n, items)| QueryStringNames::builder().quantity(n).set_items(Some(items)).build());
    let query_strings = OriginRequestPolicyQueryStringsConfig::builder()
        .query_string_behavior(names::mode(&desired.query_strings, "all").into())
        .set_query_strings(listed.map(built).transpose()?)
        .build();
    let config = OriginRequestPolicyConfig::builder()
        .name(&desired.name)
        .comment(mark(scope))
        .headers_config(built(headers)?)
        .cookies_config(built(cookies)?)
        .query_strings_config(built(query_strings)?)
        .build();
    built(config)
}
