//! Changes that no cache can follow.

use tfplugin_sdk::{Diagnostics, Path};

use super::{Cache, engine::Engine, expand::TOKEN};

/// Refuses an older version and the way back from Valkey (ElastiCache User Guide, "Version management"), and taking the
/// token away, which AWS offers only to caches that change to users (API reference of ModifyReplicationGroup).
pub fn check_change(before: &Cache, after: &Cache, path: &Path, d: &mut Diagnostics) {
    let has_token = |cache: &Cache| cache.auth.known().is_some_and(|auth| auth == TOKEN);
    if has_token(before) && !has_token(after) && !after.auth.is_unknown() {
        let detail = "The cache asks its clients for a token, and ElastiCache does not take a token away again. Undo the \
                      change, or give the stack another cache by removing this one and allowing that in allow_replace.";
        d.attribute_error(path.attr("auth"), "A token stays", detail);
    }
    let (Ok(from), Ok(to)) = (Engine::of(before), Engine::of(after)) else { return };
    if from.name == "valkey" && to.name == "redis" {
        let detail = "A valkey cache does not become redis again. Undo the change, or give the stack another cache by \
                      removing this one and allowing that in allow_replace.";
        d.attribute_error(path.attr("engine"), "No way back to Redis OSS", detail);
    } else if from.name == to.name && number(&to.version) < number(&from.version) {
        let detail = format!(
            "The cache has version {}, and ElastiCache does not go back to {}. Set version = {:?} or a newer one.",
            from.version, to.version, from.version
        );
        d.attribute_error(path.attr("version"), "Older version", detail);
    }
}

/// Major and minor version; validation has refused others.
fn number(version: &str) -> Option<(u32, u32)> {
    let (major, minor) = version.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use tfplugin_sdk::Attr;

    use super::*;

    #[test]
    fn a_cache_only_goes_forward() {
        let cache = |engine: &str, version: Attr<String>| Cache { engine: engine.into(), version, ..Cache::default() };
        let with_auth = |auth: Attr<String>| Cache { auth, ..Cache::default() };
        let rows = [
            (cache("redis", "7.0".into()), cache("redis", "7.1".into()), ""),
            (cache("redis", "7.1".into()), cache("valkey", "7.2".into()), ""),
            (cache("valkey", "8.0".into()), cache("valkey", Attr::Null), ""),
            (cache("valkey", "8.0".into()), cache("valkey", Attr::Unknown), ""),
            (cache("valkey", "8.1".into()), cache("valkey", Attr::Null), "cache.version: Older version"),
            (cache("redis", "7.1".into()), cache("redis", "6.2".into()), "cache.version: Older version"),
            (cache("valkey", "7.2".into()), cache("redis", "7.1".into()), "cache.engine: No way back to Redis OSS"),
            (with_auth(Attr::Null), with_auth("token".into()), ""),
            (with_auth("token".into()), with_auth(Attr::Unknown), ""),
            (with_auth("token".into()), with_auth("none".into()), "cache.auth: A token stays"),
            (with_auth("token".into()), with_auth(Attr::Null), "cache.auth: A token stays"),
        ];
        for (before, after, expected) in rows {
            let mut d = Diagnostics::new();
            check_change(&before, &after, &Path::root().attr("cache"), &mut d);
            let told = d.iter().map(|d| format!("{}: {}", d.path.clone().unwrap_or_default(), d.summary));
            assert_eq!(told.collect::<Vec<_>>().join("; "), expected, "{before:?} {after:?}");
        }
    }
}
