//! The resource whose attribute `mode` says what its next call does.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use tfplugin_sdk::{
    ApplyResponse, Attr, AttrType, Attribute, CancellationToken, CreateRequest, DeleteRequest, IdentitySchema,
    ImportRequest, ImportResponse, Model, MoveRequest, MoveResponse, Path, PlanRequest, PlanResponse, ReadRequest,
    ReadResponse, Resource, Schema, UpdateRequest, UpgradeRequest, UpgradeResponse, Value, async_trait, log, plan,
};
use tokio::sync::{Barrier, Semaphore};

pub struct ThingResource;

/// How many applies must run at once before the first of them ends.
const CROWD: usize = 250;

/// One permit for each apply that hangs.
static HANGING: Semaphore = Semaphore::const_new(0);

static MEETING: LazyLock<Barrier> = LazyLock::new(|| Barrier::new(CROWD));

/// A thing.
#[derive(Clone, Debug, Default, Schema)]
pub struct Thing {
    #[attr(required, requires_replace)]
    name: Attr<String>,
    mode: Attr<String>,
    size: Attr<tfplugin_sdk::Number>,
    any: Attr<Value>,
    tags: Attr<BTreeMap<String, String>>,
    pools: Attr<BTreeMap<String, Pool>>,
    #[attr(set)]
    rules: Attr<Vec<Rule>>,
    #[attr(block)]
    gate: Attr<Vec<Rule>>,
    #[attr(block)]
    limits: Attr<Limits>,
    #[attr(write_only, sensitive)]
    secret: Attr<String>,
    #[attr(optional, computed)]
    note: Attr<String>,
    #[attr(computed)]
    id: Attr<String>,
}

/// A pool of the thing.
#[derive(Clone, Debug, Default, Schema)]
struct Pool {
    #[attr(required)]
    min: Attr<i64>,
    #[attr(requires_replace)]
    image: Attr<String>,
    #[attr(computed)]
    arn: Attr<String>,
}

/// A rule of the thing.
#[derive(Clone, Debug, Default, Schema)]
struct Rule {
    #[attr(required)]
    port: Attr<i64>,
    #[attr(computed)]
    id: Attr<String>,
}

/// Limits of the thing.
#[derive(Clone, Debug, Default, Schema)]
struct Limits {
    #[attr(required)]
    max: Attr<i64>,
}

impl Thing {
    /// A thing of which only the name is known.
    pub fn named(name: &str) -> Value {
        Self { name: name.into(), ..Self::default() }.encode()
    }
}

fn mode(value: &Value) -> &str {
    value.get("mode").as_str().unwrap_or_default()
}

fn id(value: &Value) -> String {
    format!("id-{}", value.get("name").as_str().unwrap_or_default())
}

fn identity(value: &Value) -> Value {
    Value::map([("name", value.get("name").clone())])
}

/// The object with one attribute changed.
fn with(state: &Option<Value>, name: &str, value: Value) -> Value {
    let mut entries = state.as_ref().and_then(Value::as_map).cloned().unwrap_or_default();
    entries.insert(name.into(), value);
    Value::Map(entries)
}

/// Fills in what is unknown after apply.
fn finish(value: &Value, text: &str) -> Value {
    match value {
        Value::Unknown => text.into(),
        Value::List(items) => Value::List(items.iter().map(|item| finish(item, text)).collect()),
        Value::Map(entries) => Value::map(entries.iter().map(|(key, value)| (key, finish(value, text)))),
        value => value.clone(),
    }
}

/// What create and update have in common.
async fn apply(planned: &Value, config: &Value, private: Vec<u8>, cancel: CancellationToken) -> ApplyResponse {
    let done = finish(planned, &id(planned));
    let mut response = ApplyResponse { state: Some(done), private, ..ApplyResponse::default() };
    response.identity = Some(identity(planned));
    match mode(planned) {
        "panic" => panic!("asked to"),
        "log" => {
            log::mask("hunter2");
            let secret = config.get("secret").as_str().unwrap_or_default();
            tracing::debug!(secret, "debugged {secret}");
            tracing::info!(password = "x", text = "hunter2 twice", "the word is hunter2");
            tracing::warn!(long = "y".repeat(100_000), "long");
        }
        "fail before" => {
            response.diagnostics.error("Cannot start", "nothing exists");
            response.state = None;
        }
        "fail after" => response.diagnostics.error("Cannot finish", "it exists"),
        "other name" => response.state = Some(with(&response.state, "name", "other".into())),
        "no identity" => response.identity = None,
        "no state" => response.state = None,
        "unknown left" => response.state = Some(planned.clone()),
        "wrong shape" => response.state = Some(Value::map([("name", 1_i64.into()), ("extra", Value::Null)])),
        "hang" => {
            tracing::info!("the apply hangs");
            HANGING.add_permits(1);
            cancel.cancelled().await;
            response.diagnostics.error("Interrupted", "it exists in part");
        }
        "hang on" => {
            HANGING.add_permits(1);
            std::future::pending().await
        }
        "after a hang began" => HANGING.acquire().await.expect("never closed").forget(),
        "meet" => {
            MEETING.wait().await;
        }
        "tell secret" => {
            let secret = config.get("secret").as_str().unwrap_or("none").to_owned();
            response.diagnostics.warning("Secret", secret);
        }
        _ => {}
    }
    response
}

#[async_trait]
impl Resource for ThingResource {
    fn type_name(&self) -> &str {
        "conformance_thing"
    }

    fn schema(&self) -> Schema {
        Schema { version: 2, ..Schema::of::<Thing>() }
    }

    fn identity(&self) -> Option<IdentitySchema> {
        Some(IdentitySchema { version: 0, attributes: vec![Attribute::required("name", AttrType::String)] })
    }

    /// Version 1 called the name `title`; nothing leads from version 0.
    async fn upgrade(&self, mut request: UpgradeRequest) -> UpgradeResponse {
        if request.version == 1 {
            let mut state = request.json.clone();
            if let Some(entries) = state.as_object_mut() {
                entries.insert("name".into(), request.json["title"].clone());
            }
            request = UpgradeRequest { version: 2, text: state.to_string(), json: state };
        }
        request.same_version(&self.schema())
    }

    async fn read(&self, request: ReadRequest) -> ReadResponse {
        let mut response = ReadResponse { private: request.private, ..ReadResponse::default() };
        match mode(&request.state) {
            "gone" => {}
            "read error" => response.diagnostics.error("Cannot read", "no access"),
            "read panic" => panic!("asked to"),
            "read unknown" => {
                let Value::Map(mut entries) = request.state else {
                    return response;
                };
                entries.insert("note".into(), Value::Unknown);
                response.state = Some(Value::Map(entries));
            }
            _ => {
                response.identity = Some(identity(&request.state));
                response.state = Some(request.state);
            }
        }
        response
    }

    async fn plan(&self, request: PlanRequest) -> PlanResponse {
        let wanted = request.proposed.clone().unwrap_or_default();
        let prior = request.prior.clone().unwrap_or_default();
        let mut response = plan::default_plan(&self.schema(), request);
        if response.private.is_empty() {
            response.private = b"planned".to_vec();
        }
        match mode(&wanted) {
            "plan panic" => panic!("asked to"),
            "plan other" => {
                if let Some(Value::Map(entries)) = &mut response.planned {
                    entries.insert("tags".into(), Value::map([("surprise", "!".into())]));
                }
            }
            "plan same set" => {
                response.requires_replace = vec![Path::root().attr("rules"), Path::root().attr("name")];
                response.requires_replace.push(Path::root().attr("rules"));
            }
            _ if mode(&prior) == "protected" && wanted.is_null() => {
                response.diagnostics.warning("Protected", "will be destroyed");
            }
            _ => {}
        }
        response
    }

    async fn create(&self, request: CreateRequest) -> ApplyResponse {
        apply(&request.planned, &request.config, request.private, request.cancel).await
    }

    async fn update(&self, request: UpdateRequest) -> ApplyResponse {
        apply(&request.planned, &request.config, request.private, request.cancel).await
    }

    async fn delete(&self, request: DeleteRequest) -> ApplyResponse {
        let mut response = ApplyResponse::default();
        match mode(&request.prior) {
            "delete panic" => panic!("asked to"),
            "delete half" => {
                response.diagnostics.error("Cannot delete", "half is left");
                response.state = Some(request.prior);
                response.private = request.private;
            }
            "delete nothing" => response.state = Some(request.prior),
            _ => {}
        }
        response
    }

    async fn import(&self, request: ImportRequest) -> ImportResponse {
        let mut response = ImportResponse::default();
        let by_identity = request.identity.as_ref().and_then(|identity| identity.get("name").as_str());
        match request.id.as_deref().or(by_identity) {
            Some("bad") | None => response.diagnostics.error("Cannot import", "no such id"),
            Some(name) => {
                let mode = if name == "missing" { Attr::from("gone") } else { Attr::Null };
                let thing = Thing { name: name.into(), mode, ..Thing::default() }.encode();
                response.identity = Some(identity(&thing));
                response.state = Some(thing);
            }
        }
        response
    }

    async fn move_state(&self, request: MoveRequest) -> MoveResponse {
        let mut response = MoveResponse::default();
        match request.source_type.as_str() {
            "other_thing" => {
                let name = request.json["label"].as_str().unwrap_or_default();
                let thing = Thing { name: name.into(), ..Thing::default() }.encode();
                response.identity = Some(identity(&thing));
                response.state = Some(thing);
                response.private = request.private;
            }
            other => response.diagnostics.error("Cannot move", format!("no way from {other}")),
        }
        response
    }
}
