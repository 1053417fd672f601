//! Ephemeral resources.

use serde_json::json;

use crate::support::proto::diagnostic::Severity::{Error, Warning};
use crate::support::proto::{
    ClientCapabilities, close_ephemeral_resource, deferred, open_ephemeral_resource, renew_ephemeral_resource,
    stop_provider, validate_ephemeral_resource_config,
};
use crate::support::{Client, Process, Setup, from_wire, severity, to_wire};

const TYPE: &str = "conformance_token";

async fn open(client: &Client, mode: &str, deferral_allowed: bool) -> open_ephemeral_resource::Response {
    let request = open_ephemeral_resource::Request {
        type_name: TYPE.into(),
        config: Some(to_wire(&json!({"mode": mode, "value": null}))),
        client_capabilities: Some(ClientCapabilities { deferral_allowed, ..Default::default() }),
    };
    client.unary("/tfplugin6.Provider/OpenEphemeralResource", request).await.expect("an answer")
}

#[tokio::test]
async fn item_51_55_open_answers_the_configuration_with_what_is_computed_or_an_error() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let result = |mode: &str, value: &str| json!({"mode": mode, "value": value});
    let cases = [
        ("ok", result("ok", "t0ken"), vec![], ""),
        ("fail", result("fail", "t0ken"), vec![Error], "none is left"),
        ("panic", json!(null), vec![Error], "asked to"),
        ("nothing", json!(null), vec![Error], "neither a result nor an error"),
        ("other mode", result("x", "t0ken"), vec![Error], "The planned value of mode differs from the configuration"),
        ("unknown", json!({"mode": "unknown", "value": null}), vec![Error], "value of the result is unknown"),
        ("later", result("later", "t0ken"), vec![Error], "does not allow"),
    ];
    for (mode, expected, found, detail) in cases {
        let answer = open(&client, mode, false).await;
        assert_eq!(severity(&answer.diagnostics), found, "{mode}");
        assert_eq!(from_wire(answer.result.as_ref()), expected, "{mode}");
        assert!(answer.diagnostics.iter().all(|found| found.detail.contains(detail)), "{:?}", answer.diagnostics);
        assert_eq!(answer.deferred, None, "{mode}");
    }
    let later = open(&client, "later", true).await;
    assert_eq!(severity(&later.diagnostics), []);
    assert_eq!(later.deferred.map(|later| later.reason()), Some(deferred::Reason::AbsentPrereq));
    process.finish().await;
}

#[tokio::test]
async fn item_51_a_renewal_gets_the_last_private_data_and_closing_works_after_a_stop() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let opened = open(&client, "renewed", false).await;
    assert_eq!(opened.renew_at.map(|at| (at.seconds, at.nanos)), Some((1000, 0)));

    let request = renew_ephemeral_resource::Request { type_name: TYPE.into(), private: opened.private.clone() };
    let renewed: renew_ephemeral_resource::Response =
        client.unary("/tfplugin6.Provider/RenewEphemeralResource", request).await.expect("an answer");
    assert_eq!(renewed.private.as_deref(), Some(b"opened+".as_slice()));
    assert_eq!(renewed.renew_at.map(|at| (at.seconds, at.nanos)), Some((2, 500_000_000)));

    let stop = stop_provider::Request {};
    let _: stop_provider::Response = client.unary("/tfplugin6.Provider/StopProvider", stop).await.expect("an answer");
    let request = close_ephemeral_resource::Request { type_name: TYPE.into(), private: opened.private };
    let closed: close_ephemeral_resource::Response =
        client.unary("/tfplugin6.Provider/CloseEphemeralResource", request).await.expect("an answer");
    assert_eq!(severity(&closed.diagnostics), [Warning]);
    assert_eq!(closed.diagnostics[0].detail, "opened false");
    process.finish().await;
}

#[tokio::test]
async fn the_configuration_of_an_ephemeral_resource_is_validated() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    for (type_name, mode, found) in
        [(TYPE, "ok", vec![]), (TYPE, "", vec![Error]), ("conformance_other", "ok", vec![Error])]
    {
        let config = Some(to_wire(&json!({"mode": mode, "value": null})));
        let request = validate_ephemeral_resource_config::Request { type_name: type_name.into(), config };
        let answer: validate_ephemeral_resource_config::Response =
            client.unary("/tfplugin6.Provider/ValidateEphemeralResourceConfig", request).await.expect("an answer");
        assert_eq!(severity(&answer.diagnostics), found, "{type_name} {mode:?}");
    }
    process.finish().await;
}
