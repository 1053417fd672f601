//! Prices that were looked up, on disk for a week: they seldom change, and the Price List API is slow.
//!
//! The cache is a convenience: whatever goes wrong with it, prices are looked up again.

use std::{
    collections::BTreeMap,
    env, fs,
    path::PathBuf,
    time::{SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

const WEEK: u64 = 7 * 24 * 60 * 60;

/// Prices by key; `None` = the list has none.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Cache {
    prices: BTreeMap<String, Entry>,
    #[serde(skip)]
    file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Entry {
    usd: Option<f64>,
    /// Seconds since 1970.
    at: u64,
}

impl Cache {
    /// What is stored for the endpoint: a simulator's prices must not be taken for AWS's.
    pub fn load(endpoint: Option<&str>) -> Self {
        let file = directory().map(|directory| directory.join(file_name(endpoint)));
        let stored = file.as_ref().and_then(|file| fs::read(file).ok());
        let cache: Self = stored.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        Self { file, ..cache }
    }

    /// A price that is not older than a week.
    pub fn get(&self, key: &str) -> Option<Option<f64>> {
        let oldest = now().saturating_sub(WEEK);
        self.prices.get(key).filter(|entry| entry.at >= oldest).map(|entry| entry.usd)
    }

    /// Remembers a price.
    pub fn put(&mut self, key: String, usd: Option<f64>) {
        self.prices.insert(key, Entry { usd, at: now() });
    }

    /// Stores it whole or not at all, since other runs read and write it at the same time.
    pub fn store(&self) {
        let Some(file) = &self.file else { return };
        let stored = file.parent().map(fs::create_dir_all).transpose().and_then(|_| {
            let draft = file.with_extension(format!("{}.tmp", std::process::id()));
            fs::write(&draft, serde_json::to_vec(self)?)?;
            fs::rename(draft, file)
        });
        if let Err(error) = stored {
            tracing::debug!(%error, "prices were not stored");
        }
    }
}

fn directory() -> Option<PathBuf> {
    let base = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let base = base.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache")));
    Some(base?.join("stellar"))
}

fn file_name(endpoint: Option<&str>) -> String {
    match endpoint {
        None => "prices.json".to_owned(),
        Some(url) => {
            let digest: String = Sha256::digest(url).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
            format!("prices-{digest}.json")
        }
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_holds_for_a_week_and_no_price_is_remembered_too() {
        let mut cache = Cache::default();
        cache.put("a".to_owned(), Some(0.1));
        cache.put("b".to_owned(), None);
        cache.prices.insert("old".to_owned(), Entry { usd: Some(1.0), at: now() - WEEK - 1 });
        let rows = [("a", Some(Some(0.1))), ("b", Some(None)), ("old", None), ("other", None)];
        for (key, expected) in rows {
            assert_eq!(cache.get(key), expected, "{key}");
        }
        assert_ne!(file_name(Some("http://127.0.0.1:1")), file_name(None));
    }
}
