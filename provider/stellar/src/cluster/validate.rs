//! Everything that the configuration alone decides, with the attribute's path.

use std::collections::BTreeMap;

use tfplugin_sdk::{Attr, Diagnostics, Path};

use super::{
    across,
    check::{is_key, one_of},
    model::Cluster,
    sections,
};
use crate::configuration::{is_region, not_a_region};

/// Checks a configuration; unknown values are skipped.
pub fn validate(config: &Cluster) -> Diagnostics {
    let mut d = Diagnostics::new();
    let root = Path::root();
    validate_place(config, &root, &mut d);
    choices(config, &root, &mut d);
    timeouts(config, &root, &mut d);
    roles(config, &root, &mut d);
    sections::validate(config, &root, &mut d);
    across::validate(config, &root, &mut d);
    d
}

/// Checks where a stack is found: name and region.
pub fn validate_place(config: &Cluster, root: &Path, d: &mut Diagnostics) {
    name(config, root, d);
    validate_region(&config.region, root, d);
}

/// Beginnings of names that a service keeps for itself: Elastic Load Balancing (API reference of CreateLoadBalancer),
/// EC2 (CreateSecurityGroup), S3 (User Guide, "General purpose bucket naming rules").
const RESERVED: [&str; 4] = ["internal-", "sg-", "sthree-", "amzn-s3-demo-"];

/// As a map key ([`is_key`]), but 3 to 28 characters and with no beginning that a service reserves: what every
/// service accepts as the beginning of a name.
pub fn is_name(text: &str) -> bool {
    // Names go on after the stack's with a hyphen.
    let begins = format!("{text}-");
    text.len() >= 3 && is_key(text) && !RESERVED.iter().any(|reserved| begins.starts_with(reserved))
}

fn name(config: &Cluster, root: &Path, d: &mut Diagnostics) {
    if let Attr::Known(name) = &config.name
        && !is_name(name)
    {
        d.attribute_error(
            root.attr("name"),
            "Invalid name",
            format!(
                "{name:?} cannot be a stack's name: 3 to 28 characters of a-z, 0-9 and single hyphens are allowed, beginning with a letter, \
                 not ending with a hyphen, and not one of the beginnings that AWS reserves: {}.",
                RESERVED.join(", ")
            ),
        );
    }
}

/// Checks the form of a region's name.
pub fn validate_region(region: &Attr<String>, root: &Path, d: &mut Diagnostics) {
    if let Attr::Known(region) = region
        && !is_region(region)
    {
        d.attribute_error(root.attr("region"), "Invalid region", not_a_region(region));
    }
}

fn choices(config: &Cluster, root: &Path, d: &mut Diagnostics) {
    if let Attr::Known(mode) = &config.on_create_error
        && !["taint", "keep"].contains(&mode.as_str())
    {
        d.attribute_error(
            root.attr("on_create_error"),
            "Invalid value",
            format!("{mode:?} is neither \"taint\" nor \"keep\"."),
        );
    }
    one_of(&config.cost_estimate, &["on", "off"], &root.attr("cost_estimate"), d);
    one_of(&config.preflight, &["on", "off"], &root.attr("preflight"), d);
    for (section, _) in config.kms_key_arns.known().into_iter().flatten() {
        if !["kubernetes", "database", "cache", "buckets"].contains(&section.as_str()) {
            let message = format!(
                "There is no section {section:?} with a key; these have one: kubernetes, database, cache, buckets."
            );
            d.attribute_error(root.attr("kms_key_arns").key(section), "Unknown section", message);
        }
    }
    check_tags(config.tags.known(), &root.attr("tags"), d);
}

/// AWS allows 50 tags for each object; AWS's services, Kubernetes and this provider add some of their own.
const MOST_TAGS: usize = 40;

/// Checks tags that somebody writes.
///
/// Source: Tagging AWS Resources User Guide, "Tag naming limits and requirements".
pub(crate) fn check_tags(tags: Option<&BTreeMap<String, String>>, path: &Path, d: &mut Diagnostics) {
    let allowed = |text: &str| text.chars().all(|c| c.is_alphanumeric() || " +-=._:/@".contains(c));
    if let Some(tags) = tags.filter(|tags| tags.len() > MOST_TAGS) {
        let detail =
            format!("{} tags are too many; {MOST_TAGS} fit beside those of AWS and of this provider.", tags.len());
        d.attribute_error(path.clone(), "Too many tags", detail);
    }
    for (key, value) in tags.into_iter().flatten() {
        let path = path.key(key);
        let lower = key.to_lowercase();
        if lower.starts_with("aws:") || lower.starts_with("stellar:") {
            let detail =
                format!("Tags that begin with \"aws:\" or \"stellar:\" are set by AWS and by this provider: {key:?}.");
            d.attribute_error(path, "Reserved tag", detail);
        } else if key.is_empty() || key.len() > 128 || value.len() > 256 || !allowed(key) || !allowed(value) {
            let detail = "Keys of 1 to 128 and values of up to 256 characters are accepted: letters, digits, spaces and +-=._:/@";
            d.attribute_error(path, "Invalid tag", detail);
        }
    }
}

/// Source: IAM API reference, CreateRole.
fn roles(config: &Cluster, root: &Path, d: &mut Diagnostics) {
    let Attr::Known(iam) = &config.iam else { return };
    let root = root.attr("iam");
    let is_path = |path: &str| {
        path.len() <= 512 && path.starts_with('/') && path.ends_with('/') && path.chars().all(|c| c.is_ascii_graphic())
    };
    if let Some(path) = iam.path.known().filter(|path| !is_path(path)) {
        let detail = format!("{path:?} must be \"/\", or begin and end with it as \"/platform/\", without spaces.");
        d.attribute_error(root.attr("path"), "Invalid path", detail);
    }
    let is_policy = |arn: &str| {
        let fields: Vec<&str> = arn.splitn(6, ':').collect();
        matches!(fields[..], ["arn", _, "iam", "", _, resource] if resource.starts_with("policy/"))
    };
    if let Some(arn) = iam.permissions_boundary.known().filter(|arn| !is_policy(arn)) {
        let detail = format!("{arn:?} is not the ARN of an IAM policy.");
        d.attribute_error(root.attr("permissions_boundary"), "Invalid policy", detail);
    }
}

fn timeouts(config: &Cluster, root: &Path, d: &mut Diagnostics) {
    let Attr::Known(timeouts) = &config.timeouts else { return };
    for (name, value) in [("create", &timeouts.create), ("update", &timeouts.update), ("delete", &timeouts.delete)] {
        if let Attr::Known(text) = value
            && let Err(error) = humantime::parse_duration(text)
        {
            d.attribute_error(
                root.attr("timeouts").attr(name),
                "Invalid duration",
                format!("{text:?}: {error}. Write it as \"90m\"."),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use tfplugin_sdk::Diagnostic;

    use super::*;
    use crate::cluster::model::{Iam, Timeouts};

    #[test]
    fn names_are_what_every_service_accepts() {
        for good in ["abc", "stellar-prod", "a1-b2-c3", "abcdefghijklmnopqrstuvwxyz01"] {
            assert!(is_name(good), "{good}");
        }
        for bad in [
            "",
            "ab",
            "Abc",
            "1abc",
            "a--b",
            "abc-",
            "-abc",
            "a_b",
            "internal-x",
            "internal",
            "sg-web",
            "sthree",
            "abcdefghijklmnopqrstuvwxyz012",
        ] {
            assert!(!is_name(bad), "{bad}");
        }
    }

    fn tagged(key: &str, value: &str) -> Cluster {
        Cluster { tags: BTreeMap::from([(key.to_owned(), value.to_owned())]).into(), ..Cluster::default() }
    }

    fn with_iam(path: &str, boundary: &str) -> Cluster {
        Cluster { iam: Iam { path: path.into(), permissions_boundary: boundary.into() }.into(), ..Cluster::default() }
    }

    #[test]
    fn errors_carry_the_attribute() {
        let policy = "arn:aws:iam::123456789012:policy/team/boundary";
        let many: BTreeMap<String, String> = (0..41).map(|n| (format!("t{n}"), String::new())).collect();
        let keys = BTreeMap::from([("network".to_owned(), "arn:aws:kms:eu-west-1:1:key/k".to_owned())]);
        let timeouts = Timeouts { create: "90".into(), ..Timeouts::default() };
        let rows: Vec<(Cluster, &[&str])> = vec![
            (Cluster { name: "Bad".into(), ..Cluster::default() }, &["name: Invalid name"]),
            (Cluster { region: "Ohio".into(), ..Cluster::default() }, &["region: Invalid region"]),
            (Cluster { preflight: "no".into(), ..Cluster::default() }, &["preflight: Invalid value"]),
            (Cluster { on_create_error: "x".into(), ..Cluster::default() }, &["on_create_error: Invalid value"]),
            (
                Cluster { kms_key_arns: keys.into(), ..Cluster::default() },
                &["kms_key_arns[\"network\"]: Unknown section"],
            ),
            (Cluster { timeouts: timeouts.into(), ..Cluster::default() }, &["timeouts.create: Invalid duration"]),
            (Cluster { tags: many.into(), ..Cluster::default() }, &["tags: Too many tags"]),
            (tagged("team", "größe: 1/2"), &[]),
            (tagged("AWS:x", ""), &["tags[\"AWS:x\"]: Reserved tag"]),
            (tagged("stellar:x", ""), &["tags[\"stellar:x\"]: Reserved tag"]),
            (tagged("team", "a;b"), &["tags[\"team\"]: Invalid tag"]),
            (with_iam("/", policy), &[]),
            (with_iam("/platform/", "arn:aws:iam::aws:policy/AdministratorAccess"), &[]),
            (with_iam("platform", policy), &["iam.path: Invalid path"]),
            (with_iam("/a b/", policy), &["iam.path: Invalid path"]),
            (with_iam("/", "arn:aws:iam::1:role/x"), &["iam.permissions_boundary: Invalid policy"]),
        ];
        for (config, expected) in rows {
            let line = |d: &Diagnostic| format!("{}: {}", d.path.clone().unwrap_or_default(), d.summary);
            assert_eq!(validate(&config).iter().map(line).collect::<Vec<_>>(), expected, "{config:?}");
        }
    }
}
