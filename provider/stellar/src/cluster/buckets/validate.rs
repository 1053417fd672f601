//! What can be said about buckets from the configuration alone.

use std::collections::BTreeSet;

use tfplugin_sdk::{Attr, Diagnostics, Path};

use super::{Bucket, Buckets, CorsRule, LifecycleRule, Transition};
use crate::cluster::check;

const CLASSES: [&str; 6] =
    ["STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"];

/// Least days of a version, current or not, before it may move there (S3 User Guide, "Transitioning objects using lifecycle").
const INFREQUENT_DAYS: i64 = 30;

const METHODS: [&str; 5] = ["GET", "PUT", "HEAD", "POST", "DELETE"];

/// S3 keeps these for itself (S3 User Guide, "General purpose bucket naming rules").
const RESERVED_STARTS: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];
const RESERVED_ENDS: [&str; 4] = ["-s3alias", "--ols-s3", "--x-s3", "--table-s3"];

/// Checks the section; `path` is that of the map.
pub fn validate(config: &Buckets, path: &Path, d: &mut Diagnostics) {
    let mut names = BTreeSet::new();
    for (key, bucket) in config {
        let path = path.key(key);
        check::key(key, &path, d);
        validate_name(bucket, &path.attr("name"), d);
        if let Attr::Known(name) = &bucket.name
            && !names.insert(name)
        {
            d.attribute_error(
                path.attr("name"),
                "Bucket name used twice",
                format!("Another bucket is named {name:?} too."),
            );
        }
        for (i, rule) in list(&bucket.lifecycle).iter().enumerate() {
            validate_rule(rule, &path.attr("lifecycle").index(i), d);
        }
        for (i, rule) in list(&bucket.cors).iter().enumerate() {
            validate_cors(rule, &path.attr("cors").index(i), d);
        }
    }
}

fn list<T>(attr: &Attr<Vec<T>>) -> &[T] {
    attr.known().map(Vec::as_slice).unwrap_or_default()
}

fn validate_name(bucket: &Bucket, path: &Path, d: &mut Diagnostics) {
    let Attr::Known(name) = &bucket.name else { return };
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let well_formed =
        (3..=63).contains(&name.len()) && name.chars().all(inner) && !name.starts_with('-') && !name.ends_with('-');
    let reserved = RESERVED_STARTS.iter().any(|start| name.starts_with(start))
        || RESERVED_ENDS.iter().any(|end| name.ends_with(end));
    if !well_formed {
        let detail = format!(
            "{name:?} must be 3 to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends. \
             Dots are not accepted: TLS certificates of S3 do not cover them."
        );
        d.attribute_error(path.clone(), "Invalid bucket name", detail);
    } else if reserved {
        d.attribute_error(path.clone(), "Invalid bucket name", format!("S3 reserves names such as {name:?}."));
    }
}

fn validate_rule(rule: &LifecycleRule, path: &Path, d: &mut Diagnostics) {
    let days = [
        ("expiration_days", &rule.expiration_days),
        ("noncurrent_expiration_days", &rule.noncurrent_expiration_days),
        ("abort_uploads_days", &rule.abort_uploads_days),
    ];
    for (field, value) in days {
        check_days(value, &path.attr(field), d);
    }
    let moves = [("transitions", &rule.transitions), ("noncurrent_transitions", &rule.noncurrent_transitions)];
    for (field, moves) in moves {
        for (i, transition) in list(moves).iter().enumerate() {
            validate_transition(transition, &path.attr(field).index(i), d);
        }
    }
    let idle = |moves: &Attr<Vec<Transition>>| !moves.is_unknown() && list(moves).is_empty();
    if days.iter().all(|(_, value)| value.is_null()) && moves.iter().all(|(_, moves)| idle(moves)) {
        d.attribute_error(
            path.clone(),
            "Lifecycle rule does nothing",
            "Give it at least one transition or expiration.",
        );
    }
    check_expires_last(&rule.transitions, &rule.expiration_days, &path.attr("expiration_days"), d);
    let last = path.attr("noncurrent_expiration_days");
    check_expires_last(&rule.noncurrent_transitions, &rule.noncurrent_expiration_days, &last, d);
}

fn check_days(days: &Attr<i64>, path: &Path, d: &mut Diagnostics) {
    if let Attr::Known(days) = days
        && !(1..=i64::from(i32::MAX)).contains(days)
    {
        d.attribute_error(path.clone(), "Invalid number of days", format!("{days} must be at least 1."));
    }
}

fn validate_transition(transition: &Transition, path: &Path, d: &mut Diagnostics) {
    check_days(&transition.days, &path.attr("days"), d);
    let Attr::Known(class) = &transition.storage_class else { return };
    if !CLASSES.contains(&class.as_str()) {
        let detail = format!("{class:?} must be one of {}.", CLASSES.join(", "));
        d.attribute_error(path.attr("storage_class"), "Unknown storage class", detail);
    }
    let infrequent = class.ends_with("_IA");
    if infrequent && transition.days.known().is_some_and(|days| (1..INFREQUENT_DAYS).contains(days)) {
        let detail = format!("S3 moves objects to {class} after {INFREQUENT_DAYS} days at the earliest.");
        d.attribute_error(path.attr("days"), "Transition too early", detail);
    }
}

fn check_expires_last(moves: &Attr<Vec<Transition>>, expiration: &Attr<i64>, path: &Path, d: &mut Diagnostics) {
    let last = list(moves).iter().filter_map(|transition| transition.days.known()).max();
    if let (Some(last), Attr::Known(expiration)) = (last, expiration)
        && expiration <= last
    {
        let detail = format!("Objects would be removed after {expiration} days, before they move after {last} days.");
        d.attribute_error(path.clone(), "Expiration before transition", detail);
    }
}

fn validate_cors(rule: &CorsRule, path: &Path, d: &mut Diagnostics) {
    for method in rule.allowed_methods.known().into_iter().flatten() {
        if !METHODS.contains(&method.as_str()) {
            let detail = format!("{method:?} must be one of {}.", METHODS.join(", "));
            d.attribute_error(path.attr("allowed_methods"), "Unknown method", detail);
        }
    }
    for origin in rule.allowed_origins.known().into_iter().flatten() {
        if origin.matches('*').count() > 1 {
            let detail = format!("{origin:?} may hold at most one `*`.");
            d.attribute_error(path.attr("allowed_origins"), "Invalid origin", detail);
        }
    }
    for (field, set) in [("allowed_methods", &rule.allowed_methods), ("allowed_origins", &rule.allowed_origins)] {
        if set.known().is_some_and(BTreeSet::is_empty) {
            d.attribute_error(path.attr(field), "Empty CORS rule", format!("{field} needs at least one element."));
        }
    }
    if rule.max_age_seconds.known().is_some_and(|age| !(0..=i64::from(i32::MAX)).contains(age)) {
        d.attribute_error(path.attr("max_age_seconds"), "Invalid age", "It must be 0 or more seconds.");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(key: &str, bucket: Bucket) -> Vec<(String, String)> {
        let mut d = Diagnostics::new();
        validate(&Buckets::from([(key.to_owned(), bucket)]), &Path::root().attr("buckets"), &mut d);
        d.iter().map(|d| (d.path.clone().unwrap_or_default().to_string(), d.summary.clone())).collect()
    }

    fn named(name: &str) -> Bucket {
        Bucket { name: name.into(), ..Bucket::default() }
    }

    fn ruled(rule: LifecycleRule) -> Bucket {
        Bucket { lifecycle: vec![rule].into(), ..Bucket::default() }
    }

    fn moved(days: i64, class: &str) -> LifecycleRule {
        let transition = Transition { days: days.into(), storage_class: class.into() };
        LifecycleRule { transitions: vec![transition].into(), ..LifecycleRule::default() }
    }

    fn cors(origins: &[&str], methods: &[&str]) -> Bucket {
        let set = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect::<BTreeSet<_>>().into();
        let rule = CorsRule { allowed_origins: set(origins), allowed_methods: set(methods), ..CorsRule::default() };
        Bucket { cors: vec![rule].into(), ..Bucket::default() }
    }

    #[test]
    fn problems_are_told_with_their_attribute() {
        let rule = r#"buckets["a"].lifecycle[0]"#;
        let cors_rule = r#"buckets["a"].cors[0]"#;
        let name = r#"buckets["a"].name"#;
        let rows = [
            ("A_b", Bucket::default(), r#"buckets["A_b"]"#.to_owned(), "Invalid name"),
            ("a", named("x"), name.to_owned(), "Invalid bucket name"),
            ("a", named("a.b.c"), name.to_owned(), "Invalid bucket name"),
            ("a", named("xn--abc"), name.to_owned(), "Invalid bucket name"),
            ("a", ruled(LifecycleRule::default()), rule.to_owned(), "Lifecycle rule does nothing"),
            ("a", ruled(moved(30, "COLD")), format!("{rule}.transitions[0].storage_class"), "Unknown storage class"),
            ("a", ruled(moved(0, "GLACIER")), format!("{rule}.transitions[0].days"), "Invalid number of days"),
            ("a", ruled(moved(7, "STANDARD_IA")), format!("{rule}.transitions[0].days"), "Transition too early"),
            (
                "a",
                ruled(LifecycleRule { expiration_days: 30.into(), ..moved(30, "GLACIER") }),
                format!("{rule}.expiration_days"),
                "Expiration before transition",
            ),
            ("a", cors(&["https://*.*"], &["GET"]), format!("{cors_rule}.allowed_origins"), "Invalid origin"),
            ("a", cors(&["*"], &["PATCH"]), format!("{cors_rule}.allowed_methods"), "Unknown method"),
            ("a", cors(&[], &["GET"]), format!("{cors_rule}.allowed_origins"), "Empty CORS rule"),
        ];
        for (key, bucket, path, summary) in rows {
            assert_eq!(problems(key, bucket), [(path, summary.to_owned())]);
        }
    }

    #[test]
    fn what_is_good_or_not_known_yet_passes() {
        let rows = [
            Bucket::default(),
            named("my-bucket-1"),
            Bucket { name: Attr::Unknown, lifecycle: Attr::Unknown, ..Bucket::default() },
            ruled(moved(30, "GLACIER")),
            ruled(LifecycleRule { transitions: Attr::Unknown, ..LifecycleRule::default() }),
            cors(&["https://*.example.com"], &["GET", "HEAD"]),
        ];
        for bucket in rows {
            assert_eq!(problems("images-2", bucket), []);
        }
    }

    #[test]
    fn two_buckets_cannot_have_one_name() {
        let mut d = Diagnostics::new();
        let config = ["a", "b"].map(|key| (key.to_owned(), named("same-name"))).into();
        validate(&config, &Path::root().attr("buckets"), &mut d);
        assert_eq!(d.iter().map(|d| d.summary.as_str()).collect::<Vec<_>>(), ["Bucket name used twice"]);
    }
}
