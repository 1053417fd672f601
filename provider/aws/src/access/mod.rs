//! What IAM must allow for a stack: the actions that each kind states, at the resources that the stack can have.

mod besides;
mod document;
mod place;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use stellar_engine::{Component, Error};

pub use document::{LIMIT, Policy, Statement};
use place::Place;

/// What IAM must allow for the objects of one kind; actions as IAM spells them, also those that AWS asks for besides the
/// call itself. Source: Service Authorization Reference, columns "Actions" and "Dependent actions".
#[derive(Clone, Copy, Debug)]
pub struct Needs {
    /// To look.
    pub read: &'static [&'static str],
    /// To make one.
    pub create: &'static [&'static str],
    /// To change one, its tags included; also right after its creation.
    pub update: &'static [&'static str],
    /// To delete one.
    pub delete: &'static [&'static str],
    /// Services to which a role is handed at creation or in a change (`iam:PassRole`).
    pub passes: &'static [&'static str],
    /// Services that make their service-linked role at the first creation in an account, with the caller's rights.
    pub linked: &'static [&'static str],
}

impl Needs {
    /// No rights at all.
    pub const NOTHING: Self = Self { read: &[], create: &[], update: &[], delete: &[], passes: &[], linked: &[] };

    fn actions(&self, rights: Rights, is_data: bool) -> BTreeSet<&'static str> {
        let mut all: BTreeSet<&'static str> = self.read.iter().copied().collect();
        if rights.makes() {
            all.extend(self.create.iter().chain(self.update));
        }
        if rights.deletes(is_data) {
            all.extend(self.delete);
        }
        all
    }
}

/// What somebody wants to do with a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rights {
    /// Plan and refresh.
    ReadOnly,
    /// Create it.
    Create,
    /// Change it, without deleting what holds data.
    Update,
    /// Destroy it.
    Destroy,
    /// All of these.
    All,
}

impl Rights {
    /// With their names.
    pub const NAMES: [(&'static str, Self); 5] = [
        ("all", Self::All),
        ("create", Self::Create),
        ("update", Self::Update),
        ("destroy", Self::Destroy),
        ("read_only", Self::ReadOnly),
    ];

    fn makes(self) -> bool {
        matches!(self, Self::Create | Self::Update | Self::All)
    }

    fn deletes(self, is_data: bool) -> bool {
        match self {
            Self::Update => !is_data,
            Self::Destroy | Self::All => true,
            Self::ReadOnly | Self::Create => false,
        }
    }
}

/// Whose policy it is.
#[derive(Clone, Debug, Default)]
pub struct Stack {
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: String,
    /// Twelve digits.
    pub account: String,
    /// The stack's region.
    pub region: String,
    /// The stack's name, from which those of its objects follow.
    pub name: String,
    /// Path of its roles, with a slash at both ends.
    pub iam_path: String,
}

/// The policy for a stack of these components; without any, for a stack of every kind.
///
/// # Errors
/// [`stellar_engine::ErrorClass::Bug`] for a kind that does not state what it needs.
pub fn policy(stack: &Stack, components: &[&Component], rights: Rights) -> Result<Policy, Error> {
    let place = Place::new(stack, components);
    let mut policy = Policy::default();
    for action in besides::of_claim(rights).into_iter().chain(besides::of_run(rights)) {
        place.grant(&mut policy, action);
    }
    if rights == Rights::ReadOnly {
        place.mark(&mut policy);
    }
    for (kind, is_data) in kinds_of(components) {
        let needs = needs().remove(kind);
        let needs = needs.ok_or_else(|| Error::bug(format!("the kind {kind} does not state what IAM must allow")))?;
        for action in needs.actions(rights, is_data) {
            place.grant(&mut policy, action);
        }
        if kind == crate::eks::CLUSTER && rights.deletes(is_data) {
            place.sweep(&mut policy);
        }
        if rights.makes() {
            place.pass(&mut policy, needs.passes);
            place.link(&mut policy, needs.linked);
        }
    }
    Ok(policy)
}

/// What IAM must allow, by kind.
pub fn needs() -> BTreeMap<&'static str, Needs> {
    let services = [
        crate::cloudfront::needs(),
        crate::ec2::needs(),
        crate::eks::needs(),
        crate::elasticache::needs(),
        crate::iam::needs(),
        crate::kms::needs(),
        crate::logs::needs(),
        crate::rds::needs(),
        crate::s3::needs(),
        crate::secretsmanager::needs(),
    ];
    services.into_iter().flatten().collect()
}

/// The components' kinds, or all, with whether they hold data.
fn kinds_of(components: &[&Component]) -> BTreeMap<&'static str, bool> {
    let kinds = crate::kinds(&crate::Aws::offline());
    let used: BTreeSet<&str> = components.iter().map(|component| component.kind).collect();
    let wanted = kinds.iter().filter(|(name, _)| used.is_empty() || used.contains(*name));
    wanted.map(|(name, kind)| (*name, kind.traits().data)).collect()
}
