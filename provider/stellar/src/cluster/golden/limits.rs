//! Every derived name fits the service, also for the longest stack name and the longest map keys.

use std::collections::{BTreeMap, BTreeSet};

use regex_lite::Regex;
use serde_json::{Value, json};

use super::{CLAIM, derived_name, graph, profile};

/// Kind, most characters, pattern; from the API reference of the call that creates the object.
const LIMITS: [(&str, usize, &str); 19] = [
    // CloudFront API, CachePolicyConfig.
    ("cloudfront/cache-policy", 128, r"^[A-Za-z0-9_-]+$"),
    // CloudFront API, OriginAccessControlConfig.
    ("cloudfront/origin-access-control", 64, r"^[A-Za-z0-9_-]+$"),
    // EC2 API, CreateLaunchTemplate.
    ("ec2/launch-template", 128, r"^[A-Za-z0-9().\-/_]{3,}$"),
    // EC2 API, CreateSecurityGroup: also not `sg-…`, which the rule of stack names sees to.
    ("ec2/security-group", 255, r"^[A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]+$"),
    // EKS API, CreateCluster.
    ("eks/cluster", 100, r"^[0-9A-Za-z][A-Za-z0-9_-]*$"),
    // EKS API, CreateNodegroup.
    ("eks/node-group", 63, r"^[0-9A-Za-z][A-Za-z0-9_-]*$"),
    // ElastiCache API, CreateCacheParameterGroup; the rule is that of RDS.
    ("elasticache/parameter-group", 255, r"^[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$"),
    // ElastiCache API, CreateReplicationGroup.
    ("elasticache/replication-group", 40, r"^[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$"),
    // ElastiCache API, CreateCacheSubnetGroup.
    ("elasticache/subnet-group", 255, r"^[A-Za-z0-9-]+$"),
    // IAM API, CreateRole.
    ("iam/role", 64, r"^[\w+=,.@-]+$"),
    // KMS API, CreateAlias: 256 with the `alias/` that the kind puts before it; `aws/…` is reserved.
    ("kms/key", 250, r"^stellar/[A-Za-z0-9/_-]+$"),
    // CloudWatch Logs API, CreateLogGroup.
    ("logs/log-group", 512, r"^[.\-_/#A-Za-z0-9]+$"),
    // RDS API, CreateDBCluster.
    ("rds/cluster", 63, r"^[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$"),
    // RDS API, CreateDBInstance.
    ("rds/cluster-instance", 63, r"^[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$"),
    // RDS API, CreateDBClusterParameterGroup.
    ("rds/cluster-parameter-group", 255, r"^[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$"),
    // RDS API, CreateDBInstance.
    ("rds/instance", 63, r"^[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$"),
    // RDS API, CreateDBParameterGroup.
    ("rds/parameter-group", 255, r"^[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$"),
    // RDS API, CreateDBSubnetGroup.
    ("rds/subnet-group", 255, r"^[A-Za-z][A-Za-z0-9 ._-]*$"),
    // S3 User Guide, "General purpose bucket naming rules".
    ("s3/bucket", 63, r"^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$"),
];

/// Secrets Manager API, CreateSecret: a hyphen and 6 characters at the end would confuse searches by ARN.
const SECRET: (&str, usize, &str) = ("secretsmanager/secret", 512, r"^[A-Za-z0-9/_+=.@-]+-[0-9a-f]{8}$");

/// Value of a tag (Tagging AWS Resources User Guide, "Tag naming limits and requirements").
const TAG_VALUE: (usize, &str) = (256, r"^[A-Za-z0-9 _.:/=+@-]+$");

const LONGEST_STACK: &str = "abcdefghij-abcdefghij-abcdef";
const KEYS: [&str; 2] = ["klmnopqrst-klmnopqrst-klmnox", "klmnopqrst-klmnopqrst-klmnoy"];

/// The entry of the map, once for each of the longest keys.
fn twice(map: &Value) -> Value {
    let entry = map.as_object().and_then(|map| map.values().next()).expect("an entry");
    KEYS.iter().map(|key| ((*key).to_owned(), entry.clone())).collect()
}

/// The complete profile, with everything as long and as often as validation lets it be.
fn longest() -> Value {
    let mut config = profile("complete");
    config["name"] = LONGEST_STACK.into();
    config["database"]["replicas"]["count"] = 15.into();
    config["cache"] = json!({"engine": "redis", "version": "6.2", "node_type": "cache.r6g.xlarge"});
    config["kubernetes"]["node_pools"] = twice(&config["kubernetes"]["node_pools"]);
    let identities = twice(&config["kubernetes"]["pod_identities"]);
    config["kubernetes"]["pod_identities"] = identities;
    for (number, key) in KEYS.iter().enumerate() {
        config["kubernetes"]["pod_identities"][key]["service_account"] = format!("account-{number}").into();
    }
    config["buckets"] = twice(&config["buckets"]);
    let path = |last: &str| json!({"path": format!("/{}{last}/*", "p".repeat(250)), "bucket": KEYS[0], "ttl": {}});
    config["cdn"] = json!({"default_origin": {"bucket": KEYS[1]}, "behaviors": [path("x"), path("y")]});
    config
}

/// The same with Aurora in place of RDS.
fn on_aurora(mut config: Value) -> Value {
    let replicas = config["database"]["replicas"]["count"].clone();
    config["database"] = json!({
        "engine": "aurora-postgresql",
        "instance_class": "db.r6g.large",
        "replicas": {"count": replicas},
    });
    config
}

#[test]
fn every_derived_name_fits_its_service_and_is_the_only_one() {
    let rules: BTreeMap<&str, (usize, Regex)> = LIMITS
        .into_iter()
        .chain([SECRET])
        .map(|(kind, limit, pattern)| (kind, (limit, Regex::new(pattern).expect(pattern))))
        .collect();
    let mut seen = BTreeSet::new();
    for config in [longest(), on_aurora(longest())] {
        let mut names = BTreeSet::new();
        for component in graph(&config, CLAIM).iter() {
            let Some(name) = derived_name(component) else { continue };
            let kind = component.kind;
            let (limit, pattern) = rules.get(kind).unwrap_or_else(|| panic!("{kind} has no row in the table"));
            assert!(name.len() <= *limit, "{kind} {name}: {} characters, {limit} are allowed", name.len());
            assert!(pattern.is_match(name), "{kind} {name}: does not match {pattern}");
            assert!(names.insert((kind, name.to_owned())), "{kind} {name}: twice");
            seen.insert(kind);
        }
    }
    assert_eq!(seen, rules.keys().copied().collect(), "kinds with a row, kinds with a name");
}

#[test]
fn the_name_tag_fits() {
    let pattern = Regex::new(TAG_VALUE.1).expect("a pattern");
    for component in graph(&longest(), CLAIM).iter() {
        let name = &component.tags["Name"];
        assert!(name.len() <= TAG_VALUE.0 && pattern.is_match(name), "{name}");
    }
}

#[test]
fn stacks_whose_names_run_into_one_another_share_no_name() {
    let stack = |name: &str, key: &str| {
        let mut config = profile("complete");
        let renamed = |map: &Value| twice(map)[KEYS[0]].clone();
        config["name"] = name.into();
        let pools = json!({ key: renamed(&config["kubernetes"]["node_pools"]) });
        config["kubernetes"]["node_pools"] = pools;
        config["buckets"] = json!({ key: renamed(&config["buckets"]) });
        config["cdn"] = json!({"default_origin": {"bucket": key}});
        config
    };
    let names = |config: &Value, claim: &str| -> BTreeSet<(&str, String)> {
        // The names of node groups count within their cluster.
        let graph = graph(config, claim);
        let named = graph.iter().filter(|c| c.kind != "eks/node-group");
        named.filter_map(|c| Some((c.kind, derived_name(c)?.to_owned()))).collect()
    };
    for ((one, key), (other, other_key)) in [
        (("shop", "eu-api"), ("shop-eu", "api")),
        (("shop", "database"), ("shop-database", "database")),
        (("shop", "cache"), ("shop-cache", "cache")),
    ] {
        let one = names(&stack(one, key), CLAIM);
        let other = names(&stack(other, other_key), "fedcba9876543210fedcba9876543210");
        assert_eq!(one.intersection(&other).next(), None);
    }
}
