//! From what exists to the output `elasticache`.

use tfplugin_sdk::Attr;

use super::{Elasticache, replication_group, secret, security_group};
use crate::cluster::view::View;

/// The output `elasticache`; null without the cache.
pub fn outputs(view: &View<'_>) -> Attr<Elasticache> {
    let group = replication_group();
    if !view.has(&group) {
        return Attr::Null;
    }
    let get = |output| view.get(&group, output);
    Attr::Known(Elasticache {
        id: get("id"),
        arn: get("arn"),
        endpoint: get("endpoint"),
        reader_endpoint: get("reader_endpoint"),
        port: match view.json(&group, "port") {
            Attr::Known(port) => port.as_i64().into(),
            Attr::Unknown => Attr::Unknown,
            Attr::Null => Attr::Null,
        },
        secret_arn: view.get(&secret(), "arn"),
        version: get("engine_version"),
        security_group_id: view.get(&security_group(), "id"),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use serde_json::Value;
    use stellar_engine::Observed;

    use super::*;

    #[test]
    fn the_output_follows_what_exists_and_what_is_touched() {
        let group = Observed::new("shop-cache", Value::Null)
            .output("endpoint", "host")
            .output("port", 6379)
            .output("reader_endpoint", Value::Null);
        let observed = BTreeMap::from([(replication_group(), group)]);
        let none = BTreeSet::new();
        let cache = outputs(&View { observed: &observed, touched: &none }).into_known().unwrap();
        assert_eq!((cache.endpoint, cache.port, cache.reader_endpoint), ("host".into(), Attr::Known(6379), Attr::Null));

        let touched = BTreeSet::from([replication_group()]);
        let cache = outputs(&View { observed: &observed, touched: &touched }).into_known().unwrap();
        assert_eq!((cache.endpoint, cache.port), (Attr::Unknown, Attr::Unknown));

        assert_eq!(outputs(&View { observed: &BTreeMap::new(), touched: &none }), Attr::Null);
    }
}
