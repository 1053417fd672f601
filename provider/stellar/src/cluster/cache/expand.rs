//! From configuration to components.

use std::collections::BTreeMap;

use stellar_aws::elasticache::{
    parameter_group::ParameterGroup, replication_group::ReplicationGroup, subnet_group::SubnetGroup,
};
use stellar_engine::{Input, address};
use tfplugin_sdk::Attr;

use super::{Cache, PORT, engine::Engine, replication_group};
use crate::cluster::{
    access,
    build::Builder,
    key::section_key,
    known::{NotYetKnown, known},
};

/// Adds the section's components. `own_key` is the user's key for the section, if there is one.
///
/// # Errors
/// When a value that is needed now is only known after apply.
pub fn expand(config: &Cache, own_key: Option<Input<String>>, b: &mut Builder<'_>) -> Result<(), NotYetKnown> {
    let engine = Engine::of(config)?;
    let shards = number(&config.shards, "cache.shards", 1)?;
    let snapshot = known(&config.snapshot, "cache.snapshot")?.cloned().unwrap_or_default();

    let key = section_key(b, "cache", &[], own_key);
    let subnet_group = b.add(address!("cache/subnet-group"), &subnets(b));
    let security_group = access::expand(&config.access, "cache", PORT, b)?;
    // Validation has refused versions without a family.
    let family = engine.family().unwrap_or_else(|| engine.name.clone());
    let parameters = known(&config.parameters, "cache.parameters")?.cloned().unwrap_or_default();
    let parameter_group = parameter_group(&family, parameters, shards > 1, b);
    let parameter_group = b.add(address!("cache/parameter-group/{family}"), &parameter_group);

    let group = ReplicationGroup {
        name: b.names.regional("cache", 40),
        // The claim proves whose group it is while ElastiCache does not list its tags.
        description: format!("Cache of the stack {}, claim {}", b.names.stack(), b.claim),
        minor_upgrades: true,
        engine: engine.name,
        engine_version: engine.version,
        node_type: known(&config.node_type, "cache.node_type")?.cloned().unwrap_or_default(),
        shards,
        replicas: number(&config.replicas, "cache.replicas", 1)?,
        cluster_mode: shards > 1,
        failover: true,
        tls: "required".to_owned(),
        parameter_group: Input::output(&parameter_group, "id"),
        subnet_group: Input::output(&subnet_group, "id"),
        security_group_ids: vec![security_group],
        kms_key_arn: key,
        snapshot_retention_days: number(&snapshot.retention_days, "cache.snapshot.retention_days", 7)?,
        snapshot_window: known(&snapshot.window, "cache.snapshot.window")?.cloned(),
        maintenance_window: None,
    };
    b.add(replication_group(), &group);
    Ok(())
}

fn subnets(b: &Builder<'_>) -> SubnetGroup {
    SubnetGroup {
        name: b.names.regional("cache", 255),
        description: format!("Cache subnets of the stack {}", b.names.stack()),
        subnet_ids: b.network.database_subnet_ids.clone(),
    }
}

/// The family is part of the name: a new major version gets a new group next to the old one.
fn parameter_group(
    family: &str,
    mut parameters: BTreeMap<String, String>,
    cluster_mode: bool,
    b: &Builder<'_>,
) -> ParameterGroup {
    if cluster_mode {
        parameters.insert("cluster-enabled".to_owned(), "yes".to_owned());
    }
    ParameterGroup {
        // Group names hold no dots, unlike the family redis6.x.
        name: b.names.regional(&format!("cache-{}", family.replace('.', "-")), 255),
        family: family.to_owned(),
        description: format!("Cache of the stack {}", b.names.stack()),
        parameters,
    }
}

/// Validation has refused numbers out of their range.
fn number(value: &Attr<i64>, attribute: &str, default: i32) -> Result<i32, NotYetKnown> {
    Ok(known(value, attribute)?.map_or(default, |number| i32::try_from(*number).unwrap_or(i32::MAX)))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use stellar_engine::{Component, Tags};

    use super::*;
    use crate::cluster::{build::KubernetesRefs, facts::Facts};

    fn expanded(config: &Cache, own_key: Option<&str>) -> Vec<Component> {
        let facts = Facts::default();
        let mut b = Builder::new("shop", "0123456789abcdef0123456789abcdef", "us-east-1", &facts, Tags::new());
        b.kubernetes = Some(KubernetesRefs { cluster_name: "shop".to_owned(), security_group_id: "sg-eks".into() });
        expand(config, own_key.map(Input::from), &mut b).unwrap();
        b.finish()
    }

    fn small() -> Cache {
        Cache { node_type: "cache.t4g.small".into(), ..Cache::default() }
    }

    fn redis() -> Cache {
        let cidrs = Attr::Known(["10.9.0.0/16".to_owned()].into());
        let access = Attr::Known(access::Access { cidrs, ..access::Access::default() });
        Cache { engine: "redis".into(), version: "6.2".into(), access, ..small() }
    }

    fn desired(components: &[Component], address: &str) -> Value {
        components.iter().find(|c| c.address.as_str() == address).map(|c| c.desired.clone()).unwrap_or_default()
    }

    const SMALL: &[&str] = &[
        "cache/key kms/key",
        "cache/subnet-group elasticache/subnet-group",
        "cache/security-group ec2/security-group",
        "cache/rule/kubernetes ec2/security-group-rule",
        "cache/parameter-group/valkey8 elasticache/parameter-group",
        "cache/replication-group elasticache/replication-group",
    ];

    const REDIS: &[&str] = &[
        "cache/subnet-group elasticache/subnet-group",
        "cache/security-group ec2/security-group",
        "cache/rule/kubernetes ec2/security-group-rule",
        "cache/rule/cidr/10.9.0.0-16 ec2/security-group-rule",
        "cache/parameter-group/redis6.x elasticache/parameter-group",
        "cache/replication-group elasticache/replication-group",
    ];

    #[test]
    fn the_configuration_alone_decides_the_components() {
        for (config, own_key, expected) in [(small(), None, SMALL), (redis(), Some("arn:key"), REDIS)] {
            let components = expanded(&config, own_key);
            let lines: Vec<_> = components.iter().map(|c| format!("{} {}", c.address, c.kind)).collect();
            assert_eq!(lines, expected, "{config:?}");
        }
    }

    #[test]
    fn several_shards_are_cluster_mode() {
        for (shards, cluster_mode, parameters) in [
            (Attr::Null, false, json!({})),
            (Attr::Known(1), false, json!({})),
            (Attr::Known(3), true, json!({"cluster-enabled": "yes"})),
        ] {
            let components = expanded(&Cache { shards, ..small() }, None);
            assert_eq!(
                desired(&components, "cache/replication-group")["cluster_mode"],
                json!(cluster_mode),
                "{shards:?}"
            );
            assert_eq!(desired(&components, "cache/parameter-group/valkey8")["parameters"], parameters, "{shards:?}");
        }
    }

    #[test]
    fn the_description_holds_the_claim() {
        let group = desired(&expanded(&small(), None), "cache/replication-group");
        assert_eq!(group["description"], "Cache of the stack shop, claim 0123456789abcdef0123456789abcdef");
    }

    #[test]
    fn what_decides_the_components_must_be_known() {
        let rows = [
            (Cache { version: Attr::Unknown, ..small() }, "cache.version"),
            (Cache { shards: Attr::Unknown, ..small() }, "cache.shards"),
            (Cache { access: Attr::Unknown, ..small() }, "cache.access"),
        ];
        for (config, attribute) in rows {
            let facts = Facts::default();
            let mut b = Builder::new("shop", "0123456789abcdef", "us-east-1", &facts, Tags::new());
            assert_eq!(expand(&config, None, &mut b), Err(NotYetKnown(attribute.to_owned())));
        }
    }
}
