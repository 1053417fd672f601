//! KMS key with its alias. Proof: tag. No token and no name: the alias is set after the creation,
//! and before that only the tags set in the create call find the key again.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_kms::{
    error::BuildError,
    types::{AliasListEntry, KeyListEntry, KeyMetadata, KeyState, Tag},
};
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stellar_engine::{
    Address, Changes, Error, ErrorClass, Observed, Properties, Retained, Rule, Scope, Status, TAG_COMPONENT, Tags,
    Target, Traits,
};

use crate::{
    access::Needs,
    {
        Aws, call, call_once, policy,
        retained::{TAG_NEEDED, TAG_RETAINED},
    },
};

/// The longest window that KMS offers, because a key that is gone takes all its data along.
const DELETION_WINDOW_DAYS: i32 = 30;

/// A symmetric encryption key. Outputs: `id`, `arn`, `alias`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Key {
    /// The alias without `alias/`: `stellar/<stack>/<section>`.
    pub alias: String,
    /// For people.
    pub description: Option<String>,
    /// The key policy document; `None` = the account's default (root may do all, IAM decides).
    pub policy: Option<Value>,
    /// Yearly rotation.
    pub rotation: Option<bool>,
    /// Data can be encrypted and decrypted: neither disabled nor scheduled for deletion.
    pub enabled: Option<bool>,
    /// A multi-region primary; cannot be changed.
    pub multi_region: Option<bool>,
    /// Deleting leaves the key usable, because data encrypted with it stays. So it does when something that was kept
    /// [needs](need) it.
    pub keep: Option<bool>,
}

impl Properties for Key {
    const KIND: &'static str = "kms/key";
}

/// What IAM must allow.
pub(super) const NEEDS: Needs = Needs {
    read: &[
        "kms:DescribeKey",
        "kms:GetKeyPolicy",
        "kms:GetKeyRotationStatus",
        "kms:ListAliases",
        "kms:ListKeys",
        "kms:ListResourceTags",
    ],
    create: &["kms:CreateKey", "kms:TagResource"],
    update: &[
        "kms:CancelKeyDeletion",
        "kms:CreateAlias",
        "kms:DisableKeyRotation",
        "kms:EnableKey",
        "kms:EnableKeyRotation",
        "kms:PutKeyPolicy",
        "kms:TagResource",
        "kms:UntagResource",
        "kms:UpdateKeyDescription",
    ],
    delete: &["kms:DeleteAlias", "kms:ScheduleKeyDeletion", "kms:TagResource"],
    ..Needs::NOTHING
};

/// The kind `kms/key`.
pub(super) struct Kind(pub Arc<Aws>);

#[async_trait]
impl stellar_engine::Kind for Kind {
    type Props = Key;

    fn traits(&self) -> Traits {
        Traits {
            data: true,
            rules: &[
                ("multi_region", Rule::Replace("a key is multi-region from its creation or never")),
                ("keep", Rule::Local),
            ],
            ..Traits::new(Key::KIND, "KMS key")
        }
    }

    async fn read(&self, scope: &Scope, targets: &[Target<Key>]) -> Vec<Result<Option<Observed<Key>>, Error>> {
        // Only a key that died between its creation and its alias needs the account's list: looked up once for all.
        let unnamed = tokio::sync::OnceCell::new();
        join_all(targets.iter().map(|target| async {
            if let Some(id) = &target.id {
                return self.read_id(scope, id, target.props.as_ref()).await;
            }
            let Some(props) = &target.props else { return Ok(None) };
            if let Some(key) = self.describe(scope, &format!("alias/{}", props.alias)).await? {
                return self.observe(scope, &key, props.alias.clone(), Some(props)).await;
            }
            let unnamed = unnamed.get_or_try_init(|| self.unnamed(scope)).await?;
            match orphan(target, unnamed)? {
                Some(id) => self.read_id(scope, id, Some(props)).await,
                None => Ok(None),
            }
        }))
        .await
    }

    async fn create(&self, scope: &Scope, address: &Address, desired: &Key) -> Result<String, Error> {
        let kms = self.0.kms(&scope.region);
        let tags = to_sdk(&scope.tags_of(address))?;
        let request = || {
            kms.create_key()
                .set_description(desired.description.clone())
                .set_policy(desired.policy.as_ref().map(Value::to_string))
                .set_multi_region(desired.multi_region)
                .set_tags(Some(tags.clone()))
                .send()
        };
        let output = call_once("kms:CreateKey", request).await?;
        let id = output.key_metadata().map(|key| key.key_id().to_owned());
        id.ok_or_else(|| Error::permanent("kms:CreateKey answered without a key"))
    }

    async fn complete(&self, scope: &Scope, _: &Address, desired: &Key, id: &str) -> Result<(), Error> {
        self.set(scope, id, "alias", desired).await?;
        // A new key is not rotated.
        if desired.rotation == Some(true) {
            self.set(scope, id, "rotation", desired).await?;
        }
        Ok(())
    }

    async fn update(
        &self,
        scope: &Scope,
        _: &Address,
        desired: &Key,
        observed: &Observed<Key>,
        changes: &Changes,
    ) -> Result<(), Error> {
        // A key that cannot be used cannot be changed either.
        let (first, rest): (Vec<_>, Vec<_>) = changes.iter().partition(|change| change.field == "enabled");
        for change in first.into_iter().chain(rest) {
            self.set(scope, &observed.id, &change.field, desired).await?;
        }
        Ok(())
    }

    async fn delete(
        &self,
        scope: &Scope,
        _: &Address,
        observed: &Observed<Key>,
        props: Option<&Key>,
    ) -> Result<Vec<Retained>, Error> {
        let kms = self.0.kms(&scope.region);
        // Without the alias a new stack of this name can be created at once.
        if !observed.props.alias.is_empty() {
            let alias = format!("alias/{}", observed.props.alias);
            Error::absent_is_none(call("kms:DeleteAlias", || kms.delete_alias().alias_name(&alias).send()).await)?;
        }
        let retained =
            |reason: &str| Retained { kind: Key::KIND.to_owned(), id: observed.id.clone(), reason: reason.to_owned() };
        // Unknown counts as kept: a key can always be scheduled later, but never brought back.
        let is_needed = async || {
            let tags = Error::absent_is_none(self.tags(scope, &observed.id).await)?;
            Ok::<_, Error>(tags.is_some_and(|tags| tags.contains_key(TAG_NEEDED)))
        };
        if props.and_then(|props| props.keep) != Some(false) || is_needed().await? {
            let mark = Tags::from([(TAG_RETAINED.to_owned(), "true".to_owned())]);
            self.tag(scope, observed, &mark, &[]).await?;
            return Ok(vec![retained("data encrypted with it stays")]);
        }
        let request =
            || kms.schedule_key_deletion().key_id(&observed.id).pending_window_in_days(DELETION_WINDOW_DAYS).send();
        match call("kms:ScheduleKeyDeletion", request).await {
            // Pending already.
            Err(error) if error.code.as_deref() == Some("KMSInvalidStateException") => {}
            result => drop(Error::absent_is_none(result)?),
        }
        Ok(vec![retained("KMS deletes it after 30 days; until then the deletion can be cancelled")])
    }

    async fn tag(&self, scope: &Scope, observed: &Observed<Key>, set: &Tags, remove: &[String]) -> Result<(), Error> {
        let kms = self.0.kms(&scope.region);
        let id = &observed.id;
        if !set.is_empty() {
            let tags = to_sdk(set)?;
            call("kms:TagResource", || kms.tag_resource().key_id(id).set_tags(Some(tags.clone())).send()).await?;
        }
        if !remove.is_empty() {
            let keys = remove.to_vec();
            let request = || kms.untag_resource().key_id(id).set_tag_keys(Some(keys.clone())).send();
            call("kms:UntagResource", request).await?;
        }
        Ok(())
    }
}

impl Kind {
    /// The key of the recorded id. One call tells whether the alias leads to it; only when it does not,
    /// a second one asks for the key itself.
    async fn read_id(&self, scope: &Scope, id: &str, props: Option<&Key>) -> Result<Option<Observed<Key>>, Error> {
        if let Some(props) = props
            && let Some(key) = self.describe(scope, &format!("alias/{}", props.alias)).await?
            && key.key_id() == id
        {
            return self.observe(scope, &key, props.alias.clone(), Some(props)).await;
        }
        let Some(key) = self.describe(scope, id).await? else { return Ok(None) };
        let alias = match props {
            Some(_) => String::new(),
            None => self.alias_of(scope, id).await?,
        };
        self.observe(scope, &key, alias, props).await
    }

    /// The rest of what a key is, in parallel; `None` for one that is on its way out or was left behind.
    async fn observe(
        &self,
        scope: &Scope,
        key: &KeyMetadata,
        alias: String,
        desired: Option<&Key>,
    ) -> Result<Option<Observed<Key>>, Error> {
        // Our own deletion takes the alias first: with it, somebody else has scheduled the key, which can be undone.
        if is_leaving(key) && alias.is_empty() {
            return Ok(None);
        }
        let state = key.key_state().map(|state| state.as_str());
        let status = match state {
            Some("Enabled") => Status::Ready,
            Some("Disabled") => Status::Degraded("the key is disabled".to_owned()),
            Some("PendingDeletion") => Status::Degraded("the key is scheduled for deletion".to_owned()),
            other => Status::Pending(other.unwrap_or("Creating").to_owned()),
        };
        let kms = self.0.kms(&scope.region);
        let id = key.key_id();
        let rest = async {
            tokio::try_join!(
                call("kms:GetKeyPolicy", || kms.get_key_policy().key_id(id).policy_name("default").send()),
                call("kms:GetKeyRotationStatus", || kms.get_key_rotation_status().key_id(id).send()),
                self.tags(scope, id),
            )
        };
        // A fresh key is not known everywhere at once.
        let Some((document, rotation, tags)) = Error::absent_is_none(rest.await)? else { return Ok(None) };
        if tags.contains_key(TAG_RETAINED) {
            return Ok(None);
        }
        let desired_policy = desired.and_then(|desired| desired.policy.as_ref());
        let props = Key {
            description: key.description().map(str::to_owned),
            policy: document.policy().map(|text| policy::like(text, desired_policy)).transpose()?,
            rotation: Some(rotation.key_rotation_enabled()),
            enabled: Some(!matches!(state, Some("Disabled" | "PendingDeletion"))),
            multi_region: key.multi_region(),
            keep: None,
            alias,
        };
        let observed = Observed::new(id, props.clone())
            .output("id", id)
            .output("arn", key.arn().unwrap_or_default())
            .output("alias", format!("alias/{}", props.alias));
        Ok(Some(observed.tags(tags).status(status)))
    }

    async fn set(&self, scope: &Scope, id: &str, field: &str, desired: &Key) -> Result<(), Error> {
        let kms = self.0.kms(&scope.region);
        match field {
            "alias" => return self.claim_alias(scope, id, &desired.alias).await,
            "enabled" => self.enable(scope, id).await,
            "description" => {
                let text = desired.description.as_deref().unwrap_or_default();
                let request = || kms.update_key_description().key_id(id).description(text).send();
                call("kms:UpdateKeyDescription", request).await.map(drop)
            }
            "policy" => {
                let policy = desired.policy.as_ref().map(Value::to_string);
                let request =
                    || kms.put_key_policy().key_id(id).policy_name("default").set_policy(policy.clone()).send();
                call("kms:PutKeyPolicy", request).await.map(drop)
            }
            "rotation" if desired.rotation == Some(true) => {
                call("kms:EnableKeyRotation", || kms.enable_key_rotation().key_id(id).send()).await.map(drop)
            }
            "rotation" => {
                call("kms:DisableKeyRotation", || kms.disable_key_rotation().key_id(id).send()).await.map(drop)
            }
            other => Err(Error::bug(format!("kms/key cannot change {other}"))),
        }
    }

    /// Takes back a deletion that is scheduled, which leaves the key disabled, and enables it.
    async fn enable(&self, scope: &Scope, id: &str) -> Result<(), Error> {
        let kms = self.0.kms(&scope.region);
        if self.describe(scope, id).await?.as_ref().is_some_and(is_leaving) {
            call("kms:CancelKeyDeletion", || kms.cancel_key_deletion().key_id(id).send()).await?;
        }
        call("kms:EnableKey", || kms.enable_key().key_id(id).send()).await.map(drop)
    }

    /// Creates the alias, unless it leads to this key already.
    async fn claim_alias(&self, scope: &Scope, id: &str, alias: &str) -> Result<(), Error> {
        let kms = self.0.kms(&scope.region);
        let name = format!("alias/{alias}");
        let request = || kms.create_alias().alias_name(&name).target_key_id(id).send();
        match call("kms:CreateAlias", request).await {
            Err(error) if error.class == ErrorClass::Exists => match self.describe(scope, &name).await? {
                Some(key) if key.key_id() != id => {
                    Err(Error::foreign(format!("{name} leads to the key {}, which is not of this stack", key.key_id())))
                }
                _ => Ok(()),
            },
            result => result.map(drop),
        }
    }

    /// By id or `alias/…`.
    async fn describe(&self, scope: &Scope, id: &str) -> Result<Option<KeyMetadata>, Error> {
        let kms = self.0.kms(&scope.region);
        let output = Error::absent_is_none(call("kms:DescribeKey", || kms.describe_key().key_id(id).send()).await)?;
        Ok(output.and_then(|output| output.key_metadata))
    }

    async fn alias_of(&self, scope: &Scope, id: &str) -> Result<String, Error> {
        let kms = self.0.kms(&scope.region);
        let output = call("kms:ListAliases", || kms.list_aliases().key_id(id).send()).await?;
        let first = output.aliases().iter().find_map(AliasListEntry::alias_name).unwrap_or_default();
        Ok(first.trim_start_matches("alias/").to_owned())
    }

    async fn tags(&self, scope: &Scope, id: &str) -> Result<Tags, Error> {
        let kms = self.0.kms(&scope.region);
        let output = call("kms:ListResourceTags", || kms.list_resource_tags().key_id(id).send()).await?;
        Ok(output.tags().iter().map(|tag| (tag.tag_key().to_owned(), tag.tag_value().to_owned())).collect())
    }

    /// Ids and tags of this stack's keys without an alias, in the whole region.
    async fn unnamed(&self, scope: &Scope) -> Result<Vec<(String, Tags)>, Error> {
        let kms = self.0.kms(&scope.region);
        let keys = || kms.list_keys().into_paginator().items().send().collect::<Result<Vec<KeyListEntry>, _>>();
        let aliases = || kms.list_aliases().into_paginator().items().send().collect::<Result<Vec<AliasListEntry>, _>>();
        let (keys, aliases) = tokio::try_join!(call("kms:ListKeys", keys), call("kms:ListAliases", aliases))?;
        let named = |id: &str| aliases.iter().any(|alias| alias.target_key_id() == Some(id));
        let candidates = keys.iter().filter_map(KeyListEntry::key_id).filter(|id| !named(id));
        let tagged = join_all(candidates.map(|id| async move { (id, self.tags(scope, id).await) })).await;
        let mut ours = Vec::new();
        for (id, tags) in tagged {
            match tags {
                Ok(tags) if scope.owns(&tags) => {
                    let key = self.describe(scope, id).await?;
                    ours.extend(key.filter(|key| !is_leaving(key)).map(|key| (key.key_id, tags)));
                }
                Ok(_) => {}
                // Somebody else's key, whose policy keeps us out; ours lets the account in.
                Err(error) if matches!(error.class, ErrorClass::Denied | ErrorClass::Absent) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(ours)
    }
}

/// Says that the key must outlive the stack, because `object` does, which is encrypted with it. Keys that are not the
/// stack's stay anyway.
pub(crate) async fn need(aws: &Arc<Aws>, scope: &Scope, arn: &str, object: &str) -> Result<(), Error> {
    let tags = Error::absent_is_none(Kind(aws.clone()).tags(scope, arn).await);
    let tags = match tags {
        Err(error) if error.class == ErrorClass::Denied => None,
        tags => tags?,
    };
    if !tags.is_some_and(|tags| scope.owns(&tags)) {
        return Ok(());
    }
    let kms = aws.kms(&scope.region);
    let tags = to_sdk(&Tags::from([(TAG_NEEDED.to_owned(), object.to_owned())]))?;
    call("kms:TagResource", || kms.tag_resource().key_id(arn).set_tags(Some(tags.clone())).send()).await.map(drop)
}

/// Scheduled for deletion: it cannot be used any more, and only KMS removes it.
fn is_leaving(key: &KeyMetadata) -> bool {
    matches!(key.key_state(), Some(KeyState::PendingDeletion | KeyState::PendingReplicaDeletion))
}

/// The key without alias that carries the component's tag; two of them are an error.
fn orphan<'a>(target: &Target<Key>, unnamed: &'a [(String, Tags)]) -> Result<Option<&'a str>, Error> {
    let here = |tags: &Tags| {
        !tags.contains_key(TAG_RETAINED) && tags.get(TAG_COMPONENT).map(String::as_str) == Some(target.address.as_str())
    };
    let mut ids = unnamed.iter().filter(|(_, tags)| here(tags)).map(|(id, _)| id.as_str());
    match (ids.next(), ids.next()) {
        (Some(one), Some(two)) => {
            Err(Error::foreign(format!("the keys {one} and {two} both carry the tags of {}", target.address)))
        }
        (found, _) => Ok(found),
    }
}

fn to_sdk(tags: &Tags) -> Result<Vec<Tag>, Error> {
    let tag = |(key, value): (&String, &String)| Tag::builder().tag_key(key).tag_value(value).build();
    tags.iter().map(tag).collect::<Result<_, BuildError>>().map_err(|e| Error::bug(format!("tags of a key: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_orphan_is_known_by_its_component_and_must_be_alone() {
        let tagged = |id: &str, component: &str, more: &[&str]| {
            let mut tags = Tags::from([(TAG_COMPONENT.to_owned(), component.to_owned())]);
            tags.extend(more.iter().map(|key| ((*key).to_owned(), "true".to_owned())));
            (id.to_owned(), tags)
        };
        let target =
            Target { address: stellar_engine::address!("database/key"), id: None, props: None, remembered: false };
        let (ours, other) = (tagged("k1", "database/key", &[]), tagged("k2", "cache/key", &[]));
        let kept = tagged("k3", "database/key", &[TAG_RETAINED]);
        assert_eq!(orphan(&target, &[other.clone(), ours.clone(), kept]), Ok(Some("k1")));
        assert_eq!(orphan(&target, &[other]), Ok(None));
        let twice = [ours, tagged("k4", "database/key", &[])];
        assert_eq!(orphan(&target, &twice).map_err(|e| e.class), Err(ErrorClass::Foreign));
    }
}
