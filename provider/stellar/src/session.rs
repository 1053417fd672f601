//! What all resources of one provider instance share: the configuration and the AWS clients.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, RwLock},
};

use stellar_aws::{Aws, Caller, Settings};
use stellar_engine::{Error, ErrorClass, Kinds, Pace};
use tfplugin_sdk::Attr;
use tokio::sync::OnceCell;

use crate::{cluster::facts::Facts, tagging::Tagging};

/// Environment variable with the simulator's clock factor; for tests only.
const CLOCK_FACTOR: &str = "STELLAR_CLOCK_FACTOR";

/// The provider instance's state; set by `ConfigureProvider`, shared by all resources.
#[derive(Debug, Default)]
pub struct Session {
    current: RwLock<Arc<Connection>>,
}

/// What the provider's configuration says.
#[derive(Debug, Default)]
pub struct Setup {
    /// How to reach AWS; `None` = some of it is only known after apply.
    pub settings: Option<Settings>,
    /// Tags of every object.
    pub tagging: Tagging,
    /// The only accounts to work in; `None` = any.
    pub allowed_accounts: Option<BTreeSet<String>>,
    /// Accounts not to work in.
    pub forbidden_accounts: BTreeSet<String>,
    /// Plans check nothing beforehand.
    pub skips_preflight: bool,
}

/// One configuration and, from first use on, its clients.
#[derive(Debug, Default)]
struct Connection {
    setup: Setup,
    aws: OnceCell<Arc<Aws>>,
    /// Stacks that this configuration's run has begun to create or change.
    begun: Mutex<BTreeSet<(String, String)>>,
    /// What the plans of this configuration's run mean to do with each stack.
    meant: Mutex<BTreeMap<(String, String), Vec<Meant>>>,
    /// What a plan has looked up for a new stack, for the create that follows in the same run.
    facts: Mutex<BTreeMap<(String, String), Facts>>,
}

/// What a plan means to do with the stack of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meant {
    /// To make it, although it may be there already, with this owner.
    Create(Option<String>),
    /// To leave or to change it.
    Keep,
    /// To remove it, as this owner.
    Destroy(String),
}

/// Two plans of one run that cannot both be meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clash {
    /// Two resources stand for one stack.
    Twice,
    /// One resource gives up the stack that another one makes: it was renamed.
    Renamed,
}

impl Meant {
    fn clash(&self, other: &Self) -> Option<Clash> {
        match (self, other) {
            (Self::Create(_), Self::Create(_) | Self::Keep) | (Self::Keep, Self::Create(_)) => Some(Clash::Twice),
            // An owner that is not the newest gives up nothing: a later create has gone on with its stack.
            (Self::Create(Some(owner)), Self::Destroy(leaves)) | (Self::Destroy(leaves), Self::Create(Some(owner))) => {
                (owner == leaves).then_some(Clash::Renamed)
            }
            _ => None,
        }
    }
}

impl Session {
    /// Takes a new configuration.
    pub fn configure(&self, setup: Setup) {
        let connection = Arc::new(Connection { setup, ..Connection::default() });
        *self.current.write().unwrap_or_else(|e| e.into_inner()) = connection;
    }

    /// The clients.
    ///
    /// # Errors
    /// [`ErrorClass::Denied`] as long as the provider's configuration is not known; what makes the settings unusable.
    pub async fn aws(&self) -> Result<Arc<Aws>, Error> {
        let connection = self.current();
        let Some(settings) = &connection.setup.settings else {
            let message = "the provider's configuration holds values that are only known after apply";
            return Err(Error::new(ErrorClass::Denied, message));
        };
        let load = || async { Aws::load(settings).await.map(Arc::new) };
        connection.aws.get_or_try_init(load).await.cloned()
    }

    /// The clients and the region to work in: that of the configuration, else the provider's.
    ///
    /// # Errors
    /// Those of [`Session::aws`]; no region anywhere.
    pub async fn place(&self, region: &Attr<String>) -> Result<(Arc<Aws>, String), Error> {
        let aws = self.aws().await?;
        let region = region.known().map(String::as_str).or(aws.default_region()).map(str::to_owned);
        match region {
            Some(region) => Ok((aws, region)),
            None => Err(Error::permanent("no region: set `region` here or of the provider, or AWS_REGION")),
        }
    }

    /// True while the provider's configuration holds values that are only known after apply: a plan then goes on
    /// without AWS.
    pub fn is_deferred(&self) -> bool {
        self.current().setup.settings.is_none()
    }

    /// True when plans check nothing beforehand.
    pub fn skips_preflight(&self) -> bool {
        self.current().setup.skips_preflight
    }

    /// Notes that a resource begins to create or change a stack; false when another resource of the same run did before.
    pub fn begin(&self, region: &str, stack: &str) -> bool {
        let connection = self.current();
        let mut begun = connection.begun.lock().unwrap_or_else(|e| e.into_inner());
        begun.insert((region.to_owned(), stack.to_owned()))
    }

    /// Notes what a plan means to do with a stack, and answers whether another plan of the same run means something that
    /// does not go with it. Once the run has begun to change the stack, what is planned follows from that.
    pub fn mean(&self, region: &str, stack: &str, meant: Meant) -> Option<Clash> {
        let connection = self.current();
        let key = (region.to_owned(), stack.to_owned());
        if connection.begun.lock().unwrap_or_else(|e| e.into_inner()).contains(&key) {
            return None;
        }
        let mut all = connection.meant.lock().unwrap_or_else(|e| e.into_inner());
        let others = all.entry(key).or_default();
        let clash = others.iter().find_map(|other| other.clash(&meant));
        others.push(meant);
        clash
    }

    /// Keeps what a plan has looked up for a new stack.
    pub fn keep_facts(&self, region: &str, stack: &str, facts: Facts) {
        let connection = self.current();
        let mut kept = connection.facts.lock().unwrap_or_else(|e| e.into_inner());
        kept.insert((region.to_owned(), stack.to_owned()), facts);
    }

    /// What the plan of the same run has looked up for a new stack.
    pub fn facts_of(&self, region: &str, stack: &str) -> Option<Facts> {
        let connection = self.current();
        let kept = connection.facts.lock().unwrap_or_else(|e| e.into_inner());
        kept.get(&(region.to_owned(), stack.to_owned())).cloned()
    }

    /// Which tags every object gets, and which are left to others.
    pub fn tagging(&self) -> Tagging {
        self.current().setup.tagging.clone()
    }

    /// Whose credentials these are, asked once. Before anything else: in a wrong account a stack seems not to exist.
    ///
    /// # Errors
    /// Those of [`Aws::caller`], with the region as the reason if it is; an account that the configuration rules out.
    pub async fn caller(&self, aws: &Aws, region: &str) -> Result<Caller, Error> {
        let caller = match aws.caller(region).await {
            Ok(caller) => caller.clone(),
            Err(error) => return Err(aws.about_region(region, error).await),
        };
        let setup = &self.current().setup;
        let forbidden = setup.forbidden_accounts.contains(&caller.account);
        if forbidden || setup.allowed_accounts.as_ref().is_some_and(|allowed| !allowed.contains(&caller.account)) {
            let list = if forbidden { "among forbidden_account_ids" } else { "not among allowed_account_ids" };
            return Err(Error::permanent(format!(
                "the credentials ({}) belong to account {}, which is {list} of the provider's configuration; use the right \
                 profile or role",
                caller.arn, caller.account
            )));
        }
        Ok(caller)
    }

    /// Every kind, on these clients.
    pub fn kinds(aws: &Arc<Aws>) -> Kinds {
        Kinds::new(stellar_aws::kinds(aws))
    }

    /// AWS's time against ours: `STELLAR_CLOCK_FACTOR`, else 1.
    pub fn pace() -> Pace {
        let factor = std::env::var(CLOCK_FACTOR).ok().and_then(|text| text.parse().ok());
        factor.map_or_else(Pace::default, Pace::accelerated)
    }

    fn current(&self) -> Arc<Connection> {
        self.current.read().unwrap_or_else(|e| e.into_inner()).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_of_one_run_that_cannot_both_be_meant() {
        let create = |owner: Option<&str>| Meant::Create(owner.map(str::to_owned));
        let destroy = |owner: &str| Meant::Destroy(owner.to_owned());
        let rows = [
            (create(None), create(None), Some(Clash::Twice)),
            (create(Some("a")), Meant::Keep, Some(Clash::Twice)),
            (create(Some("a")), destroy("a"), Some(Clash::Renamed)),
            (create(Some("b")), destroy("a"), None),
            (create(None), destroy("a"), None),
            (Meant::Keep, destroy("a"), None),
            (Meant::Keep, Meant::Keep, None),
        ];
        for (one, other, expected) in rows {
            for (first, second) in [(&one, &other), (&other, &one)] {
                let session = Session::default();
                assert_eq!(session.mean("r", "shop", first.clone()), None);
                assert_eq!(session.mean("r", "shop", second.clone()), expected, "{first:?} {second:?}");
                assert_eq!(session.mean("r", "other", second.clone()), None);
            }
        }
        let session = Session::default();
        assert!(session.begin("r", "shop"));
        session.mean("r", "shop", create(Some("a")));
        assert_eq!(session.mean("r", "shop", destroy("a")), None, "the deposed half of a replacement");
    }
}
