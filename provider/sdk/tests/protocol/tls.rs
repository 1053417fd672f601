//! Who may connect.

use serde_json::json;
use tokio::io::AsyncReadExt;

use crate::support::health::health_check_response::ServingStatus;
use crate::support::health::{HealthCheckRequest, HealthCheckResponse};
use crate::support::{Client, ClientKey, Process, Setup, handshake, object, severity};

#[tokio::test]
async fn the_announced_client_is_served_over_h2_with_tls_1_2_and_1_3() {
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
async fn a_client_without_the_announced_certificate_is_refused() {
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
async fn plaintext_is_refused_when_a_certificate_was_announced() {
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
async fn messages_up_to_256_mib_are_taken_and_larger_ones_refused_without_harm() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let note = |mib: usize| object(json!({"name": "a", "note": "x".repeat(mib << 20)}));
    let read = client.read(note(100), "").await;
    assert_eq!(severity(&read.diagnostics), []);

    let request = crate::support::proto::read_resource::Request { private: vec![0; 300 << 20], ..Default::default() };
    let refused = client
        .unary::<_, crate::support::proto::read_resource::Response>("/tfplugin6.Provider/ReadResource", request)
        .await;
    assert_eq!(refused.expect_err("too large").code(), tonic::Code::OutOfRange);
    assert_eq!(severity(&client.read(note(0), "").await.diagnostics), []);
    process.finish().await;
}

#[tokio::test]
async fn many_slow_calls_run_side_by_side() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let thing = object(json!({"name": "a", "mode": "slow"}));
    let started = std::time::Instant::now();
    let calls = (0..250).map(|_| {
        let (client, thing) = (client.clone(), thing.clone());
        async move { client.apply(json!(null), thing.clone(), thing, "").await }
    });
    let answers = futures::future::join_all(calls).await;
    assert!(answers.iter().all(|answer| answer.diagnostics.is_empty()));
    // One after the other they would take 150 s.
    assert!(started.elapsed() < std::time::Duration::from_secs(15), "{:?}", started.elapsed());
    process.finish().await;
}
