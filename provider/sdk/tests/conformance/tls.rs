//! Who may connect.

use futures::future::join_all;
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::time::timeout;
use tonic::Code;

use crate::support::health::health_check_response::ServingStatus;
use crate::support::health::{HealthCheckRequest, HealthCheckResponse};
use crate::support::proto::read_resource;
use crate::support::{Client, ClientKey, PATIENCE, Process, Setup, handshake, object, to_wire};

#[tokio::test]
async fn item_09_the_announced_client_is_served_over_h2_with_tls_1_2_and_1_3() {
    let process = Process::start(Setup::default()).await;
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let stream = handshake(process.connect().await, &process.certificate(), Some(&process.key), version).await;
        let stream = stream.expect("accepted");
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
        let client = Client::new(stream).await;
        for service in ["plugin", ""] {
            let request = HealthCheckRequest { service: service.into() };
            let health: HealthCheckResponse =
                client.unary("/grpc.health.v1.Health/Check", request).await.expect("an answer");
            assert_eq!(health.status(), ServingStatus::Serving);
        }
    }
    process.finish().await;
}

#[tokio::test]
async fn item_10_a_client_without_the_announced_certificate_is_refused() {
    let process = Process::start(Setup::default()).await;
    let foreign = ClientKey::new();
    for key in [None, Some(&foreign)] {
        for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
            let stream = handshake(process.connect().await, &process.certificate(), key, version).await;
            // In TLS 1.3 the client learns of its refusal after its own half of the handshake.
            let refused = match stream {
                Ok(mut stream) => stream.read_u8().await.is_err(),
                Err(_) => true,
            };
            assert!(refused, "key {}, {version:?}", key.is_some());
        }
    }
    process.finish().await;
}

#[tokio::test]
async fn item_10_plaintext_is_refused_when_a_certificate_was_announced() {
    let process = Process::start(Setup::default()).await;
    let answered = match Client::try_new(process.connect().await).await {
        Ok(client) => client
            .unary::<_, HealthCheckResponse>("/grpc.health.v1.Health/Check", HealthCheckRequest::default())
            .await
            .is_ok(),
        Err(_) => false,
    };
    assert!(!answered);
    process.finish().await;
}

#[tokio::test]
async fn item_15_messages_up_to_256_mib_are_taken_and_larger_ones_refused_without_harm() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    for (mib, code) in [(200, Code::Ok), (300, Code::OutOfRange), (1, Code::Ok)] {
        let thing = to_wire(&object(json!({"name": "a"})));
        let request = read_resource::Request {
            type_name: "conformance_thing".into(),
            current_state: Some(thing),
            private: vec![0; mib << 20],
            ..Default::default()
        };
        let answer = client.unary::<_, read_resource::Response>("/tfplugin6.Provider/ReadResource", request).await;
        let answered = answer.map_or_else(|status| (status.code(), 0), |answer| (Code::Ok, answer.private.len() >> 20));
        assert_eq!(answered, (code, if code == Code::Ok { mib } else { 0 }));
    }
    process.finish().await;
}

#[tokio::test]
async fn item_15_as_many_calls_run_side_by_side_as_terraform_sends() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    // None of them ends before all of them run.
    let thing = object(json!({"name": "a", "mode": "meet"}));
    let calls = (0..250).map(|_| {
        let (client, thing) = (client.clone(), thing.clone());
        async move { client.apply(json!(null), thing.clone(), thing, "").await }
    });
    let answers = timeout(PATIENCE, join_all(calls)).await.expect("all calls run");
    assert!(answers.iter().all(|answer| answer.diagnostics.is_empty()));
    process.finish().await;
}
