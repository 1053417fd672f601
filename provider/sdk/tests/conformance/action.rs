//! Actions.

use futures::StreamExt;
use serde_json::json;

use crate::support::proto::diagnostic::Severity::Error;
use crate::support::proto::invoke_action::{Event, event::Type};
use crate::support::proto::{ClientCapabilities, invoke_action, plan_action, stop_provider, validate_action_config};
use crate::support::{Client, Process, Setup, UNKNOWN, severity, to_wire};

async fn invoke(client: &Client, mode: &str) -> tonic::Streaming<Event> {
    let request = invoke_action::Request {
        action_type: "conformance_deed".into(),
        config: Some(to_wire(&json!({"mode": mode}))),
        client_capabilities: None,
    };
    let request = futures::stream::iter([request]);
    client.stream("/tfplugin6.Provider/InvokeAction", request).await.expect("a stream")
}

/// The lines of progress, and the summaries of the one event that it is completed.
async fn told(mut events: tonic::Streaming<Event>) -> (Vec<String>, Vec<String>) {
    let mut progress = Vec::new();
    while let Some(event) = events.next().await {
        match event.expect("an event").r#type.expect("no event is empty") {
            Type::Progress(line) => progress.push(line.message),
            Type::Completed(completed) => {
                assert!(events.next().await.is_none(), "nothing follows the end");
                return (progress, completed.diagnostics.into_iter().map(|found| found.summary).collect());
            }
        }
    }
    panic!("no end after {progress:?}");
}

#[tokio::test]
async fn item_56_an_action_tells_its_progress_and_ends_once() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let cases: [(&str, &[&str], &[&str]); 3] = [
        ("ok", &["one", "two", "three"], &[]),
        ("fail", &["one"], &["Cannot do it"]),
        ("panic", &["one"], &["The provider panicked"]),
    ];
    for (mode, progress, summaries) in cases {
        let (lines, found) = told(invoke(&client, mode).await).await;
        assert_eq!(
            (lines, found),
            (progress.iter().map(ToString::to_string).collect(), summaries.iter().map(ToString::to_string).collect()),
            "{mode}"
        );
    }
    process.finish().await;
}

#[tokio::test]
async fn item_56_a_stop_reaches_an_action_and_its_end_is_told() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let mut events = invoke(&client, "hang").await;
    events.next().await.expect("an event").expect("progress");
    let stop = stop_provider::Request {};
    let _: stop_provider::Response = client.unary("/tfplugin6.Provider/StopProvider", stop).await.expect("an answer");
    assert_eq!(told(events).await, (vec![], vec!["Interrupted".to_owned()]));
    process.finish().await;
}

#[tokio::test]
async fn an_unknown_action_is_an_end_with_an_error() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let request = invoke_action::Request { action_type: "conformance_other".into(), ..Default::default() };
    let events = client.stream("/tfplugin6.Provider/InvokeAction", futures::stream::iter([request])).await;
    assert_eq!(told(events.expect("a stream")).await, (vec![], vec!["Unknown action".to_owned()]));
    process.finish().await;
}

#[tokio::test]
async fn item_55_an_action_is_put_off_only_for_a_client_that_allows_it() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    for (mode, deferral_allowed, found, deferred) in [
        ("ok", false, vec![], false),
        (UNKNOWN, false, vec![], false),
        ("later", true, vec![], true),
        ("later", false, vec![Error], false),
    ] {
        let request = plan_action::Request {
            action_type: "conformance_deed".into(),
            config: Some(to_wire(&json!({"mode": mode}))),
            client_capabilities: Some(ClientCapabilities { deferral_allowed, ..Default::default() }),
        };
        let answer: plan_action::Response =
            client.unary("/tfplugin6.Provider/PlanAction", request).await.expect("an answer");
        assert_eq!((severity(&answer.diagnostics), answer.deferred.is_some()), (found, deferred), "{mode}");
    }
    process.finish().await;
}

#[tokio::test]
async fn an_action_s_configuration_is_validated() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    for (mode, found) in [("ok", vec![]), ("nonsense", vec![Error])] {
        let config = Some(to_wire(&json!({"mode": mode})));
        let request = validate_action_config::Request { type_name: "conformance_deed".into(), config };
        let answer: validate_action_config::Response =
            client.unary("/tfplugin6.Provider/ValidateActionConfig", request).await.expect("an answer");
        assert_eq!(severity(&answer.diagnostics), found, "{mode}");
    }
    process.finish().await;
}
