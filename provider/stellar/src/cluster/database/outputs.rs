//! From what exists to the output `rds`.

use stellar_engine::Address;
use tfplugin_sdk::Attr;

use super::{Database, Rds, expand::DEFAULT_NAME, primary, replica, secret, security_group};
use crate::cluster::view::View;

/// The output `rds`; null without the database.
pub fn outputs(config: &Database, view: &View<'_>) -> Attr<Rds> {
    let primary = primary();
    if !view.has(&primary) {
        return Attr::Null;
    }
    let count = config.replicas.known().map_or(Attr::Known(0), |replicas| replicas.count.or(0));
    let replicas = count.map(|count| (1..=count).map(replica).collect::<Vec<Address>>());
    let get = |output| view.get(&primary, output);
    Attr::Known(Rds {
        identifier: get("identifier"),
        arn: get("arn"),
        endpoint: get("endpoint"),
        reader_endpoint: match &replicas {
            Attr::Known(addresses) => addresses.first().map_or(Attr::Null, |first| view.get(first, "endpoint")),
            _ => Attr::Unknown,
        },
        reader_endpoints: match &replicas {
            Attr::Known(addresses) => view.list(addresses, "endpoint"),
            _ => Attr::Unknown,
        },
        port: match view.json(&primary, "port") {
            Attr::Known(port) => port.as_i64().into(),
            Attr::Unknown => Attr::Unknown,
            Attr::Null => Attr::Null,
        },
        version: get("engine_version"),
        name: config.name.clone().or(DEFAULT_NAME.to_owned()),
        username: config.username.clone().or(DEFAULT_NAME.to_owned()),
        secret_arn: view.get(&secret(), "arn"),
        security_group_id: view.get(&security_group(), "id"),
        parameter_status: get("parameters"),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use serde_json::Value;
    use stellar_engine::Observed;

    use super::{super::Replicas, *};

    #[test]
    fn only_what_is_touched_is_unknown() {
        let config = Database {
            replicas: Attr::Known(Replicas { count: Attr::Known(2), ..Replicas::default() }),
            ..Database::default()
        };
        let instance = |id: &str| Observed::new(id, Value::Null).output("endpoint", id).output("port", 5432);
        let all = [(primary(), "db-1"), (replica(1), "db-2"), (replica(2), "db-3")];
        let observed: BTreeMap<_, _> = all.into_iter().map(|(address, id)| (address, instance(id))).collect();
        let rds = |touched: &[Address]| {
            let touched: BTreeSet<_> = touched.iter().cloned().collect();
            outputs(&config, &View { observed: &observed, touched: &touched }).into_known().unwrap()
        };
        let settled = rds(&[]);
        assert_eq!((settled.endpoint, settled.port), ("db-1".into(), Attr::Known(5432)));
        assert_eq!(settled.reader_endpoint, "db-2".into());
        assert_eq!(settled.reader_endpoints, Attr::Known(vec!["db-2".to_owned(), "db-3".to_owned()]));
        let changing = rds(&[replica(2)]);
        assert_eq!(changing.reader_endpoint, "db-2".into());
        assert_eq!((changing.endpoint, changing.reader_endpoints), ("db-1".into(), Attr::Unknown));
        assert_eq!(settled.name, "stellar".into());
    }

    #[test]
    fn without_a_database_there_is_no_output() {
        let view = View { observed: &BTreeMap::new(), touched: &BTreeSet::new() };
        assert_eq!(outputs(&Database::default(), &view), Attr::Null);
    }
}
