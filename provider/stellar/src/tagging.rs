//! Tags that the provider's configuration adds to every object, and those that it leaves to others.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin_sdk::Attr;

type Tags = BTreeMap<String, String>;

/// `default_tags` and `ignore_tags`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tagging {
    /// Tags of every object, unless a resource sets the same key.
    pub defaults: Attr<Tags>,
    /// Keys that are others' business.
    pub ignored_keys: BTreeSet<String>,
    /// Beginnings of such keys.
    pub ignored_prefixes: Vec<String>,
}

impl Tagging {
    /// All tags of a resource's objects: the defaults and its own, without those that are left to others. Unknown as
    /// long as one of them is.
    pub fn all(&self, own: &Attr<Tags>) -> Attr<Tags> {
        if self.defaults.is_unknown() || own.is_unknown() {
            return Attr::Unknown;
        }
        let mut all = self.defaults.known().cloned().unwrap_or_default();
        all.extend(own.known().cloned().unwrap_or_default());
        Attr::Known(self.ours(all))
    }

    /// The tags without those that are left to others: they are neither set nor changed nor removed.
    pub fn ours(&self, mut tags: Tags) -> Tags {
        tags.retain(|key, _| !self.ignores(key));
        tags
    }

    fn ignores(&self, key: &str) -> bool {
        self.ignored_keys.contains(key) || self.ignored_prefixes.iter().any(|prefix| key.starts_with(prefix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_resources_own_tags_win_and_ignored_ones_are_left_to_others() {
        let tagging = Tagging {
            defaults: tags(&[("team", "web"), ("owner", "ann")]).into(),
            ignored_keys: BTreeSet::from(["owner".to_owned()]),
            ignored_prefixes: vec!["cost:".to_owned()],
        };
        let rows = [
            (Attr::Null, Attr::Known(tags(&[("team", "web")]))),
            (tags(&[("team", "api"), ("cost:center", "1")]).into(), Attr::Known(tags(&[("team", "api")]))),
            (Attr::Unknown, Attr::Unknown),
        ];
        for (own, expected) in rows {
            assert_eq!(tagging.all(&own), expected, "{own:?}");
        }
        let unknown = Tagging { defaults: Attr::Unknown, ..tagging };
        assert_eq!(unknown.all(&Attr::Null), Attr::Unknown);
    }
}
