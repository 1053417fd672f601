//! IAM role with its inline and attached policies. Proof: tag; the name ends in the claim's suffix,
//! since role names are unique in the account.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use async_trait::async_trait;
use aws_sdk_iam::types::{AttachedPolicy, InstanceProfile, Tag};
use futures::future::join_all;
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stellar_engine::{
    Address, Blocker, Changes, Error, Fate, Input, Observed, Properties, Retained, Rule, Scope, Status, Tags, Target,
    Traits,
};

use crate::{Aws, access::Needs, call, policy};

/// A role, wholly owned: policies that are not listed are removed. Outputs: `id`, `name`, `arn`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Role {
    /// At most 64 characters.
    pub name: String,
    /// `/` when `None`; cannot be changed.
    pub path: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// The trust policy document; may hold references.
    pub trust: Value,
    /// ARNs of managed policies.
    pub managed_policy_arns: BTreeSet<String>,
    /// Inline policy documents by name; may hold references.
    pub inline_policies: BTreeMap<String, Value>,
    /// ARN of the permissions boundary; empty for none.
    pub permissions_boundary: Option<Input<String>>,
}

impl Role {
    /// The ARN of the boundary, empty for none; `None` when nothing is said about it.
    fn boundary(&self) -> Result<Option<&String>, Error> {
        self.permissions_boundary.as_ref().map(Input::value).transpose()
    }
}

impl Properties for Role {
    const KIND: &'static str = "iam/role";
}

/// What IAM must allow.
pub(super) const NEEDS: Needs = Needs {
    read: &["iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"],
    create: &["iam:CreateRole", "iam:TagRole"],
    update: &[
        "iam:AttachRolePolicy",
        "iam:DeleteRolePermissionsBoundary",
        "iam:DeleteRolePolicy",
        "iam:DetachRolePolicy",
        "iam:PutRolePermissionsBoundary",
        "iam:PutRolePolicy",
        "iam:TagRole",
        "iam:UntagRole",
        "iam:UpdateAssumeRolePolicy",
        "iam:UpdateRole",
    ],
    delete: &["iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:ListInstanceProfilesForRole"],
    ..Needs::NOTHING
};

/// The kind `iam/role`; the recorded id is the name.
pub(super) struct Kind(pub Arc<Aws>);

#[async_trait]
impl stellar_engine::Kind for Kind {
    type Props = Role;

    fn traits(&self) -> Traits {
        Traits {
            rules: &[
                ("name", Rule::Replace("the name of a role cannot be changed")),
                ("path", Rule::Replace("the path of a role cannot be changed")),
            ],
            stable: &["id", "name", "arn"],
            ..Traits::new(Role::KIND, "IAM role")
        }
    }

    async fn read(&self, scope: &Scope, targets: &[Target<Role>]) -> Vec<Result<Option<Observed<Role>>, Error>> {
        join_all(targets.iter().map(|target| self.read_one(scope, target))).await
    }

    async fn create(&self, scope: &Scope, address: &Address, desired: &Role) -> Result<String, Error> {
        let iam = self.0.iam(&scope.region);
        let tags = to_sdk(&scope.tags_of(address))?;
        let boundary = desired.boundary()?.filter(|arn| !arn.is_empty());
        let request = || {
            iam.create_role()
                .role_name(&desired.name)
                .set_path(desired.path.clone())
                .set_description(desired.description.clone())
                .assume_role_policy_document(desired.trust.to_string())
                .set_permissions_boundary(boundary.cloned())
                .set_tags(Some(tags.clone()))
                .send()
        };
        call("iam:CreateRole", request).await?;
        Ok(desired.name.clone())
    }

    async fn complete(&self, scope: &Scope, _: &Address, desired: &Role, _: &str) -> Result<(), Error> {
        let nothing = Role::default();
        self.attach(scope, desired, &nothing).await?;
        self.put_inline(scope, desired, &nothing).await
    }

    async fn update(
        &self,
        scope: &Scope,
        _: &Address,
        desired: &Role,
        observed: &Observed<Role>,
        changes: &Changes,
    ) -> Result<(), Error> {
        for change in changes {
            match change.field.as_str() {
                "trust" => self.set_trust(scope, desired).await?,
                "description" => self.set_description(scope, desired).await?,
                "permissions_boundary" => self.set_boundary(scope, desired).await?,
                "managed_policy_arns" => self.attach(scope, desired, &observed.props).await?,
                "inline_policies" => self.put_inline(scope, desired, &observed.props).await?,
                other => return Err(Error::bug(format!("iam/role cannot change {other}"))),
            }
        }
        Ok(())
    }

    async fn delete(
        &self,
        scope: &Scope,
        _: &Address,
        observed: &Observed<Role>,
        _: Option<&Role>,
    ) -> Result<Vec<Retained>, Error> {
        let (iam, name) = (self.0.iam(&scope.region), &observed.id);
        // Listed anew: a policy that is not removed first makes DeleteRole fail with DeleteConflict.
        let Some((attached, inline)) = Error::absent_is_none(self.policies(scope, name, None).await)? else {
            return Ok(Vec::new());
        };
        for arn in &attached {
            self.detach(scope, name, arn).await?;
        }
        for policy in inline.keys() {
            self.remove_inline(scope, name, policy).await?;
        }
        Error::absent_is_none(call("iam:DeleteRole", || iam.delete_role().role_name(name).send()).await)?;
        Ok(Vec::new())
    }

    async fn tag(&self, scope: &Scope, observed: &Observed<Role>, set: &Tags, remove: &[String]) -> Result<(), Error> {
        let (iam, name) = (self.0.iam(&scope.region), &observed.id);
        if !set.is_empty() {
            let tags = to_sdk(set)?;
            let request = || iam.tag_role().role_name(name).set_tags(Some(tags.clone())).send();
            call("iam:TagRole", request).await?;
        }
        if !remove.is_empty() {
            let request = || iam.untag_role().role_name(name).set_tag_keys(Some(remove.to_vec())).send();
            call("iam:UntagRole", request).await?;
        }
        Ok(())
    }

    async fn blockers(&self, scope: &Scope, observed: &Observed<Role>) -> Result<Vec<Blocker>, Error> {
        let iam = self.0.iam(&scope.region);
        let name = &observed.id;
        let request =
            || iam.list_instance_profiles_for_role().role_name(name).into_paginator().items().send().collect();
        let profiles: Option<Vec<InstanceProfile>> =
            Error::absent_is_none(call("iam:ListInstanceProfilesForRole", request).await)?;
        let blocker = |profile: InstanceProfile| Blocker {
            noun: "instance profile".to_owned(),
            id: profile.instance_profile_name,
            about: format!("holds the role {name}"),
            fate: Fate::Stays,
        };
        Ok(profiles.unwrap_or_default().into_iter().map(blocker).collect())
    }
}

impl Kind {
    async fn read_one(&self, scope: &Scope, target: &Target<Role>) -> Result<Option<Observed<Role>>, Error> {
        let derived = target.props.as_ref().map(|props| &props.name);
        let Some(name) = target.id.as_ref().or(derived) else { return Ok(None) };
        Error::absent_is_none(self.describe(scope, name, target.props.as_ref()).await)
    }

    async fn describe(&self, scope: &Scope, name: &str, desired: Option<&Role>) -> Result<Observed<Role>, Error> {
        let iam = self.0.iam(&scope.region);
        let output = call("iam:GetRole", || iam.get_role().role_name(name).send()).await?;
        let Some(role) = output.role() else { return Err(Error::permanent("iam:GetRole answered without a role")) };
        let (managed_policy_arns, inline_policies) = self.policies(scope, name, desired).await?;
        let boundary = role.permissions_boundary().and_then(|b| b.permissions_boundary_arn());
        let props = Role {
            name: role.role_name().to_owned(),
            path: Some(role.path().to_owned()),
            description: role.description().map(str::to_owned),
            trust: document(role.assume_role_policy_document().unwrap_or_default(), desired.map(|role| &role.trust))?,
            managed_policy_arns,
            inline_policies,
            permissions_boundary: Some(Input::from(boundary.unwrap_or_default())),
        };
        // For some seconds after its creation a role can show a unique id in place of its ARN.
        let status = match role.arn().starts_with("arn:") {
            true => Status::Ready,
            false => Status::Pending("propagating".to_owned()),
        };
        let tags = role.tags().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect();
        let observed = Observed::new(name, props).output("id", name).output("name", name).output("arn", role.arn());
        Ok(observed.tags(tags).status(status))
    }

    /// Attached and inline policies. IAM may cut a list anywhere ("IsTruncated" in the API reference), so all pages are read.
    async fn policies(
        &self,
        scope: &Scope,
        name: &str,
        desired: Option<&Role>,
    ) -> Result<(BTreeSet<String>, BTreeMap<String, Value>), Error> {
        let iam = self.0.iam(&scope.region);
        let attached = || iam.list_attached_role_policies().role_name(name).into_paginator().items().send();
        let names = || iam.list_role_policies().role_name(name).into_paginator().items().send();
        let (attached, names) = tokio::join!(
            call::<Vec<AttachedPolicy>, _, _, _>("iam:ListAttachedRolePolicies", || attached().collect()),
            call::<Vec<String>, _, _, _>("iam:ListRolePolicies", || names().collect()),
        );
        let arns = attached?.into_iter().filter_map(|policy| policy.policy_arn).collect();
        let mut inline = BTreeMap::new();
        for policy in names? {
            let request = || iam.get_role_policy().role_name(name).policy_name(&policy).send();
            // A policy may go after it was listed, which does not make the role absent.
            if let Some(output) = Error::absent_is_none(call("iam:GetRolePolicy", request).await)? {
                let desired = desired.and_then(|role| role.inline_policies.get(&policy));
                inline.insert(policy, document(output.policy_document(), desired)?);
            }
        }
        Ok((arns, inline))
    }

    async fn set_trust(&self, scope: &Scope, desired: &Role) -> Result<(), Error> {
        let iam = self.0.iam(&scope.region);
        let trust = desired.trust.to_string();
        let request = || iam.update_assume_role_policy().role_name(&desired.name).policy_document(&trust).send();
        call("iam:UpdateAssumeRolePolicy", request).await.map(drop)
    }

    async fn set_description(&self, scope: &Scope, desired: &Role) -> Result<(), Error> {
        let iam = self.0.iam(&scope.region);
        let request = || iam.update_role().role_name(&desired.name).set_description(desired.description.clone()).send();
        call("iam:UpdateRole", request).await.map(drop)
    }

    async fn set_boundary(&self, scope: &Scope, desired: &Role) -> Result<(), Error> {
        let (iam, name) = (self.0.iam(&scope.region), &desired.name);
        let Some(arn) = desired.boundary()? else { return Ok(()) };
        if arn.is_empty() {
            let request = || iam.delete_role_permissions_boundary().role_name(name).send();
            return Error::absent_is_none(call("iam:DeleteRolePermissionsBoundary", request).await).map(drop);
        }
        let request = || iam.put_role_permissions_boundary().role_name(name).permissions_boundary(arn).send();
        call("iam:PutRolePermissionsBoundary", request).await.map(drop)
    }

    async fn attach(&self, scope: &Scope, desired: &Role, observed: &Role) -> Result<(), Error> {
        let iam = self.0.iam(&scope.region);
        for arn in desired.managed_policy_arns.difference(&observed.managed_policy_arns) {
            let request = || iam.attach_role_policy().role_name(&desired.name).policy_arn(arn).send();
            call("iam:AttachRolePolicy", request).await?;
        }
        for arn in observed.managed_policy_arns.difference(&desired.managed_policy_arns) {
            self.detach(scope, &desired.name, arn).await?;
        }
        Ok(())
    }

    async fn put_inline(&self, scope: &Scope, desired: &Role, observed: &Role) -> Result<(), Error> {
        let iam = self.0.iam(&scope.region);
        for (policy, document) in &desired.inline_policies {
            if observed.inline_policies.get(policy) == Some(document) {
                continue;
            }
            let put = || iam.put_role_policy().role_name(&desired.name).policy_name(policy);
            let request = || put().policy_document(document.to_string()).send();
            call("iam:PutRolePolicy", request).await?;
        }
        for policy in observed.inline_policies.keys().filter(|name| !desired.inline_policies.contains_key(*name)) {
            self.remove_inline(scope, &desired.name, policy).await?;
        }
        Ok(())
    }

    async fn detach(&self, scope: &Scope, name: &str, arn: &str) -> Result<(), Error> {
        let iam = self.0.iam(&scope.region);
        let request = || iam.detach_role_policy().role_name(name).policy_arn(arn).send();
        Error::absent_is_none(call("iam:DetachRolePolicy", request).await).map(drop)
    }

    async fn remove_inline(&self, scope: &Scope, name: &str, policy: &str) -> Result<(), Error> {
        let iam = self.0.iam(&scope.region);
        let request = || iam.delete_role_policy().role_name(name).policy_name(policy).send();
        Error::absent_is_none(call("iam:DeleteRolePolicy", request).await).map(drop)
    }
}

/// A policy document as IAM returns it: JSON, percent-encoded (RFC 3986).
fn document(encoded: &str, desired: Option<&Value>) -> Result<Value, Error> {
    policy::like(&percent_decode_str(encoded).decode_utf8_lossy(), desired)
}

fn to_sdk(tags: &Tags) -> Result<Vec<Tag>, Error> {
    let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
    tags.iter().map(tag).collect::<Result<_, _>>().map_err(|e| Error::bug(format!("IAM tag: {e}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn policy_documents_are_percent_encoded_json() {
        let rows = [
            ("%7B%22Version%22%3A%222012-10-17%22%7D", Some(json!({"Version": "2012-10-17"}))),
            (r#"{"Version": "2012-10-17"}"#, Some(json!({"Version": "2012-10-17"}))),
            ("%7B%22a%22%3A%22%C3%A9%2B%20%22%7D", Some(json!({"a": "é+ "}))),
            ("", None),
        ];
        for (encoded, expected) in rows {
            assert_eq!(document(encoded, None).ok(), expected, "{encoded}");
        }
    }
}
