//! The origins of a distribution, by the ids that its behaviors refer to.

use std::collections::BTreeMap;

use stellar_aws::cloudfront::distribution::{Host, Origin, Server};
use stellar_engine::{Address, Input};
use tfplugin_sdk::Attr;

use super::{CustomOrigin, source::Source};
use crate::cluster::{
    buckets,
    known::{NotYetKnown, known},
};

/// Ports of the protocols.
pub(super) const HTTPS: i64 = 443;
const HTTP: i64 = 80;

/// Collects origins while behaviors are expanded.
pub(super) struct Origins<'a> {
    /// Those with settings, by their keys.
    pub named: Option<&'a BTreeMap<String, CustomOrigin>>,
    /// Signs the requests to buckets.
    pub signs: Option<Address>,
    /// What was collected.
    pub all: BTreeMap<String, Origin>,
}

impl Origins<'_> {
    /// Adds the origin of a source; answers its id. A host gets the id of the behavior, because its name may
    /// be known later.
    pub fn add(&mut self, source: &Source, slug: &str) -> Result<String, NotYetKnown> {
        let (id, origin) = match source {
            Source::Bucket(key) => {
                let domain = Input::output(&buckets::bucket(key), "domain");
                let access_control = self.signs.as_ref().map(|address| Input::output(address, "id"));
                let server = Server::Bucket(access_control.unwrap_or_default());
                (format!("bucket/{key}"), Origin { domain, server, ..plain() })
            }
            Source::Named(key) => {
                let found = self.named.and_then(|origins| origins.get(key));
                // Validation has refused keys that are none, unless one was not known then.
                let found = found.ok_or_else(|| NotYetKnown(format!("cdn.origins[{key:?}]")))?;
                (format!("origin/{key}"), custom(found)?)
            }
            Source::Host(host) => (format!("host/{slug}"), Origin { domain: host.clone(), ..plain() }),
        };
        self.all.insert(id.clone(), origin);
        Ok(id)
    }
}

/// Without path and headers.
fn plain() -> Origin {
    Origin { headers: Input::Known(BTreeMap::new()), ..Origin::default() }
}

fn custom(config: &CustomOrigin) -> Result<Origin, NotYetKnown> {
    let is_plain = known(&config.protocol, "cdn.origins[*].protocol")?.is_some_and(|protocol| protocol == "http");
    let number = |value: &Attr<i64>, default: i64| {
        let value = known(value, "cdn.origins[*]")?.copied().unwrap_or(default);
        Ok(i32::try_from(value).unwrap_or(i32::MAX))
    };
    let default = Host::default();
    let host = Host {
        protocol: if is_plain { "http-only" } else { "https-only" }.to_owned(),
        port: number(&config.port, if is_plain { HTTP } else { HTTPS })?,
        read_timeout: number(&config.read_timeout_seconds, default.read_timeout.into())?,
        keepalive: number(&config.keepalive_seconds, default.keepalive.into())?,
    };
    Ok(Origin {
        domain: config.domain.known().map_or(Input::Unknown, |domain| domain.as_str().into()),
        path: known(&config.path, "cdn.origins[*].path")?.cloned().unwrap_or_default(),
        headers: match &config.headers {
            Attr::Unknown => Input::Unknown,
            headers => Input::Known(headers.known().cloned().unwrap_or_default()),
        },
        server: Server::Host(host),
    })
}
