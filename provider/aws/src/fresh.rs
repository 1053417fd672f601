//! Credentials that are renewed while an apply runs: before they expire, and as soon as somebody has written new ones.
//!
//! The SDK's own cache keeps credentials without an expiry for a quarter of an hour, and reads shared files once: an apply of
//! an hour would go on with keys that `aws sso login` or a company's tool has long replaced in `~/.aws/credentials`.

use std::{
    env, fmt, fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use aws_credential_types::{
    Credentials,
    provider::{self, ProvideCredentials, SharedCredentialsProvider, error::CredentialsError, future},
};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use tokio::sync::Mutex;

use crate::{client::loader, settings::Settings};

/// Credentials are replaced so long before they expire, since a request is on its way for a while.
const EARLY: Duration = Duration::from_secs(10);

/// What the settings, the environment and the shared files give; read again when one of the files has changed.
pub(crate) fn base(settings: Settings, client: SharedHttpClient) -> SharedCredentialsProvider {
    let files = files(&settings);
    SharedCredentialsProvider::new(Fresh {
        source: Source::Chain(Box::new(settings), client),
        files,
        held: Mutex::default(),
    })
}

/// What a provider gives, asked again before it expires.
pub(crate) fn held(provider: impl ProvideCredentials + 'static) -> SharedCredentialsProvider {
    let source = Source::Given(SharedCredentialsProvider::new(provider));
    SharedCredentialsProvider::new(Fresh { source, files: Vec::new(), held: Mutex::default() })
}

/// Where credentials come from.
enum Source {
    /// Built anew from the settings.
    Chain(Box<Settings>, SharedHttpClient),
    /// Ready made.
    Given(SharedCredentialsProvider),
}

/// When each file was written, and its length; `None` for one that is not there.
type Stamp = Vec<Option<(SystemTime, u64)>>;

#[derive(Default)]
struct Held {
    stamp: Stamp,
    /// Made when the files looked like this.
    provider: Option<SharedCredentialsProvider>,
    credentials: Option<Credentials>,
}

struct Fresh {
    source: Source,
    files: Vec<PathBuf>,
    held: Mutex<Held>,
}

impl fmt::Debug for Fresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fresh").field("files", &self.files).finish_non_exhaustive()
    }
}

impl ProvideCredentials for Fresh {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}

impl Fresh {
    async fn credentials(&self) -> provider::Result {
        // Whoever comes while new ones are fetched waits for the same.
        let mut held = self.held.lock().await;
        let stamp = stamp(&self.files);
        if held.stamp != stamp {
            *held = Held { stamp, ..Held::default() };
        }
        if let Some(credentials) = held.credentials.as_ref().filter(|credentials| lasts(credentials, SystemTime::now()))
        {
            return Ok(credentials.clone());
        }
        let provider = match &held.provider {
            Some(provider) => provider.clone(),
            None => self.source.provider().await?,
        };
        let found = provider.provide_credentials().await;
        held.provider = Some(provider);
        held.credentials = found.as_ref().ok().cloned();
        found
    }
}

impl Source {
    async fn provider(&self) -> Result<SharedCredentialsProvider, CredentialsError> {
        match self {
            Self::Given(provider) => Ok(provider.clone()),
            Self::Chain(settings, client) => {
                let config = loader(settings, client).load().await;
                config.credentials_provider().ok_or_else(|| CredentialsError::not_loaded("no source of credentials"))
            }
        }
    }
}

fn lasts(credentials: &Credentials, now: SystemTime) -> bool {
    credentials.expiry().is_none_or(|expiry| now + EARLY < expiry)
}

fn stamp(files: &[PathBuf]) -> Stamp {
    let look = |file: &PathBuf| {
        let found = fs::metadata(file).ok()?;
        Some((found.modified().ok()?, found.len()))
    };
    files.iter().map(look).collect()
}

/// The shared files that are read: those of the settings, else of the environment, else of the home directory.
fn files(settings: &Settings) -> Vec<PathBuf> {
    let rows = [
        (&settings.config_files, "AWS_CONFIG_FILE", "~/.aws/config"),
        (&settings.credentials_files, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"),
    ];
    let usual = |variable: &str, usual: &str| env::var_os(variable).map_or_else(|| PathBuf::from(usual), PathBuf::from);
    let all = rows.into_iter().flat_map(|(given, variable, default)| match given.as_slice() {
        [] => vec![usual(variable, default)],
        given => given.to_vec(),
    });
    let home = env::home_dir();
    all.map(|file| expanded(file, home.as_deref())).collect()
}

fn expanded(file: PathBuf, home: Option<&Path>) -> PathBuf {
    match (file.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => file,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Counts how often it was asked; its credentials last so many seconds, or for ever.
    #[derive(Debug)]
    struct Counting(AtomicUsize, Option<u64>);

    impl ProvideCredentials for Counting {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            let number = self.0.fetch_add(1, Ordering::Relaxed);
            let expiry = self.1.map(|seconds| SystemTime::now() + Duration::from_secs(seconds));
            future::ProvideCredentials::ready(Ok(Credentials::new(
                format!("key{number}"),
                "secret",
                None,
                expiry,
                "test",
            )))
        }
    }

    #[tokio::test]
    async fn credentials_are_asked_for_again_before_they_expire() {
        for (lasts, last) in [(None, "key0"), (Some(3600), "key0"), (Some(5), "key2")] {
            let provider = held(Counting(AtomicUsize::new(0), lasts));
            let mut found = String::new();
            for _ in 0..3 {
                found = provider.provide_credentials().await.expect("credentials").access_key_id().to_owned();
            }
            assert_eq!(found, last, "{lasts:?}");
        }
    }

    #[test]
    fn a_home_directory_is_written_as_a_tilde() {
        let rows = [("~/.aws/config", "/home/ann/.aws/config"), ("/etc/aws", "/etc/aws"), ("aws", "aws")];
        for (written, expected) in rows {
            assert_eq!(
                expanded(PathBuf::from(written), Some(Path::new("/home/ann"))),
                Path::new(expected),
                "{written}"
            );
        }
    }

    #[test]
    fn a_file_that_is_written_again_is_another() {
        let file = env::temp_dir().join(format!("stellar-fresh-{}", std::process::id()));
        let files = [file.clone()];
        let _ = fs::remove_file(&file);
        let absent = stamp(&files);
        fs::write(&file, "first").expect("a temporary file");
        let first = stamp(&files);
        fs::write(&file, "second").expect("a temporary file");
        let second = stamp(&files);
        fs::remove_file(&file).expect("a temporary file");
        assert_eq!(absent, [None]);
        assert!(first != absent && second != first);
    }
}
