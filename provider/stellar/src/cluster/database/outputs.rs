//! From what exists to the output `rds`.

use stellar_engine::Address;
use tfplugin_sdk::Attr;

use super::{
    Database, Engine, Rds, cluster, instance, primary, replica, secret, security_group, settings::DEFAULT_NAME,
};
use crate::cluster::view::View;

/// The output `rds`; null without the database.
pub fn outputs(config: &Database, view: &View<'_>) -> Attr<Rds> {
    let engine = config.engine.clone().map(|name| Engine::of(&name));
    match engine.or(Engine::Postgres) {
        Attr::Known(Engine::Postgres) => of_instances(config, view),
        Attr::Known(Engine::Aurora) => of_cluster(config, view),
        Attr::Null | Attr::Unknown => Attr::Unknown,
    }
}

fn of_instances(config: &Database, view: &View<'_>) -> Attr<Rds> {
    let primary = primary();
    if !view.has(&primary) {
        return Attr::Null;
    }
    let replicas = members(config, 0, replica);
    Attr::Known(Rds {
        reader_endpoint: match &replicas {
            Attr::Known(addresses) => addresses.first().map_or(Attr::Null, |first| view.get(first, "endpoint")),
            _ => Attr::Unknown,
        },
        reader_endpoints: endpoints(&replicas, view),
        ..common(config, &primary, view)
    })
}

fn of_cluster(config: &Database, view: &View<'_>) -> Attr<Rds> {
    let cluster = cluster();
    if !view.has(&cluster) {
        return Attr::Null;
    }
    Attr::Known(Rds {
        reader_endpoint: view.get(&cluster, "reader_endpoint"),
        reader_endpoints: endpoints(&members(config, 1, instance), view),
        ..common(config, &cluster, view)
    })
}

/// The addresses of all replicas and of `more` instances besides.
fn members(config: &Database, more: i64, address: impl Fn(i64) -> Address) -> Attr<Vec<Address>> {
    let count = config.replicas.known().map_or(Attr::Known(0), |replicas| replicas.count.or(0));
    count.map(|count| (1..=count + more).map(address).collect())
}

fn endpoints(members: &Attr<Vec<Address>>, view: &View<'_>) -> Attr<Vec<String>> {
    match members {
        Attr::Known(addresses) => view.list(addresses, "endpoint"),
        _ => Attr::Unknown,
    }
}

/// What is read off the object to which one connects for writing.
fn common(config: &Database, main: &Address, view: &View<'_>) -> Rds {
    let get = |output| view.get(main, output);
    Rds {
        identifier: get("identifier"),
        arn: get("arn"),
        endpoint: get("endpoint"),
        port: match view.json(main, "port") {
            Attr::Known(port) => port.as_i64().into(),
            Attr::Unknown => Attr::Unknown,
            Attr::Null => Attr::Null,
        },
        version: get("engine_version"),
        name: config.name.clone().or(DEFAULT_NAME.to_owned()),
        username: config.username.clone().or(DEFAULT_NAME.to_owned()),
        secret_arn: view.get(&secret(), "arn"),
        kms_key_arn: get("kms_key_arn"),
        security_group_id: view.get(&security_group(), "id"),
        parameter_status: get("parameters"),
        ..Rds::default()
    }
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
    fn a_cluster_has_endpoints_of_its_own() {
        let replicas = Attr::Known(Replicas { count: Attr::Known(1), ..Replicas::default() });
        let config = Database { engine: "aurora-postgresql".into(), replicas, ..Database::default() };
        let one = |id: &str| Observed::new(id, Value::Null).output("endpoint", id).output("reader_endpoint", "ro");
        let all = [(cluster(), "rw"), (instance(1), "i-1"), (instance(2), "i-2")];
        let observed: BTreeMap<_, _> = all.into_iter().map(|(address, id)| (address, one(id))).collect();
        let rds = outputs(&config, &View { observed: &observed, touched: &BTreeSet::new() }).into_known().unwrap();
        assert_eq!((rds.endpoint, rds.reader_endpoint), ("rw".into(), "ro".into()));
        assert_eq!(rds.reader_endpoints, Attr::Known(vec!["i-1".to_owned(), "i-2".to_owned()]));
    }

    #[test]
    fn without_a_database_there_is_no_output() {
        let view = View { observed: &BTreeMap::new(), touched: &BTreeSet::new() };
        assert_eq!(outputs(&Database::default(), &view), Attr::Null);
    }
}
