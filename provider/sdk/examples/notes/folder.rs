//! The files: what another provider's client library would be.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::sync::{PoisonError, RwLock};

use serde::{Deserialize, Serialize};

/// The folder of the configuration, once the provider is configured.
#[derive(Default)]
pub struct Folder(RwLock<Option<PathBuf>>);

/// A note as it is stored.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Stored {
    pub text: String,
    pub color: String,
    #[serde(default)]
    pub labels: Vec<String>,
    #[serde(default)]
    pub sealed: bool,
}

impl Folder {
    /// `None` while the configuration is not known.
    pub fn set(&self, folder: Option<String>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = folder.map(PathBuf::from);
    }

    /// The path of a file.
    pub fn path(&self, file: &str) -> io::Result<PathBuf> {
        let folder = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let folder = folder.as_ref().ok_or_else(|| {
            io::Error::other("the provider's folder is not known yet: apply first what it is computed from")
        })?;
        Ok(folder.join(file))
    }

    /// Reads a note; `None` when there is none.
    pub fn load(&self, name: &str) -> io::Result<Option<Stored>> {
        match fs::read(self.path(&format!("{name}.json"))?) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes a note.
    pub fn save(&self, name: &str, note: &Stored) -> io::Result<()> {
        fs::write(self.path(&format!("{name}.json"))?, serde_json::to_vec_pretty(note)?)
    }

    /// Deletes a note, if there is one.
    pub fn delete(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.path(&format!("{name}.json"))?) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// The names of all notes, sorted.
    pub fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.path("")?)? {
            let file = entry?.file_name();
            names.extend(file.to_str().and_then(|name| name.strip_suffix(".json")).map(str::to_owned));
        }
        names.sort();
        Ok(names)
    }
}
