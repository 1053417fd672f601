//! From configuration to components.

use std::collections::BTreeMap;

use stellar_aws::{
    elasticache::{parameter_group::ParameterGroup, replication_group::ReplicationGroup, subnet_group::SubnetGroup},
    secretsmanager::secret::Secret,
};
use stellar_engine::{Input, address};
use tfplugin_sdk::Attr;

use super::{Cache, PORT, engine::Engine, replication_group, secret};
use crate::cluster::{
    access,
    build::Builder,
    key::{lasting_section_key, section_key},
    known::{NotYetKnown, known},
};

/// The value of `auth` with which clients send a token.
pub(super) const TOKEN: &str = "token";

/// Adds the section's components. `own_key` is the user's key for the section, if there is one.
///
/// # Errors
/// When a value that is needed now is only known after apply.
pub fn expand(config: &Cache, own_key: Option<Input<String>>, b: &mut Builder<'_>) -> Result<(), NotYetKnown> {
    let engine = Engine::of(config)?;
    let shards = number(&config.shards, "cache.shards", 1)?;
    let snapshot = known(&config.snapshot, "cache.snapshot")?.cloned().unwrap_or_default();

    let replicas = number(&config.replicas, "cache.replicas", 1)?;
    let cluster_mode = known(&config.cluster_mode, "cache.cluster_mode")?.copied().unwrap_or(shards > 1);
    let final_snapshot = known(&snapshot.final_snapshot, "cache.snapshot.final_snapshot")?.copied().unwrap_or(false);
    let has_token = known(&config.auth, "cache.auth")?.is_some_and(|auth| auth == TOKEN);

    // A snapshot can only be read with its key.
    let add_key = if final_snapshot { lasting_section_key } else { section_key };
    let key = add_key(b, "cache", &[], own_key);
    let secret_arn = has_token.then(|| Input::output(&b.add(secret(), &token(&key, b)), "arn"));
    let subnet_group = b.add(address!("cache/subnet-group"), &subnets(b));
    let security_group = access::expand(&config.access, "cache", PORT, b)?;
    // Validation has refused versions without a family.
    let family = engine.family().unwrap_or_else(|| engine.name.clone());
    let parameters = known(&config.parameters, "cache.parameters")?.cloned().unwrap_or_default();
    // One that says whether there is cluster mode cannot be changed below a living cache.
    let variant = if cluster_mode { format!("{family}-cluster") } else { family.clone() };
    let parameter_group = parameter_group(&family, &variant, parameters, cluster_mode, b);
    let parameter_group = b.add(address!("cache/parameter-group/{variant}"), &parameter_group);
    b.in_slot("cache/parameter-group");

    let group = ReplicationGroup {
        name: b.names.regional("cache", 40),
        // The claim proves whose group it is while ElastiCache does not list its tags.
        description: format!("Cache of the stack {}, claim {}", b.names.stack(), b.claim),
        minor_upgrades: true,
        engine: engine.name,
        engine_version: engine.version,
        node_type: known(&config.node_type, "cache.node_type")?.cloned().unwrap_or_default(),
        shards,
        replicas,
        cluster_mode,
        // Cluster mode always has it.
        failover: cluster_mode || replicas > 0,
        multi_az: replicas > 0,
        token: has_token,
        secret_arn,
        tls: "required".to_owned(),
        parameter_group: Input::output(&parameter_group, "id"),
        subnet_group: Input::output(&subnet_group, "id"),
        security_group_ids: vec![security_group],
        kms_key_arn: key,
        snapshot_retention_days: number(&snapshot.retention_days, "cache.snapshot.retention_days", 7)?,
        snapshot_window: known(&snapshot.window, "cache.snapshot.window")?.cloned(),
        maintenance_window: known(&config.maintenance_window, "cache.maintenance_window")?.cloned(),
        restore_snapshot: known(&snapshot.restore_from, "cache.snapshot.restore_from")?.cloned(),
        final_snapshot: Some(final_snapshot),
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

/// The token, as the password of the user that clients without a user name are.
fn token(key: &Input<String>, b: &Builder<'_>) -> Secret {
    Secret {
        name: b.names.unique("cache", 256),
        description: Some(format!("Token of the cache of the stack {}", b.names.stack())),
        username: "default".to_owned(),
        kms_key_arn: Some(key.clone()),
        // A token without its cache is of no use.
        recovery_days: None,
        usable: Some(true),
    }
}

/// The variant is part of the name: a new major version gets a new group next to the old one.
fn parameter_group(
    family: &str,
    variant: &str,
    mut parameters: BTreeMap<String, String>,
    cluster_mode: bool,
    b: &Builder<'_>,
) -> ParameterGroup {
    if cluster_mode {
        parameters.insert("cluster-enabled".to_owned(), "yes".to_owned());
    }
    ParameterGroup {
        // Group names hold no dots, unlike the family redis6.x.
        name: b.names.regional(&format!("cache-{}", variant.replace('.', "-")), 255),
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
    use crate::cluster::{build::KubernetesRefs, cache::Snapshot, facts::Facts};

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
    fn several_shards_are_cluster_mode_and_one_can_be() {
        let off = ("cache/parameter-group/valkey8", json!({}));
        let on = ("cache/parameter-group/valkey8-cluster", json!({"cluster-enabled": "yes"}));
        for (shards, cluster_mode, expected, (group, parameters)) in [
            (Attr::Null, Attr::Null, false, &off),
            (Attr::Known(1), Attr::Null, false, &off),
            (Attr::Known(3), Attr::Null, true, &on),
            (Attr::Known(1), Attr::Known(true), true, &on),
        ] {
            let components = expanded(&Cache { shards, cluster_mode, ..small() }, None);
            let found = &desired(&components, "cache/replication-group")["cluster_mode"];
            assert_eq!(*found, json!(expected), "{shards:?}");
            assert_eq!(desired(&components, group)["parameters"], *parameters, "{shards:?}");
        }
    }

    #[test]
    fn failover_needs_a_replica_except_in_cluster_mode() {
        let rows = [((1, 0), (false, false)), ((1, 1), (true, true)), ((2, 0), (true, false)), ((2, 1), (true, true))];
        for ((shards, replicas), (failover, multi_az)) in rows {
            let config = Cache { shards: Attr::Known(shards), replicas: Attr::Known(replicas), ..small() };
            let group = desired(&expanded(&config, None), "cache/replication-group");
            assert_eq!((&group["failover"], &group["multi_az"]), (&json!(failover), &json!(multi_az)), "{config:?}");
        }
    }

    #[test]
    fn a_token_is_in_a_secret_and_a_final_snapshot_keeps_the_key() {
        let snapshot = Snapshot { final_snapshot: Attr::Known(true), ..Snapshot::default() };
        let components = expanded(&Cache { auth: "token".into(), snapshot: Attr::Known(snapshot), ..small() }, None);
        assert_eq!(desired(&components, "cache/secret")["name"], "shop-cache-01234567");
        let group = desired(&components, "cache/replication-group");
        assert_eq!(group["secret_arn"], json!({"$ref": ["cache/secret", "arn"]}));
        assert_eq!((&group["token"], &group["final_snapshot"]), (&json!(true), &json!(true)));
        assert_eq!(desired(&components, "cache/key")["keep"], true);
        assert_eq!(desired(&expanded(&small(), None), "cache/key")["keep"], false);
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
            (Cache { auth: Attr::Unknown, ..small() }, "cache.auth"),
            (Cache { access: Attr::Unknown, ..small() }, "cache.access"),
        ];
        for (config, attribute) in rows {
            let facts = Facts::default();
            let mut b = Builder::new("shop", "0123456789abcdef", "us-east-1", &facts, Tags::new());
            assert_eq!(expand(&config, None, &mut b), Err(NotYetKnown(attribute.to_owned())));
        }
    }
}
