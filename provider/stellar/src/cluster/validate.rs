//! Everything that the configuration alone decides, with the attribute's path.

use tfplugin_sdk::{Attr, Diagnostics, Path};

use super::{model::Cluster, sections};

/// Checks a configuration; unknown values are skipped.
pub fn validate(config: &Cluster) -> Diagnostics {
    let mut d = Diagnostics::new();
    let root = Path::root();
    name(config, &root, &mut d);
    choices(config, &root, &mut d);
    timeouts(config, &root, &mut d);
    sections::validate(config, &root, &mut d);
    d
}

/// `[a-z][a-z0-9]*(-[a-z0-9]+)*`, 3 to 28 characters, not `internal-…`: what every service accepts as the beginning of a name.
pub fn is_name(text: &str) -> bool {
    let lower = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    (3..=28).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.split('-').all(|part| !part.is_empty() && part.chars().all(lower))
        && !text.starts_with("internal-")
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
                 not ending with a hyphen, and not beginning with \"internal-\"."
            ),
        );
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
    for (section, _) in config.kms_key_arns.known().into_iter().flatten() {
        if !["kubernetes", "database", "cache", "buckets"].contains(&section.as_str()) {
            let message = format!(
                "There is no section {section:?} with a key; these have one: kubernetes, database, cache, buckets."
            );
            d.attribute_error(root.attr("kms_key_arns").key(section), "Unknown section", message);
        }
    }
    for (key, _) in config.tags.known().into_iter().flatten() {
        if key.starts_with("aws:") || key.starts_with("stellar:") {
            let message =
                format!("Tags that begin with \"aws:\" or \"stellar:\" are set by AWS and by this provider: {key:?}.");
            d.attribute_error(root.attr("tags").key(key), "Reserved tag", message);
        }
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
    use super::*;

    #[test]
    fn names_are_what_every_service_accepts() {
        for good in ["abc", "stellar-prod", "a1-b2-c3", "abcdefghijklmnopqrstuvwxyz01"] {
            assert!(is_name(good), "{good}");
        }
        for bad in
            ["", "ab", "Abc", "1abc", "a--b", "abc-", "-abc", "a_b", "internal-x", "abcdefghijklmnopqrstuvwxyz012"]
        {
            assert!(!is_name(bad), "{bad}");
        }
    }

    #[test]
    fn errors_carry_the_attribute() {
        let known = |text: &str| Attr::Known(text.to_owned());
        let rows = [
            (Cluster { name: known("Bad"), ..Cluster::default() }, "name"),
            (Cluster { on_create_error: known("x"), ..Cluster::default() }, "on_create_error"),
            (
                Cluster { tags: Attr::Known([("aws:x".to_owned(), String::new())].into()), ..Cluster::default() },
                "tags[\"aws:x\"]",
            ),
        ];
        for (config, path) in rows {
            let found = validate(&config);
            let paths: Vec<String> = found.iter().filter_map(|d| d.path.as_ref()).map(ToString::to_string).collect();
            assert_eq!(paths, [path]);
        }
    }
}
