//! What all resources of one provider instance share: the configuration and the AWS clients.

use std::sync::{Arc, RwLock};

use stellar_aws::{Aws, Settings};
use stellar_engine::{Error, ErrorClass, Kinds, Pace};
use tokio::sync::OnceCell;

/// Environment variable with the simulator's clock factor; for tests only.
const CLOCK_FACTOR: &str = "STELLAR_CLOCK_FACTOR";

/// The provider instance's state; set by `ConfigureProvider`, shared by all resources.
#[derive(Debug, Default)]
pub struct Session {
    current: RwLock<Arc<Connection>>,
}

/// One configuration and, from first use on, its clients.
#[derive(Debug, Default)]
struct Connection {
    settings: Option<Settings>,
    aws: OnceCell<Arc<Aws>>,
}

impl Session {
    /// Takes a new configuration. `None` = it holds values that are not known yet.
    pub fn configure(&self, settings: Option<Settings>) {
        let connection = Arc::new(Connection { settings, aws: OnceCell::new() });
        *self.current.write().unwrap_or_else(|e| e.into_inner()) = connection;
    }

    /// The clients.
    ///
    /// # Errors
    /// [`ErrorClass::Denied`] as long as the provider's configuration is not known.
    pub async fn aws(&self) -> Result<Arc<Aws>, Error> {
        let connection = self.current.read().unwrap_or_else(|e| e.into_inner()).clone();
        let Some(settings) = &connection.settings else {
            let message = "the provider's configuration holds values that are only known after apply";
            return Err(Error::new(ErrorClass::Denied, message));
        };
        let load = || async { Arc::new(Aws::load(settings).await) };
        Ok(connection.aws.get_or_init(load).await.clone())
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
}
