//! List resources.

use futures::StreamExt;
use serde_json::json;

use crate::support::proto::diagnostic::Severity::Error;
use crate::support::proto::{list_resource, validate_list_resource_config};
use crate::support::{Client, Process, Setup, from_wire, severity, to_wire};

const LIST: &str = "/tfplugin6.Provider/ListResource";

fn query(mode: &str, limit: i64, include_resource_object: bool) -> list_resource::Request {
    list_resource::Request {
        type_name: "conformance_thing".into(),
        config: Some(to_wire(&json!({"mode": mode}))),
        include_resource_object,
        limit,
    }
}

async fn list(client: &Client, mode: &str, limit: i64, with_object: bool) -> Vec<list_resource::Event> {
    let request = futures::stream::iter([query(mode, limit, with_object)]);
    let stream = client.stream::<_, list_resource::Event>(LIST, request).await.expect("a stream");
    stream.map(|event| event.expect("an event")).collect().await
}

#[tokio::test]
async fn item_56_a_list_ends_at_its_limit() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    for (limit, expected) in [(2, 2), (5, 5), (100, 5), (0, 5)] {
        let events = list(&client, "five", limit, false).await;
        let names: Vec<_> = events.iter().map(|event| event.display_name.as_str()).collect();
        assert_eq!(names, ["n0", "n1", "n2", "n3", "n4"][..expected], "{limit}");
        for event in events {
            let identity = event.identity.and_then(|identity| identity.identity_data);
            assert_eq!(from_wire(identity.as_ref()), json!({"name": event.display_name}));
            assert_eq!(event.resource_object, None);
        }
    }
    // The provider of faults counts the lists that have come to an end.
    assert_eq!(list(&client, "how many ended", 1, false).await[0].display_name, "4");
    process.finish().await;
}

#[tokio::test]
async fn item_56_a_client_that_goes_ends_the_list() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let request = futures::stream::iter([query("endless", 0, false)]);
    let mut stream = client.stream::<_, list_resource::Event>(LIST, request).await.expect("a stream");
    stream.next().await.expect("an event").expect("an object");
    drop(stream);
    // Answered when the endless list has been dropped.
    let events = list(&client, "after an end", 1, false).await;
    assert_eq!(events[0].display_name, "ended");
    process.finish().await;
}

#[tokio::test]
async fn a_listed_object_has_its_state_when_asked_for_and_always_an_identity() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let events = list(&client, "five", 1, true).await;
    assert_eq!(from_wire(events[0].resource_object.as_ref())["name"], "n0");
    let cases = [
        ("no identity", true, "Provider gave no identity"),
        ("no state", true, "Provider gave no state"),
        ("panic", true, "The provider panicked"),
        ("fail", false, "Cannot list"),
    ];
    for (mode, with_object, summary) in cases {
        let events = list(&client, mode, 0, with_object).await;
        let found = &events.last().expect("an event").diagnostic;
        assert_eq!((severity(found), found[0].summary.as_str()), (vec![Error], summary), "{mode}");
    }
    let mut unknown = query("five", 0, false);
    unknown.type_name = "conformance_other".into();
    let stream = client.stream::<_, list_resource::Event>(LIST, futures::stream::iter([unknown])).await;
    let events: Vec<_> = stream.expect("a stream").collect().await;
    assert_eq!(events[0].as_ref().expect("an event").diagnostic[0].summary, "Unknown list resource");
    process.finish().await;
}

#[tokio::test]
async fn a_query_is_validated() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    for (mode, limit, found) in
        [("five", json!(3), vec![]), ("nonsense", json!(3), vec![Error]), ("five", json!(-1), vec![Error])]
    {
        let request = validate_list_resource_config::Request {
            type_name: "conformance_thing".into(),
            config: Some(to_wire(&json!({"mode": mode}))),
            limit: Some(to_wire(&limit)),
            include_resource_object: None,
        };
        let answer: validate_list_resource_config::Response =
            client.unary("/tfplugin6.Provider/ValidateListResourceConfig", request).await.expect("an answer");
        assert_eq!(severity(&answer.diagnostics), found, "{mode} {limit}");
    }
    process.finish().await;
}
