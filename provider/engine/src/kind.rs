//! What the engine asks of an object kind, and what a kind states about itself.

use async_trait::async_trait;
use serde_json::Value;

use crate::{Address, Blocker, Clearing, Error, Observed, Properties, Retained, Scope, Tags, component::typed};

/// How a kind proves that an existing object belongs to the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Tag `stellar:claim` equals our claim, and the name is the derived one or the id the recorded one.
    /// The engine checks it on [`Observed::tags`].
    Tag,
    /// The name ends in the claim's suffix and a description, comment or caller reference holds the
    /// claim. `read` checks it.
    Field,
    /// It lives inside an object that is proven to be ours (routes, rules, associations).
    Parent,
    /// The service makes it under a name derived from ours (log groups of EKS and RDS).
    ServiceMade,
}

/// How the tags of a kind's objects come to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tagging {
    /// Its objects have no tags.
    None,
    /// `read` tells them.
    Told,
    /// They cost `read` a call of their own for each object: it tells them unless [`Target::remembered`], and then what was
    /// last seen counts.
    Remembered,
}

/// What happens when one field differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Changed in place.
    InPlace(Disruption),
    /// Changed in place, unnoticed and within seconds, whatever other changes of the object take.
    AtOnce,
    /// Cannot be changed; the reason is shown to the user.
    Replace(&'static str),
    /// Used at creation only; a later difference is somebody else's right (autoscaler, AWS).
    CreateOnly,
    /// Ours alone, never on AWS: how to delete, whether to keep a snapshot.
    Local,
}

impl Rule {
    /// True when a difference cannot be mended in place.
    pub fn is_replace(self) -> bool {
        matches!(self, Self::Replace(_))
    }
}

/// What an in-place change does to those who use the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Disruption {
    /// Nobody notices.
    None,
    /// Slower or shortly unreachable for some seconds or for single connections.
    Brief,
    /// Down for minutes.
    Downtime,
}

/// What a kind states about itself; pure data, so that plans need no kind code.
#[derive(Clone, Copy, Debug)]
pub struct Traits {
    /// `service/object`.
    pub kind: &'static str,
    /// For people: `NAT gateway`.
    pub noun: &'static str,
    /// Holds user data: never replaced, deleted or re-created without the user's word.
    pub data: bool,
    /// How ownership is proven.
    pub proof: Proof,
    /// How its tags are known; they are kept as configured unless it has none.
    pub tagging: Tagging,
    /// Outputs that follow from the properties alone: an object that somebody deleted and that is made anew has them again,
    /// and what refers to them need not change.
    pub stable: &'static [&'static str],
    /// The rule of each field that is not simply changed in place without disruption.
    /// Fields are top-level names of the property tree.
    pub rules: &'static [(&'static str, Rule)],
    /// Outputs that a change in place may alter; all others stay until the object is made anew.
    pub volatile: &'static [&'static str],
    /// `(kind, field)`: what an update of that field does to a neighbour in the graph shows here too, in the volatile
    /// outputs, although nothing is changed here.
    pub reflects: &'static [(&'static str, &'static str)],
    /// One call reads many objects: whoever looks takes along those that are due soon.
    pub bulk: bool,
    /// Typical minutes for create, update, delete (0 = at once).
    pub minutes: (f32, f32, f32),
    /// How long a create, update or delete may take at most, in minutes.
    pub limit_minutes: u32,
}

impl Traits {
    /// Traits of an object that is there at once, has no data and is proven by its tags.
    pub const fn new(kind: &'static str, noun: &'static str) -> Self {
        Self {
            kind,
            noun,
            data: false,
            proof: Proof::Tag,
            tagging: Tagging::Told,
            stable: &[],
            rules: &[],
            volatile: &[],
            reflects: &[],
            bulk: false,
            minutes: (0.0, 0.0, 0.0),
            limit_minutes: 15,
        }
    }

    /// The rule for a top-level field.
    pub fn rule(&self, field: &str) -> Rule {
        let found = self.rules.iter().find(|(name, _)| *name == field);
        found.map_or(Rule::InPlace(Disruption::None), |(_, rule)| *rule)
    }
}

/// One component to look for.
#[derive(Clone, Debug)]
pub struct Target<P = Value> {
    /// The component.
    pub address: Address,
    /// The id recorded when it was created; `None` = find it by its derived name, by tags
    /// (`stellar:claim` and `stellar:component`), or by its natural key.
    pub id: Option<String>,
    /// The resolved desired properties; `None` when something it refers to is not known, which
    /// leaves the recorded id as the only way.
    pub props: Option<P>,
    /// Its tags are known from an earlier look, for kinds of [`Tagging::Remembered`].
    pub remembered: bool,
}

/// One field that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChange {
    /// The top-level field of the property tree.
    pub field: String,
    /// The value that exists; `Null` when it is not set.
    pub from: Value,
    /// The desired value.
    pub to: Value,
}

/// The fields that an update has to bring in line, never empty. Tags are not among them.
pub type Changes = [FieldChange];

/// An object kind: how one kind of AWS object is found, made, changed and removed.
///
/// # Guarantees (of the engine)
/// - `create`, `update` and `delete` get wholly resolved properties, and run at most once at a time
///   per component.
/// - `create` is called only after a `read` of the same target answered `None`, or for a claim that was made just now:
///   nothing can carry that yet, and what has the name all the same makes `create` fail with
///   [`ErrorClass::Exists`](crate::ErrorClass::Exists).
/// - After each call the engine reads again until [`crate::Status::Ready`], compares, and calls `update`
///   as long as fields differ. So a call may do *one step* of a longer way (one
///   `UpdateClusterConfig`, one minor version), and `create` may leave out what a later `update` sets.
/// - An error that [`Error::is_temporary`] leads to the same call again, later.
/// - After a `create` whose error [leaves doubt](Error::leaves_doubt) the engine reads again for a
///   while: what it finds is adopted, and only when it finds nothing `create` is called again.
///
/// # Assumptions (about kinds)
/// - Nothing waits or sleeps; every call answers after one or a few API calls.
/// - A `create` that would make a second object when AWS carries it out twice is sent once.
/// - Only `read` and `delete` map AWS's not-found codes to "absent".
/// - `read` answers in the desired shape: fields that AWS does not report are `None`.
#[async_trait]
pub trait Kind: Send + Sync + 'static {
    /// The model, desired and observed.
    type Props: Properties;

    /// The kind's statements about itself.
    fn traits(&self) -> Traits;

    /// Looks for all targets (of one region), in as few calls as the service allows; answers in the
    /// order of `targets`. `None` = does not exist (also: being purged, e.g. `terminated`).
    async fn read(
        &self,
        scope: &Scope,
        targets: &[Target<Self::Props>],
    ) -> Vec<Result<Option<Observed<Self::Props>>, Error>>;

    /// Starts the creation and answers the id as soon as AWS has given one.
    async fn create(&self, scope: &Scope, address: &Address, desired: &Self::Props) -> Result<String, Error>;

    /// Sets what the create call cannot, right after it and before the object is looked at: saves the look between the
    /// two. Best effort, once; what it leaves out or fails at is found to differ, and then [`Kind::update`] does it.
    async fn complete(&self, scope: &Scope, address: &Address, desired: &Self::Props, id: &str) -> Result<(), Error> {
        let _ = (scope, address, desired, id);
        Ok(())
    }

    /// Brings the changed fields, or some of them, in line.
    async fn update(
        &self,
        scope: &Scope,
        address: &Address,
        desired: &Self::Props,
        observed: &Observed<Self::Props>,
        changes: &Changes,
    ) -> Result<(), Error>;

    /// Starts the deletion, or takes one step towards it; absent is success. Called again as long as
    /// `read` shows the object in any state but [`crate::Status::Deleting`]. `props` are the
    /// properties last desired, for fields with [`Rule::Local`].
    async fn delete(
        &self,
        scope: &Scope,
        address: &Address,
        observed: &Observed<Self::Props>,
        props: Option<&Self::Props>,
    ) -> Result<Vec<Retained>, Error>;

    /// Sets and removes tags; kinds whose objects have no tags keep this.
    async fn tag(
        &self,
        scope: &Scope,
        observed: &Observed<Self::Props>,
        set: &Tags,
        remove: &[String],
    ) -> Result<(), Error> {
        let _ = (scope, observed, set, remove);
        Ok(())
    }

    /// Makes room before a deletion: takes the next steps of removing what others have made on the object's behalf and
    /// nobody will remove once it is gone. Called before every [`Kind::delete`], which comes only when nothing is left.
    async fn clear(
        &self,
        scope: &Scope,
        address: &Address,
        observed: &Observed<Self::Props>,
        props: Option<&Self::Props>,
    ) -> Result<Clearing, Error> {
        let _ = (scope, address, observed, props);
        Ok(Clearing::default())
    }

    /// What keeps the object from being deleted, after AWS has refused that because it is in use.
    async fn blockers(&self, scope: &Scope, observed: &Observed<Self::Props>) -> Result<Vec<Blocker>, Error> {
        let _ = (scope, observed);
        Ok(Vec::new())
    }
}

/// A [`Kind`] with its model erased: what the engine works with.
#[async_trait]
pub trait AnyKind: Send + Sync {
    /// See [`Kind::traits`].
    fn traits(&self) -> Traits;
    /// See [`Kind::read`].
    async fn read(&self, scope: &Scope, targets: &[Target]) -> Vec<Result<Option<Observed>, Error>>;
    /// See [`Kind::create`].
    async fn create(&self, scope: &Scope, address: &Address, desired: &Value) -> Result<String, Error>;
    /// See [`Kind::complete`].
    async fn complete(&self, scope: &Scope, address: &Address, desired: &Value, id: &str) -> Result<(), Error>;
    /// See [`Kind::update`].
    async fn update(
        &self,
        scope: &Scope,
        address: &Address,
        desired: &Value,
        observed: &Observed,
        changes: &Changes,
    ) -> Result<(), Error>;
    /// See [`Kind::delete`].
    async fn delete(
        &self,
        scope: &Scope,
        address: &Address,
        observed: &Observed,
        props: Option<&Value>,
    ) -> Result<Vec<Retained>, Error>;
    /// See [`Kind::tag`].
    async fn tag(&self, scope: &Scope, observed: &Observed, set: &Tags, remove: &[String]) -> Result<(), Error>;
    /// See [`Kind::clear`].
    async fn clear(
        &self,
        scope: &Scope,
        address: &Address,
        observed: &Observed,
        props: Option<&Value>,
    ) -> Result<Clearing, Error>;
    /// See [`Kind::blockers`].
    async fn blockers(&self, scope: &Scope, observed: &Observed) -> Result<Vec<Blocker>, Error>;
}

#[async_trait]
impl<K: Kind> AnyKind for K {
    fn traits(&self) -> Traits {
        Kind::traits(self)
    }

    async fn read(&self, scope: &Scope, targets: &[Target]) -> Vec<Result<Option<Observed>, Error>> {
        let typed_targets: Result<Vec<_>, Error> = targets.iter().map(typed_target).collect();
        match typed_targets {
            Ok(typed) => {
                Kind::read(self, scope, &typed).await.into_iter().map(|r| r?.map(untyped).transpose()).collect()
            }
            Err(error) => targets.iter().map(|_| Err(error.clone())).collect(),
        }
    }

    async fn create(&self, scope: &Scope, address: &Address, desired: &Value) -> Result<String, Error> {
        Kind::create(self, scope, address, &typed(desired)?).await
    }

    async fn complete(&self, scope: &Scope, address: &Address, desired: &Value, id: &str) -> Result<(), Error> {
        Kind::complete(self, scope, address, &typed(desired)?, id).await
    }

    async fn update(
        &self,
        scope: &Scope,
        address: &Address,
        desired: &Value,
        observed: &Observed,
        changes: &Changes,
    ) -> Result<(), Error> {
        Kind::update(self, scope, address, &typed(desired)?, &typed_observed(observed)?, changes).await
    }

    async fn delete(
        &self,
        scope: &Scope,
        address: &Address,
        observed: &Observed,
        props: Option<&Value>,
    ) -> Result<Vec<Retained>, Error> {
        let props = props.map(typed).transpose()?;
        Kind::delete(self, scope, address, &typed_observed(observed)?, props.as_ref()).await
    }

    async fn tag(&self, scope: &Scope, observed: &Observed, set: &Tags, remove: &[String]) -> Result<(), Error> {
        Kind::tag(self, scope, &typed_observed(observed)?, set, remove).await
    }

    async fn clear(
        &self,
        scope: &Scope,
        address: &Address,
        observed: &Observed,
        props: Option<&Value>,
    ) -> Result<Clearing, Error> {
        let props = props.map(typed).transpose()?;
        Kind::clear(self, scope, address, &typed_observed(observed)?, props.as_ref()).await
    }

    async fn blockers(&self, scope: &Scope, observed: &Observed) -> Result<Vec<Blocker>, Error> {
        Kind::blockers(self, scope, &typed_observed(observed)?).await
    }
}

fn typed_target<P: Properties>(target: &Target) -> Result<Target<P>, Error> {
    Ok(Target {
        address: target.address.clone(),
        id: target.id.clone(),
        props: target.props.as_ref().map(typed).transpose()?,
        remembered: target.remembered,
    })
}

fn typed_observed<P: Properties>(observed: &Observed) -> Result<Observed<P>, Error> {
    let Observed { id, props, outputs, tags, status } = observed.clone();
    Ok(Observed { id, props: typed(&props)?, outputs, tags, status })
}

fn untyped<P: Properties>(observed: Observed<P>) -> Result<Observed, Error> {
    let Observed { id, props, outputs, tags, status } = observed;
    let props = serde_json::to_value(props).map_err(|e| Error::bug(format!("{} properties: {e}", P::KIND)))?;
    Ok(Observed { id, props, outputs, tags, status })
}
