//! One object of a stack as it should be.

use std::collections::BTreeSet;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{Address, Error, Tags, input};

/// The typed properties of a kind: the model that expand fills in and that `read` gives back.
///
/// Fields are plain values, `Option`s (`None`: not set by us, never compared) or
/// [`crate::Input`]s. Collections whose order means nothing are `BTreeSet`s or `BTreeMap`s, so that
/// two equal objects have equal JSON.
pub trait Properties: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The kind, as `service/object`: `ec2/subnet`.
    const KIND: &'static str;
}

/// A component: an object of a stack as it should be.
#[derive(Clone, Debug, PartialEq)]
pub struct Component {
    /// Where it stands in the stack.
    pub address: Address,
    /// Which kind of object it is.
    pub kind: &'static str,
    /// The region whose endpoint is called; also for global services.
    pub region: String,
    /// The property tree; leaves may be references or unknown.
    pub desired: Value,
    /// Tags for kinds that have them; the ownership tags are added by the scope.
    pub tags: Tags,
    /// Components that must be ready first although no property refers to them.
    pub after: BTreeSet<Address>,
    /// The place that this component fills, where its object can only be replaced by another one beside it: a later
    /// generation has another address and the same slot, is made first, and then the earlier one goes.
    pub slot: Option<String>,
}

impl Component {
    /// A component from typed properties.
    ///
    /// # Panics
    /// If the properties have no JSON form, which a derived `Serialize` on plain structs rules out.
    pub fn new<P: Properties>(address: Address, region: &str, props: &P) -> Self {
        let desired = serde_json::to_value(props).unwrap_or_else(|e| panic!("{} has no JSON form: {e}", P::KIND));
        Self {
            address,
            kind: P::KIND,
            region: region.to_owned(),
            desired,
            tags: Tags::new(),
            after: BTreeSet::new(),
            slot: None,
        }
    }

    /// Adds dependencies that no property expresses.
    #[must_use]
    pub fn after(mut self, addresses: impl IntoIterator<Item = Address>) -> Self {
        self.after.extend(addresses);
        self
    }

    /// Sets the tags.
    #[must_use]
    pub fn tags(mut self, tags: Tags) -> Self {
        self.tags = tags;
        self
    }

    /// Sets the slot.
    #[must_use]
    pub fn slot(mut self, slot: impl Into<String>) -> Self {
        self.slot = Some(slot.into());
        self
    }

    /// Everything that must be ready before this one: references and explicit dependencies.
    pub fn dependencies(&self) -> BTreeSet<Address> {
        let mut all = self.after.clone();
        input::references(&self.desired, &mut |address, _| {
            all.insert(address.clone());
        });
        all
    }
}

/// The typed form of a resolved property tree.
///
/// # Errors
/// [`crate::ErrorClass::Bug`] when the tree does not have the kind's shape.
pub fn typed<P: Properties>(tree: &Value) -> Result<P, Error> {
    serde_json::from_value(tree.clone()).map_err(|e| Error::bug(format!("{} properties: {e}", P::KIND)))
}
