//! No call without a right, no right for more than the stack.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::*;

/// Operations that are called otherwise in IAM. Source: Service Authorization Reference.
const RENAMED: [(&str, &str); 18] = [
    ("cloudfront:CreateDistributionWithTags", "cloudfront:CreateDistribution"),
    ("s3:DeleteBucketCors", "s3:PutBucketCORS"),
    ("s3:DeleteBucketLifecycle", "s3:PutLifecycleConfiguration"),
    ("s3:DeleteObjects", "s3:DeleteObject"),
    ("s3:GetBucketCors", "s3:GetBucketCORS"),
    ("s3:GetBucketEncryption", "s3:GetEncryptionConfiguration"),
    ("s3:GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration"),
    ("s3:GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"),
    ("s3:ListMultipartUploads", "s3:ListBucketMultipartUploads"),
    ("s3:ListObjectVersions", "s3:ListBucketVersions"),
    ("s3:PutBucketCors", "s3:PutBucketCORS"),
    ("s3:PutBucketEncryption", "s3:PutEncryptionConfiguration"),
    ("s3:PutBucketLifecycleConfiguration", "s3:PutLifecycleConfiguration"),
    ("s3:PutPublicAccessBlock", "s3:PutBucketPublicAccessBlock"),
    // Not calls of ours: examples in comments, and what policies of ours allow to others.
    ("ec2:X", ""),
    ("kms:Encrypt", ""),
    ("s3:GetObject", ""),
    ("s3:Operation", ""),
];
/// No policy is asked for them.
const FREE: [&str; 4] = ["aws:", "sts:", "iam:Passed", "kms:Grant"];

fn stack() -> Stack {
    Stack {
        partition: "aws".to_owned(),
        account: "123456789012".to_owned(),
        region: "us-east-1".to_owned(),
        name: "shop".to_owned(),
        iam_path: String::new(),
    }
}

fn of(rights: Rights) -> Policy {
    policy(&stack(), &[], rights).expect("every kind states what it needs")
}

fn actions(policy: &Policy) -> BTreeSet<&str> {
    policy.statements.values().flat_map(|statement| &statement.actions).map(String::as_str).collect()
}

/// Every `"service:Operation"` in the crate's sources, with the file.
fn called() -> BTreeMap<String, PathBuf> {
    fn walk(directory: &Path, found: &mut BTreeMap<String, PathBuf>) {
        for entry in fs::read_dir(directory).expect("sources").flatten() {
            let path = entry.path();
            if path.is_dir() && path.file_name().is_some_and(|name| name != "access") {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
                let text = fs::read_to_string(&path).expect("text");
                let text = text.split("#[cfg(test)]").next().unwrap_or_default();
                // What stands in NEEDS is no call.
                let text = text.split("const NEEDS: Needs").enumerate().map(|(at, part)| match at {
                    0 => part,
                    _ => part.split_once("\n};").map_or("", |(_, rest)| rest),
                });
                for part in text.flat_map(|part| part.split('"')).filter(|part| is_operation(part)) {
                    found.insert(part.to_owned(), path.clone());
                }
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found
}

fn is_operation(text: &str) -> bool {
    let Some((service, operation)) = text.split_once(':') else { return false };
    let is_service = !service.is_empty() && service.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    is_service
        && operation.starts_with(|first: char| first.is_ascii_uppercase())
        && operation.bytes().all(|b| b.is_ascii_alphanumeric())
}

#[test]
fn every_kind_states_what_it_needs() {
    let needs = needs();
    for name in crate::kinds(&crate::Aws::offline()).into_keys() {
        let Some(needs) = needs.get(name) else { panic!("{name}: state NEEDS in its file, and list it in needs()") };
        for (verb, actions) in [("read", needs.read), ("create", needs.create), ("delete", needs.delete)] {
            assert!(!actions.is_empty(), "{name} needs nothing to {verb}?");
        }
    }
}

#[test]
fn every_call_is_allowed() {
    let all = of(Rights::All);
    let allowed = actions(&all);
    let calls = called();
    assert!(calls.len() > 150, "only {} calls were found", calls.len());
    for (call, file) in calls {
        let renamed = RENAMED.iter().find(|(operation, _)| *operation == call);
        let action = renamed.map_or(call.as_str(), |(_, action)| action);
        let is_free = action.is_empty() || FREE.iter().any(|beginning| action.starts_with(beginning));
        assert!(is_free || allowed.contains(action), "{call} ({}) is in no kind's NEEDS", file.display());
    }
}

#[test]
fn less_is_allowed_for_less() {
    let all = of(Rights::All);
    for (name, rights) in Rights::NAMES {
        let some = of(rights);
        assert!(actions(&some).is_subset(&actions(&all)), "{name}");
    }
    let writes = |action: &&str| {
        let verb = action.split_once(':').map_or("", |(_, verb)| verb);
        !["Describe", "Get", "List"].iter().any(|beginning| verb.starts_with(beginning))
    };
    let reading = of(Rights::ReadOnly);
    assert_eq!(actions(&reading).into_iter().filter(writes).collect::<Vec<_>>(), ["logs:CreateLogStream"]);
    let mark = &reading.statements["ClaimMark"];
    assert!(mark.resources.iter().all(|stream| stream.ends_with(":/stellar/shop:log-stream:phase/*/ready")));
    let rows = [
        (Rights::Create, "ec2:CreateVpc", true),
        (Rights::Create, "ec2:DeleteVpc", false),
        (Rights::Create, "logs:DeleteLogGroup", false),
        (Rights::Update, "eks:DeleteNodegroup", true),
        (Rights::Update, "rds:DeleteDBCluster", false),
        (Rights::Update, "s3:DeleteBucket", false),
        (Rights::Destroy, "rds:DeleteDBInstance", true),
        (Rights::Destroy, "ec2:CreateVpc", false),
        (Rights::Destroy, "iam:PassRole", false),
    ];
    for (rights, action, expected) in rows {
        assert_eq!(actions(&of(rights)).contains(action), expected, "{rights:?} {action}");
    }
}

#[test]
fn documents_fit_and_say_the_same_as_the_whole() {
    let all = of(Rights::All);
    let documents = all.documents();
    assert!(documents.len() > 1, "nothing was split");
    let mut found = BTreeSet::new();
    for document in &documents {
        assert!(document.len() <= LIMIT, "{} characters", document.len());
        let document: Value = serde_json::from_str(document).expect("JSON");
        for statement in document["Statement"].as_array().expect("statements") {
            let actions = &statement["Action"];
            let many = actions.as_array().cloned().unwrap_or_else(|| vec![actions.clone()]);
            found.extend(many.iter().filter_map(Value::as_str).map(str::to_owned));
        }
    }
    assert_eq!(found.iter().map(String::as_str).collect::<BTreeSet<_>>(), actions(&all));
}

/// What is not about the stack alone is listed here, with the reason in [`place`].
#[test]
fn writes_are_bound_to_the_stack() {
    let unbound =
        ["KeyGrants", "KeyUse", "NetworkClose", "Nodes", "NetworkNewTags", "DatabasesRestored", "EndpointNames"];
    for (sid, statement) in &of(Rights::All).statements {
        let names_it = |text: &String| text.contains("shop") || text.contains(":default") || text.contains(":key/");
        let by_name =
            statement.resources.iter().all(names_it) && statement.resources.iter().any(|r| r.contains("shop"));
        let conditions = statement.conditions.values().flatten();
        let by_condition = conditions.clone().any(|value| value == "shop")
            || statement.conditions.keys().any(|(_, key)| key.contains("/shop") || key == "iam:AWSServiceName");
        let only_reads = statement.actions.iter().all(|action| {
            let verb = action.split_once(':').map_or("", |(_, verb)| verb);
            ["Describe", "Get", "List"].iter().any(|beginning| verb.starts_with(beginning))
                || action.starts_with("cloudfront:")
                || action == "kms:EnableKeyRotation"
        });
        assert!(by_name || by_condition || only_reads || unbound.contains(sid), "{sid}: {statement:#?}");
    }
}

/// Service → what ARNs of its types look like, and which types each action takes; a type with `*` is required.
fn reference() -> Value {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/lab/lab/access/reference.json");
    serde_json::from_str(&fs::read_to_string(file).expect("the lab's Service Authorization Reference")).expect("JSON")
}

/// True when an ARN with wildcards and a type's pattern can mean the same resource: one begins as the other does.
fn meet(resource: &str, pattern: &str) -> bool {
    let rest = |arn: &str| arn.splitn(6, ':').nth(5).unwrap_or_default().to_owned();
    let (resource, pattern) = (rest(resource), rest(pattern));
    let fixed = resource.split('*').next().unwrap_or_default();
    let typed = pattern.split("${").next().unwrap_or_default();
    fixed.starts_with(typed) || typed.starts_with(fixed)
}

#[test]
fn iam_knows_every_action_with_a_resource_of_its_types() {
    let reference = reference();
    for (name, rights) in Rights::NAMES {
        let policy = of(rights);
        for action in actions(&policy) {
            let (service, verb) = action.split_once(':').expect("service:Action");
            let types = reference[service]["actions"][verb].as_str();
            let types = types.unwrap_or_else(|| panic!("{name}: IAM knows no action {action}"));
            let resources: BTreeSet<&String> = policy
                .statements
                .values()
                .filter(|statement| statement.actions.contains(action))
                .flat_map(|statement| &statement.resources)
                .collect();
            let everywhere = resources.iter().any(|resource| *resource == "*");
            assert!(!types.is_empty() || everywhere, "{name}: {action} takes no resource, but has {resources:?}");
            for required in types.split(' ').filter_map(|of_type| of_type.strip_suffix('*')) {
                let pattern = reference[service]["arns"][required].as_str().expect("the type's ARN");
                let reached = everywhere || resources.iter().any(|resource| meet(resource, pattern));
                assert!(reached, "{name}: {action} needs a {required}, but has {resources:?}");
            }
        }
    }
}

#[test]
fn a_role_with_a_path_is_also_looked_for_without() {
    let place = Stack { iam_path: "/platform/".to_owned(), ..stack() };
    let all = policy(&place, &[], Rights::All).expect("every kind states what it needs");
    let resources = |sid: &str| all.statements[sid].resources.iter().map(String::as_str).collect::<Vec<_>>();
    let (with, without) = ("arn:aws:iam::123456789012:role/platform/shop-*", "arn:aws:iam::123456789012:role/shop-*");
    assert_eq!(resources("Roles"), [with, without]);
    assert_eq!(resources("PassRoles"), [with]);
}

#[test]
fn roles_are_passed_to_ec2_under_its_name_in_the_partition() {
    for (partition, expected) in [("aws", "ec2.amazonaws.com"), ("aws-cn", "ec2.amazonaws.com.cn")] {
        let place = Stack { partition: partition.to_owned(), ..stack() };
        let all = policy(&place, &[], Rights::All).expect("every kind states what it needs");
        let mut services = all.statements["PassRoles"].conditions.values().flatten();
        let ec2: Vec<&String> = services.by_ref().filter(|service| service.starts_with("ec2.")).collect();
        assert_eq!(ec2, [expected], "{partition}");
    }
}
