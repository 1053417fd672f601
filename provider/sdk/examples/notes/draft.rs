//! `notes_draft`: a note without anything but its text, which may be moved to a `notes_note`.

use std::sync::Arc;

use tfplugin_sdk::{
    ApplyResponse, Attr, CreateRequest, DeleteRequest, Model, Path, ReadRequest, ReadResponse, Resource, Schema,
    UpdateRequest, Value, async_trait,
};

use crate::folder::{Folder, Stored};
use crate::note::failed;

/// A draft of a note.
#[derive(Clone, Debug, Default, Schema)]
struct Draft {
    /// Its name: that of the file.
    #[attr(required, requires_replace)]
    name: Attr<String>,
    /// What it says.
    #[attr(required)]
    text: Attr<String>,
}

pub struct DraftResource(pub Arc<Folder>);

impl DraftResource {
    fn save(&self, planned: Value) -> ApplyResponse {
        let mut response = ApplyResponse::default();
        match Draft::decode(&planned, &Path::root()) {
            Ok(draft) => {
                let name = draft.name.into_known().unwrap_or_default();
                let text = draft.text.into_known().unwrap_or_default();
                match self.0.save(&name, &Stored { text, color: "yellow".into(), ..Stored::default() }) {
                    Ok(()) => response.state = Some(planned),
                    Err(error) => response.diagnostics = failed("written", &name, &error),
                }
            }
            Err(error) => response.diagnostics = error.into(),
        }
        response
    }
}

#[async_trait]
impl Resource for DraftResource {
    fn type_name(&self) -> &str {
        "notes_draft"
    }

    fn schema(&self) -> Schema {
        Schema::of::<Draft>()
    }

    async fn read(&self, request: ReadRequest) -> ReadResponse {
        let mut response = ReadResponse { private: request.private, ..ReadResponse::default() };
        let name = request.state.get("name").as_str().unwrap_or_default();
        match self.0.load(name) {
            Ok(found) => {
                let draft = |stored: Stored| Draft { name: name.into(), text: stored.text.into() }.encode();
                response.state = found.map(draft);
            }
            Err(error) => response.diagnostics = failed("read", name, &error),
        }
        response
    }

    async fn create(&self, request: CreateRequest) -> ApplyResponse {
        self.save(request.planned)
    }

    async fn update(&self, request: UpdateRequest) -> ApplyResponse {
        self.save(request.planned)
    }

    async fn delete(&self, request: DeleteRequest) -> ApplyResponse {
        let mut response = ApplyResponse::default();
        let name = request.prior.get("name").as_str().unwrap_or_default();
        if let Err(error) = self.0.delete(name) {
            response.diagnostics = failed("deleted", name, &error);
        }
        response
    }
}
