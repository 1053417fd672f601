//! `notes_note`: create, read, update, delete, import by name or identity, upgrade, move.

use std::io;
use std::sync::Arc;

use tfplugin_sdk::{
    ApplyResponse, Attr, AttrType, Attribute, CreateRequest, DecodeError, DeleteRequest, Diagnostics, IdentitySchema,
    ImportRequest, ImportResponse, Model, MoveRequest, MoveResponse, Path, Private, ReadRequest, ReadResponse,
    Resource, Schema, UpdateRequest, UpgradeRequest, UpgradeResponse, Value, async_trait, plan, validators,
};

use crate::folder::{Folder, Stored};

/// A note in the folder.
#[derive(Clone, Debug, Default, Schema)]
pub struct Note {
    /// Its name: that of the file.
    #[attr(required, requires_replace, validate = validators::length(1..=40))]
    #[attr(validate = validators::made_of("must be made of a-z, 0-9 and -", is_name))]
    pub name: Attr<String>,
    /// What it says.
    #[attr(required)]
    pub text: Attr<String>,
    /// Its color, in any letter case.
    #[attr(default = "yellow", plan = plan::keep_if_same("ignores letter case", same_color))]
    pub color: Attr<String>,
    /// What it is about.
    #[attr(set)]
    pub labels: Attr<Vec<Label>>,
    /// Seals the note when it is written; never stored.
    #[attr(write_only, sensitive)]
    pub passphrase: Attr<String>,
    /// Whether it was sealed when it was last written.
    #[attr(computed)]
    pub sealed: Attr<bool>,
    /// Its id.
    #[attr(computed, plan = plan::keep_prior())]
    pub id: Attr<String>,
    /// Length of the text in bytes.
    #[attr(computed)]
    pub bytes: Attr<i64>,
}

/// A label of a note.
#[derive(Clone, Debug, Default, Schema)]
pub struct Label {
    /// The label's name.
    #[attr(required)]
    pub name: Attr<String>,
    /// The label's id.
    #[attr(computed, plan = plan::keep_prior())]
    pub id: Attr<String>,
}

pub struct NoteResource(pub Arc<Folder>);

pub fn is_name(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'
}

fn same_color(prior: &Value, configured: &Value) -> bool {
    prior.as_str().zip(configured.as_str()).is_some_and(|(prior, configured)| prior.eq_ignore_ascii_case(configured))
}

pub fn identity(name: &str) -> Value {
    Value::map([("name", name.into())])
}

impl Note {
    /// A stored note. Its color is as the user wrote it.
    pub fn of(name: &str, stored: &Stored) -> Self {
        let label = |name: &String| Label { name: name.as_str().into(), id: format!("label-{name}").into() };
        Self {
            name: name.into(),
            text: stored.text.as_str().into(),
            color: stored.color.as_str().into(),
            labels: Some(&stored.labels)
                .filter(|all| !all.is_empty())
                .map(|all| all.iter().map(label).collect())
                .into(),
            passphrase: Attr::Null,
            sealed: stored.sealed.into(),
            id: format!("note-{name}").into(),
            bytes: i64::try_from(stored.text.len()).unwrap_or(i64::MAX).into(),
        }
    }

    fn stored(self, sealed: bool) -> Stored {
        let labels = self.labels.into_known().unwrap_or_default();
        Stored {
            text: self.text.into_known().unwrap_or_default(),
            color: self.color.into_known().unwrap_or_default(),
            labels: labels.into_iter().filter_map(|label| label.name.into_known()).collect(),
            sealed,
        }
    }
}

impl NoteResource {
    /// Writes the planned note; create and update are the same.
    fn save(&self, planned: &Value, config: &Value, private: Vec<u8>) -> ApplyResponse {
        let mut response = ApplyResponse { private, ..ApplyResponse::default() };
        match self.try_save(planned, config) {
            Ok((name, note)) => {
                response.identity = Some(identity(&name));
                // An empty set that was configured stays one.
                let mut note = note;
                if planned.get("labels").as_list().is_some_and(<[Value]>::is_empty) {
                    note.labels = Vec::new().into();
                }
                response.state = Some(note.encode());
            }
            Err(diagnostics) => response.diagnostics = diagnostics,
        }
        response
    }

    fn try_save(&self, planned: &Value, config: &Value) -> Result<(String, Note), Diagnostics> {
        let note = Note::decode(planned, &Path::root())?;
        let name = note.name.known().cloned().unwrap_or_default();
        let stored = note.stored(config.get("passphrase").as_str().is_some());
        self.0.save(&name, &stored).map_err(|error| failed("written", &name, &error))?;
        Ok((name.clone(), Note::of(&name, &stored)))
    }
}

pub fn failed(what: &str, name: &str, error: &io::Error) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    diagnostics.attribute_error(
        Path::root().attr("name"),
        format!("The note cannot be {what}"),
        format!("{name}: {error}"),
    );
    diagnostics
}

#[async_trait]
impl Resource for NoteResource {
    fn type_name(&self) -> &str {
        "notes_note"
    }

    fn schema(&self) -> Schema {
        Schema { version: 1, ..Schema::of::<Note>() }
    }

    fn identity(&self) -> Option<IdentitySchema> {
        Some(IdentitySchema { version: 0, attributes: vec![Attribute::required("name", AttrType::String)] })
    }

    /// Version 0 called the text `body`.
    async fn upgrade(&self, request: UpgradeRequest) -> UpgradeResponse {
        let mut json = request.json.clone();
        if request.version == 0
            && let Some(state) = json.as_object_mut()
            && let Some(body) = state.remove("body")
        {
            state.insert("text".into(), body);
            return UpgradeRequest { version: 1, text: json.to_string(), json }.same_version(&self.schema());
        }
        request.same_version(&self.schema())
    }

    async fn read(&self, request: ReadRequest) -> ReadResponse {
        let mut response = ReadResponse { private: request.private, ..ReadResponse::default() };
        let name = request.state.get("name").as_str().unwrap_or_default();
        match self.0.load(name) {
            Ok(Some(stored)) => {
                let mut note = Note::of(name, &stored);
                if note.labels.is_null() && request.state.get("labels").as_list().is_some() {
                    note.labels = Vec::new().into();
                }
                response.state = Some(note.encode());
                response.identity = Some(identity(name));
            }
            Ok(None) => {}
            Err(error) => response.diagnostics = failed("read", name, &error),
        }
        response
    }

    async fn create(&self, request: CreateRequest) -> ApplyResponse {
        let name = request.planned.get("name").as_str().unwrap_or_default();
        match self.0.load(name) {
            Ok(None) => {
                let mut private = Private::default();
                // What the file was made by, out of the user's sight.
                let private = private.set("made_by", &env!("CARGO_PKG_VERSION")).map(|()| private.encode());
                self.save(&request.planned, &request.config, private.unwrap_or_default())
            }
            Ok(Some(_)) => {
                let mut response = ApplyResponse::default();
                let detail = format!("{name} belongs to somebody else. Import it, or choose another name.");
                response.diagnostics.attribute_error(Path::root().attr("name"), "The note exists", detail);
                response
            }
            Err(error) => ApplyResponse { diagnostics: failed("read", name, &error), ..ApplyResponse::default() },
        }
    }

    async fn update(&self, request: UpdateRequest) -> ApplyResponse {
        self.save(&request.planned, &request.config, request.private)
    }

    async fn delete(&self, request: DeleteRequest) -> ApplyResponse {
        let mut response = ApplyResponse::default();
        let name = request.prior.get("name").as_str().unwrap_or_default();
        if let Err(error) = self.0.delete(name) {
            response.diagnostics = failed("deleted", name, &error);
        }
        response
    }

    async fn import(&self, request: ImportRequest) -> ImportResponse {
        let by_identity = request.identity.as_ref().and_then(|identity| identity.get("name").as_str());
        let name = request.id.as_deref().or(by_identity).unwrap_or_default();
        if name.is_empty() || !name.chars().all(is_name) {
            let mut response = ImportResponse::default();
            response.diagnostics.error("No such note", format!("{name:?} is not a name of a note."));
            return response;
        }
        let note = Note { name: name.into(), ..Note::default() };
        ImportResponse { state: Some(note.encode()), identity: Some(identity(name)), ..ImportResponse::default() }
    }

    /// A draft becomes a note.
    async fn move_state(&self, request: MoveRequest) -> MoveResponse {
        match moved(&request) {
            Ok((name, state)) => MoveResponse {
                state: Some(state),
                identity: Some(identity(&name)),
                private: request.private,
                ..MoveResponse::default()
            },
            Err(diagnostics) => MoveResponse { diagnostics, ..MoveResponse::default() },
        }
    }
}

fn moved(request: &MoveRequest) -> Result<(String, Value), Diagnostics> {
    if request.source_type != "notes_draft" || request.source_version != 0 {
        let path = Path::root();
        let from = format!("{} of version {}", request.source_type, request.source_version);
        return Err(
            DecodeError::new(&path, format!("a note can be made of notes_draft of version 0, not of {from}")).into()
        );
    }
    let text = |name: &str| request.json[name].as_str().unwrap_or_default().to_owned();
    let stored = Stored { text: text("text"), color: "yellow".into(), ..Stored::default() };
    Ok((text("name"), Note::of(&text("name"), &stored).encode()))
}
