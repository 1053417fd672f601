//! Sets of names in policies: which query strings, cookies or headers count.

use std::collections::BTreeSet;

/// Stands for every name.
pub const ALL: &str = "*";

/// How CloudFront calls the set: `none`, `all` for [`ALL`], or `whitelist`.
pub(super) fn mode<'a>(names: &BTreeSet<String>, all: &'a str) -> &'a str {
    match names.first().map(String::as_str) {
        None => "none",
        Some(ALL) => all,
        Some(_) => "whitelist",
    }
}

/// The names of a whitelist; `None` for none and all.
pub(super) fn listed(names: &BTreeSet<String>) -> Option<(i32, Vec<String>)> {
    let is_list = !names.is_empty() && !names.contains(ALL);
    is_list.then(|| (i32::try_from(names.len()).unwrap_or(i32::MAX), names.iter().cloned().collect()))
}

/// The set that CloudFront describes; a mode that we never set (`allExcept`) keeps its name, so that it differs.
pub(super) fn read(mode: &str, all: &str, listed: &[String]) -> BTreeSet<String> {
    match mode {
        "none" => BTreeSet::new(),
        "whitelist" => listed.iter().cloned().collect(),
        mode if mode == all => BTreeSet::from([ALL.to_owned()]),
        other => BTreeSet::from([format!("{other}({})", listed.join(","))]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_read_as_it_was_written() {
        let rows: [(&[&str], &str); 3] = [(&[], "none"), (&["*"], "all"), (&["a", "b"], "whitelist")];
        for (names, expected) in rows {
            let names: BTreeSet<String> = names.iter().map(|name| (*name).to_owned()).collect();
            let items = listed(&names).map(|(_, items)| items).unwrap_or_default();
            assert_eq!(mode(&names, "all"), expected);
            assert_eq!(read(mode(&names, "all"), "all", &items), names);
        }
        assert_ne!(read("allExcept", "all", &["a".to_owned()]), BTreeSet::from(["a".to_owned()]));
    }
}
