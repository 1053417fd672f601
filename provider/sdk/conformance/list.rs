//! The list resource whose attribute `mode` says what it does.

use std::sync::atomic::{AtomicU32, Ordering};

use tfplugin_sdk::{Attr, Diagnostics, Found, ListRequest, ListResource, Schema, Sink, Value, async_trait, validators};
use tokio::sync::Semaphore;

use crate::thing::Thing;

pub struct ThingList;

/// Lists that have come to an end.
static ENDED: AtomicU32 = AtomicU32::new(0);

/// One permit for each endless list that was dropped.
static DROPPED: Semaphore = Semaphore::const_new(0);

/// Which things.
#[derive(Clone, Debug, Default, Schema)]
struct Query {
    #[attr(validate = validators::Validator::new("must make sense", sense))]
    mode: Attr<String>,
}

fn sense(place: &validators::Place<'_>) -> Result<(), String> {
    if place.value.as_str() == Some("nonsense") { Err("must make sense".into()) } else { Ok(()) }
}

fn found(name: &str) -> Found {
    Found {
        identity: Value::map([("name", name.into())]),
        display_name: name.into(),
        state: Some(Thing::named(name)),
        diagnostics: Diagnostics::new(),
    }
}

/// Tells that a list was dropped.
struct Watch;

impl Drop for Watch {
    fn drop(&mut self) {
        DROPPED.add_permits(1);
    }
}

#[async_trait]
impl ListResource for ThingList {
    fn type_name(&self) -> &str {
        "conformance_thing"
    }

    fn schema(&self) -> Schema {
        Schema::of::<Query>()
    }

    async fn list(&self, request: ListRequest, mut sink: Sink) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        let objects = match request.config.get("mode").as_str().unwrap_or_default() {
            "panic" => panic!("asked to"),
            "fail" => {
                diagnostics.error("Cannot list", "no access");
                Vec::new()
            }
            "no identity" => vec![Found { identity: Value::Null, ..found("a") }],
            "no state" => vec![Found { state: None, ..found("a") }],
            "how many ended" => vec![found(&ENDED.load(Ordering::SeqCst).to_string())],
            "after an end" => {
                DROPPED.acquire().await.expect("never closed").forget();
                vec![found("ended")]
            }
            "endless" => {
                let _watch = Watch;
                while sink.send(found("again")).await.is_ok() {}
                std::future::pending().await
            }
            _ => (0..5).map(|index| found(&format!("n{index}"))).collect(),
        };
        for object in objects {
            if sink.send(object).await.is_err() {
                break;
            }
        }
        ENDED.fetch_add(1, Ordering::SeqCst);
        diagnostics
    }
}
