//! A whole provider: notes are files in a folder. One file per thing that a provider can offer.
//!
//! Try it without installing: build with `cargo build --example notes`, name its directory in a `dev_overrides` block of
//! Terraform's CLI configuration, or start it with `-debug`.

mod draft;
mod export;
mod folder;
mod list;
mod lock;
mod note;
mod source;

use std::sync::Arc;

use folder::Folder;
use tfplugin_sdk::{
    Action, Attr, ConfigureRequest, DataSource, Diagnostics, EphemeralResource, Function, FunctionError, ListResource,
    Model, Path, Provider, Resource, Schema, ServeError, TypedFunction, async_trait,
};

#[derive(Default)]
struct Notes {
    folder: Arc<Folder>,
}

/// Keeps notes as files.
#[derive(Clone, Debug, Default, Schema)]
struct Config {
    /// The folder of the notes. It must exist.
    #[attr(required)]
    folder: Attr<String>,
}

#[async_trait]
impl Provider for Notes {
    fn type_name(&self) -> &str {
        "notes"
    }

    fn version(&self) -> &str {
        env!("CARGO_PKG_VERSION")
    }

    fn schema(&self) -> Schema {
        Schema::of::<Config>()
    }

    async fn configure(&self, request: ConfigureRequest) -> Diagnostics {
        match Config::decode(&request.config, &Path::root()) {
            Ok(config) => {
                self.folder.set(config.folder.into_known());
                Diagnostics::new()
            }
            Err(error) => error.into(),
        }
    }

    fn resources(&self) -> Vec<Arc<dyn Resource>> {
        vec![Arc::new(note::NoteResource(self.folder.clone())), Arc::new(draft::DraftResource(self.folder.clone()))]
    }

    fn data_sources(&self) -> Vec<Arc<dyn DataSource>> {
        vec![Arc::new(source::NoteSource(self.folder.clone()))]
    }

    fn ephemeral_resources(&self) -> Vec<Arc<dyn EphemeralResource>> {
        vec![Arc::new(lock::LockResource(self.folder.clone()))]
    }

    fn list_resources(&self) -> Vec<Arc<dyn ListResource>> {
        vec![Arc::new(list::NoteList(self.folder.clone()))]
    }

    fn actions(&self) -> Vec<Arc<dyn Action>> {
        vec![Arc::new(export::ExportAction(self.folder.clone()))]
    }

    fn functions(&self) -> Vec<Arc<dyn Function>> {
        vec![Arc::new(TypedFunction::new("slug", ["title"], slug).summary("A title as the name of a note"))]
    }
}

/// `Buy milk!` → `buy-milk`
fn slug(title: String) -> Result<String, FunctionError> {
    let words = title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let slug = words.collect::<Vec<_>>().join("-").to_lowercase();
    if slug.is_empty() { Err(FunctionError::at(0, "has no letter or digit")) } else { Ok(slug) }
}

#[tokio::main]
async fn main() -> Result<(), ServeError> {
    tfplugin_sdk::serve(Notes::default()).await
}
