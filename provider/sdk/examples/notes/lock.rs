//! The ephemeral resource `notes_lock`: a lock file that is there while Terraform runs.

use std::fs;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tfplugin_sdk::{
    Attr, CloseRequest, Diagnostics, EphemeralResource, Model, OpenRequest, OpenResponse, Path, Private, RenewRequest,
    RenewResponse, Schema, async_trait, validators,
};

use crate::folder::Folder;
use crate::note::failed;

/// Locks a note.
#[derive(Clone, Debug, Default, Schema)]
struct Lock {
    /// The note's name.
    #[attr(required)]
    name: Attr<String>,
    /// How often the lock is renewed.
    #[attr(validate = validators::between(1..=3600))]
    renew_seconds: Attr<i64>,
    /// Proves the lock.
    #[attr(computed, sensitive)]
    token: Attr<String>,
}

pub struct LockResource(pub Arc<Folder>);

fn renewal(seconds: Option<u64>) -> Option<SystemTime> {
    seconds.map(|seconds| SystemTime::now() + Duration::from_secs(seconds))
}

impl LockResource {
    fn lock(&self, config: &tfplugin_sdk::Value) -> Result<OpenResponse, Diagnostics> {
        let mut lock = Lock::decode(config, &Path::root())?;
        let name = lock.name.known().cloned().unwrap_or_default();
        let seconds = lock.renew_seconds.known().and_then(|seconds| u64::try_from(*seconds).ok());
        let token = format!("{name}-{}", std::process::id());
        let written = self.0.path(&format!("{name}.lock")).and_then(|path| fs::write(path, &token));
        written.map_err(|error| failed("locked", &name, &error))?;
        lock.token = token.into();
        let mut private = Private::default();
        let kept = private.set("name", &name).and_then(|()| private.set("seconds", &seconds));
        kept.map_err(|error| failed("locked", &name, &std::io::Error::other(error)))?;
        Ok(OpenResponse {
            result: Some(lock.encode()),
            private: private.encode(),
            renew_at: renewal(seconds),
            ..OpenResponse::default()
        })
    }

    fn unlock(&self, private: &[u8]) -> Result<(), std::io::Error> {
        let name: Option<String> =
            Private::decode(private).and_then(|p| p.get("name")).map_err(std::io::Error::other)?;
        let path = self.0.path(&format!("{}.lock", name.unwrap_or_default()))?;
        match fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl EphemeralResource for LockResource {
    fn type_name(&self) -> &str {
        "notes_lock"
    }

    fn schema(&self) -> Schema {
        Schema::of::<Lock>()
    }

    async fn open(&self, request: OpenRequest) -> OpenResponse {
        self.lock(&request.config).unwrap_or_else(|diagnostics| OpenResponse { diagnostics, ..OpenResponse::default() })
    }

    async fn renew(&self, request: RenewRequest) -> RenewResponse {
        let seconds: Option<u64> = Private::decode(&request.private).and_then(|p| p.get("seconds")).ok().flatten();
        RenewResponse { private: request.private, renew_at: renewal(seconds), ..RenewResponse::default() }
    }

    async fn close(&self, request: CloseRequest) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        if let Err(error) = self.unlock(&request.private) {
            diagnostics.error("The note cannot be unlocked", error.to_string());
        }
        diagnostics
    }
}
