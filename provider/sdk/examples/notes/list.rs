//! The list resource `notes_note`: every note of the folder, for `terraform query`.

use std::sync::Arc;

use tfplugin_sdk::{Attr, Diagnostics, Found, ListRequest, ListResource, Model, Schema, Sink, async_trait};

use crate::folder::Folder;
use crate::note::{Note, failed, identity};

/// The notes of the folder.
#[derive(Clone, Debug, Default, Schema)]
struct Query {
    /// What the names begin with.
    prefix: Attr<String>,
}

pub struct NoteList(pub Arc<Folder>);

#[async_trait]
impl ListResource for NoteList {
    fn type_name(&self) -> &str {
        "notes_note"
    }

    fn schema(&self) -> Schema {
        Schema::of::<Query>()
    }

    async fn list(&self, request: ListRequest, mut sink: Sink) -> Diagnostics {
        let prefix = request.config.get("prefix").as_str().unwrap_or_default();
        let names = match self.0.names() {
            Ok(names) => names,
            Err(error) => return failed("listed", prefix, &error),
        };
        for name in names.iter().filter(|name| name.starts_with(prefix)) {
            let mut found = Found { identity: identity(name), display_name: name.clone(), ..Found::default() };
            match self.0.load(name) {
                Ok(Some(stored)) => found.state = Some(Note::of(name, &stored).encode()),
                // Gone since its name was read.
                Ok(None) => continue,
                Err(error) => found.diagnostics = failed("read", name, &error),
            }
            if sink.send(found).await.is_err() {
                break;
            }
        }
        Diagnostics::new()
    }
}
