//! The data source `notes_note`: a note that somebody else keeps.

use std::sync::Arc;

use tfplugin_sdk::{Attr, DataSource, Model, Path, ReadDataRequest, ReadDataResponse, Schema, async_trait};

use crate::folder::Folder;
use crate::note::failed;

/// A note that exists.
#[derive(Clone, Debug, Default, Schema)]
struct Source {
    /// The note's name.
    #[attr(required)]
    name: Attr<String>,
    /// What it says.
    #[attr(computed)]
    text: Attr<String>,
}

pub struct NoteSource(pub Arc<Folder>);

#[async_trait]
impl DataSource for NoteSource {
    fn type_name(&self) -> &str {
        "notes_note"
    }

    fn schema(&self) -> Schema {
        Schema::of::<Source>()
    }

    async fn read(&self, request: ReadDataRequest) -> ReadDataResponse {
        let mut response = ReadDataResponse::default();
        let name = request.config.get("name").as_str().unwrap_or_default();
        match self.0.load(name) {
            Ok(Some(note)) => response.state = Some(Source { name: name.into(), text: note.text.into() }.encode()),
            Ok(None) => {
                let detail = format!("The folder has no note {name:?}.");
                response.diagnostics.attribute_error(Path::root().attr("name"), "No such note", detail);
            }
            Err(error) => response.diagnostics = failed("read", name, &error),
        }
        response
    }
}
