//! The engines and their parameter group families.

use super::Cache;
use crate::cluster::known::{NotYetKnown, known};

/// An engine and its version, as configured or by default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Engine {
    /// `valkey` or `redis`.
    pub name: String,
    /// Major and minor: `8.0`.
    pub version: String,
}

impl Engine {
    pub(super) fn of(config: &Cache) -> Result<Self, NotYetKnown> {
        let name = known(&config.engine, "cache.engine")?.map_or("valkey", String::as_str).to_owned();
        let newest = if name == "redis" { "7.1" } else { "8.0" };
        let version = known(&config.version, "cache.version")?.map_or(newest, String::as_str).to_owned();
        Ok(Self { name, version })
    }

    /// The parameter group family: `valkey8`, `redis7`, `redis6.x`; `None` for a version that is none.
    pub(super) fn family(&self) -> Option<String> {
        let (major, minor) = self.version.split_once('.')?;
        let is_number = |part: &str| !part.is_empty() && part.len() < 3 && part.bytes().all(|b| b.is_ascii_digit());
        if !is_number(major) || !is_number(minor) {
            return None;
        }
        match (self.name.as_str(), major) {
            ("redis", "6") => Some("redis6.x".to_owned()),
            ("redis", "7") => Some("redis7".to_owned()),
            // Valkey began with 7.2, where Redis left off.
            ("valkey", _) if major.parse().is_ok_and(|major: u32| major >= 7) => Some(format!("valkey{major}")),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_has_its_family() {
        let rows = [
            ("valkey", "8.0", Some("valkey8")),
            ("valkey", "7.2", Some("valkey7")),
            ("redis", "7.1", Some("redis7")),
            ("redis", "6.2", Some("redis6.x")),
            ("redis", "8.0", None),
            ("redis", "5.0", None),
            ("valkey", "6.0", None),
            ("valkey", "8", None),
            ("valkey", "8.x", None),
            ("memcached", "1.6", None),
        ];
        for (name, version, family) in rows {
            let engine = Engine { name: name.to_owned(), version: version.to_owned() };
            assert_eq!(engine.family().as_deref(), family, "{engine:?}");
        }
    }
}
