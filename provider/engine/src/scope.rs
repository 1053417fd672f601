//! Whose objects these are: the stack's name, its claim, and what follows from them.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::{Address, Tags};

/// Tag that proves ownership: the stack's claim id.
pub const TAG_CLAIM: &str = "stellar:claim";
/// Tag that says which component an object is; with the claim it identifies objects without a name.
pub const TAG_COMPONENT: &str = "stellar:component";
/// Tag for people: the stack's name. Never a filter, since AWS copies tags to snapshots and restored databases.
pub const TAG_STACK: &str = "stellar:stack";

/// The stack on whose behalf calls are made, in one region.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The stack's name.
    pub stack: String,
    /// The claim id: 32 hexadecimal digits, constant for the stack's life.
    pub claim: String,
    /// The AWS account.
    pub account: String,
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
    /// The region whose endpoints are called.
    pub region: String,
    /// The same for an operation and for those that take over from it after it has died; new for every other one.
    pub operation: String,
    /// All tags of each component, with the ownership tags; by address.
    pub tags: std::sync::Arc<BTreeMap<Address, Tags>>,
}

impl Scope {
    /// Every tag that the component's object must carry from its first moment on.
    pub fn tags_of(&self, address: &Address) -> Tags {
        let mut tags = self.tags.get(address).cloned().unwrap_or_default();
        tags.extend(ownership_tags(&self.stack, &self.claim, address));
        tags
    }

    /// A client token: the same for every attempt at one step of one component, also after the operation has died and
    /// another one goes on with it; different for everything else. 64 hexadecimal digits, the least limit among the
    /// services (NAT gateway).
    ///
    /// AWS remembers tokens for longer than objects live: under one of an operation that has ended it would bring a deleted
    /// object back in its answer alone, and refuse other tags.
    pub fn token(&self, address: &Address, step: &str) -> String {
        hexadecimal(&format!("{}|{}|{address}|{step}", self.claim, self.operation))
    }

    /// What marks the component's object for as long as the stack lives, where a service asks for such a mark. 64
    /// hexadecimal digits.
    pub fn reference(&self, address: &Address) -> String {
        hexadecimal(&format!("{}|{address}|create", self.claim))
    }

    /// The 8 characters of the claim that end names which are unique in the account or the world.
    pub fn suffix(&self) -> &str {
        suffix(&self.claim)
    }

    /// True when the tags prove that the object belongs to this stack.
    pub fn owns(&self, tags: &Tags) -> bool {
        tags.get(TAG_CLAIM) == Some(&self.claim)
    }

    /// The same stack in another region.
    #[must_use]
    pub fn in_region(&self, region: &str) -> Self {
        Self { region: region.to_owned(), ..self.clone() }
    }
}

fn hexadecimal(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The 8 characters of a claim that end names which are unique in the account or the world.
pub fn suffix(claim: &str) -> &str {
    claim.get(..8).unwrap_or(claim)
}

/// The tags that every tagged object of a stack carries.
pub fn ownership_tags(stack: &str, claim: &str, address: &Address) -> Tags {
    Tags::from([
        (TAG_CLAIM.to_owned(), claim.to_owned()),
        (TAG_COMPONENT.to_owned(), address.to_string()),
        (TAG_STACK.to_owned(), stack.to_owned()),
    ])
}
