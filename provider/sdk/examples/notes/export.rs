//! The action `notes_export`: all notes in one file.

use std::fmt::Write;
use std::sync::Arc;

use tfplugin_sdk::{Action, Attr, Diagnostics, InvokeRequest, Progress, Schema, async_trait};

use crate::folder::Folder;

/// Writes all notes into one file of the folder.
#[derive(Clone, Debug, Default, Schema)]
struct Export {
    /// The file's name.
    #[attr(required)]
    file: Attr<String>,
}

pub struct ExportAction(pub Arc<Folder>);

impl ExportAction {
    async fn export(&self, request: &InvokeRequest, progress: &Progress) -> std::io::Result<()> {
        let mut text = String::new();
        for name in self.0.names()? {
            if request.cancel.is_cancelled() {
                return Err(std::io::Error::other("interrupted; nothing was written"));
            }
            if let Some(note) = self.0.load(&name)? {
                // Writing to memory cannot fail.
                let _ = writeln!(text, "{name}: {}", note.text);
                progress.tell(format!("exported {name}")).await;
            }
        }
        let file = request.config.get("file").as_str().unwrap_or_default();
        std::fs::write(self.0.path(file)?, text)
    }
}

#[async_trait]
impl Action for ExportAction {
    fn type_name(&self) -> &str {
        "notes_export"
    }

    fn schema(&self) -> Schema {
        Schema::of::<Export>()
    }

    async fn invoke(&self, request: InvokeRequest, progress: Progress) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        if let Err(error) = self.export(&request, &progress).await {
            diagnostics.error("The notes cannot be exported", error.to_string());
        }
        diagnostics
    }
}
