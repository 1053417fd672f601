//! A whole provider: `notes_note` keeps a text in a file.
//!
//! Try it without installing: build with `cargo build --example notes`, name its directory in a `dev_overrides` block of
//! Terraform's CLI configuration, or start it with `-debug`.

use std::io::ErrorKind;
use std::path::Path as FilePath;
use std::sync::Arc;

use tfplugin_sdk::{
    ApplyResponse, Attr, ConfigureRequest, CreateRequest, DeleteRequest, Diagnostics, ImportRequest, ImportResponse,
    Model, Path, Provider, ReadRequest, ReadResponse, Resource, Schema, ServeError, UpdateRequest, Value, async_trait,
};

/// A text in a file.
#[derive(Clone, Debug, Default, Schema)]
struct Note {
    /// Path of the file.
    #[attr(required, requires_replace)]
    path: Attr<String>,
    /// What the file holds.
    #[attr(required)]
    text: Attr<String>,
    /// Length of the text in bytes.
    #[attr(computed)]
    bytes: Attr<i64>,
}

struct Notes;

struct NoteResource;

impl Note {
    fn load(path: &str) -> std::io::Result<Self> {
        let text = std::fs::read_to_string(path)?;
        let bytes = i64::try_from(text.len()).unwrap_or(i64::MAX);
        Ok(Self { path: path.into(), bytes: bytes.into(), text: text.into() })
    }

    /// Writes the planned note; create and update are the same.
    fn save(planned: &Value) -> ApplyResponse {
        let mut response = ApplyResponse::default();
        let path = planned.get("path").as_str().unwrap_or_default();
        let text = planned.get("text").as_str().unwrap_or_default();
        match std::fs::write(path, text).and_then(|()| Self::load(path)) {
            Ok(note) => response.state = Some(note.encode()),
            Err(error) => response.diagnostics.attribute_error(
                Path::root().attr("path"),
                "The note cannot be written",
                format!("{path}: {error}"),
            ),
        }
        response
    }
}

#[async_trait]
impl Resource for NoteResource {
    fn type_name(&self) -> &str {
        "notes_note"
    }

    fn schema(&self) -> Schema {
        Schema::of::<Note>()
    }

    async fn read(&self, request: ReadRequest) -> ReadResponse {
        let mut response = ReadResponse { private: request.private, ..ReadResponse::default() };
        match Note::load(request.state.get("path").as_str().unwrap_or_default()) {
            Ok(note) => response.state = Some(note.encode()),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => response.diagnostics.error("The note cannot be read", error.to_string()),
        }
        response
    }

    async fn create(&self, request: CreateRequest) -> ApplyResponse {
        let path = request.planned.get("path").as_str().unwrap_or_default();
        if !FilePath::new(path).exists() {
            return Note::save(&request.planned);
        }
        let mut response = ApplyResponse::default();
        let detail = format!("{path} belongs to somebody else. Import it, or choose another path.");
        response.diagnostics.attribute_error(Path::root().attr("path"), "The file exists", detail);
        response
    }

    async fn update(&self, request: UpdateRequest) -> ApplyResponse {
        Note::save(&request.planned)
    }

    async fn delete(&self, request: DeleteRequest) -> ApplyResponse {
        let mut response = ApplyResponse::default();
        match std::fs::remove_file(request.prior.get("path").as_str().unwrap_or_default()) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                response.diagnostics.error("The note cannot be deleted", error.to_string());
            }
            _ => {}
        }
        response
    }

    async fn import(&self, request: ImportRequest) -> ImportResponse {
        let note = Note { path: request.id.into(), ..Note::default() };
        ImportResponse { state: Some(note.encode()), ..ImportResponse::default() }
    }
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
        Schema::default()
    }

    async fn configure(&self, _: ConfigureRequest) -> Diagnostics {
        Diagnostics::new()
    }

    fn resources(&self) -> Vec<Arc<dyn Resource>> {
        vec![Arc::new(NoteResource)]
    }
}

#[tokio::main]
async fn main() -> Result<(), ServeError> {
    tfplugin_sdk::serve(Notes).await
}
