//! Start, handshake and end of the process.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::Stdio;
use std::time::{Duration, Instant};

use futures::{StreamExt, stream};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tonic::Status;

use crate::support::plugin::{ConnInfo, Empty, StdioData};
use crate::support::proto::diagnostic::Severity;
use crate::support::proto::stop_provider;
use crate::support::{ApplyAnswer, Client, PATIENCE, Process, Setup, binary, object, severity};

/// What Terraform waits after Shutdown before it kills.
const KILLED_AFTER: Duration = Duration::from_secs(2);

#[tokio::test]
async fn item_01_02_without_the_right_cookie_the_binary_says_what_it_is_and_exits_with_1() {
    for cookie in [None, Some("wrong")] {
        let mut command = binary();
        if let Some(cookie) = cookie {
            command.env("TF_PLUGIN_MAGIC_COOKIE", cookie);
        }
        let output = command.output().await.expect("it runs");
        assert_eq!(output.status.code(), Some(1), "{cookie:?}");
        assert_eq!(output.stdout, b"", "{cookie:?}");
        let notice = String::from_utf8(output.stderr).expect("text");
        assert!(notice.starts_with("This binary is a plugin."), "{notice}");
        assert_eq!(notice.lines().count(), 3, "{notice}");
    }
}

#[tokio::test]
async fn item_03_the_handshake_line_has_six_fields_and_no_certificate_without_tls() {
    let process = Process::start(Setup::plain()).await;
    let socket = process.socket().display().to_string();
    assert_eq!(process.fields, ["1", "6", "unix", &socket, "grpc", ""]);
    let (rest, _) = process.finish().await;
    assert_eq!(rest, "", "nothing else goes to standard output");
}

#[tokio::test]
async fn item_04_the_announced_certificate_is_one_for_localhost() {
    let process = Process::start(Setup::default()).await;
    assert!(!process.fields[5].contains('='), "{}", process.fields[5]);
    let certificate = process.certificate();
    // In DER, a name of the type dNSName is the tag 0x82, its length and its text.
    let name = b"\x82\x09localhost";
    assert!(certificate.windows(name.len()).any(|window| window == name));
    process.finish().await;
}

#[tokio::test]
async fn item_05_only_a_client_that_asks_for_multiplexing_gets_a_seventh_field() {
    let process = Process::start(Setup::default().env("PLUGIN_MULTIPLEX_GRPC", "true")).await;
    assert_eq!(process.fields[6..], ["false"]);
    process.finish().await;
}

#[tokio::test]
async fn item_06_the_protocol_is_6_whatever_the_client_offers() {
    for offered in ["6,5", "5,6", "5", "x,6", ""] {
        let process = Process::start(Setup::plain().env("PLUGIN_PROTOCOL_VERSIONS", offered)).await;
        assert_eq!(process.fields[1], "6", "{offered:?}");
        process.finish().await;
    }
}

#[tokio::test]
async fn item_07_the_socket_is_where_the_client_wants_it_and_gone_after_shutdown() {
    let dir = tempfile::tempdir().expect("a directory");
    let group = std::fs::metadata(dir.path()).expect("metadata").gid().to_string();
    let setup = Setup::default()
        .env("PLUGIN_UNIX_SOCKET_DIR", dir.path().display().to_string())
        .env("PLUGIN_UNIX_SOCKET_GROUP", group.clone());
    let mut process = Process::start(setup).await;
    let socket = process.socket();
    assert_eq!(socket.parent(), Some(dir.path()));
    let metadata = std::fs::metadata(&socket).expect("a socket");
    assert_eq!(metadata.permissions().mode() & 0o777, 0o660);
    assert_eq!(metadata.gid().to_string(), group);

    process.client().await.shutdown().await;
    assert!(process.wait().await.success());
    assert!(!socket.exists());
}

#[tokio::test]
async fn item_08_a_path_too_long_for_a_socket_falls_back_to_loopback() {
    let dir = tempfile::tempdir().expect("a directory");
    let long = dir.path().join("d".repeat(100));
    std::fs::create_dir(&long).expect("a directory");
    let setup = Setup::plain().env("PLUGIN_UNIX_SOCKET_DIR", long.display().to_string());
    let process = Process::start(setup).await;
    assert_eq!(process.fields[2], "tcp");
    assert!(process.fields[3].starts_with("127.0.0.1:"), "{}", process.fields[3]);
    assert!(process.client().await.provider_schema().await.provider.is_some());
    process.finish().await;
}

#[tokio::test]
async fn item_11_the_side_streams_stay_open_and_silent_until_shutdown() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let mut stdio =
        client.stream::<_, StdioData>("/plugin.GRPCStdio/StreamStdio", stream::iter([()])).await.expect("a stream");
    let sent = stream::iter([ConnInfo { service_id: 1, ..ConnInfo::default() }]).chain(stream::pending());
    let mut broker = client.stream::<_, ConnInfo>("/plugin.GRPCBroker/StartStream", sent).await.expect("a stream");

    let silence = Duration::from_millis(200);
    assert!(timeout(silence, stdio.next()).await.is_err());
    assert!(timeout(silence, broker.next()).await.is_err());
    client.shutdown().await;
    assert!(stdio.next().await.is_none_or(|end| end.is_err()));
    assert!(broker.next().await.is_none_or(|end| end.is_err()));
}

#[tokio::test]
async fn item_12_shutdown_ends_the_process_in_time_even_when_an_apply_hangs() {
    let mut process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let _stdio =
        client.stream::<_, StdioData>("/plugin.GRPCStdio/StreamStdio", stream::iter([()])).await.expect("a stream");
    let apply = hanging_apply(&client, "hang on").await;

    let started = Instant::now();
    client.shutdown().await;
    assert!(process.wait().await.success());
    assert!(started.elapsed() < KILLED_AFTER, "{:?}", started.elapsed());
    assert!(!process.socket().exists());
    assert!(apply.await.expect("no panic").is_err());
}

#[tokio::test]
async fn item_13_interrupts_of_the_terminal_do_not_end_an_apply() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let apply = hanging_apply(&client, "hang").await;
    for _ in 0..3 {
        process.signal("INT");
        client.provider_schema().await;
    }
    assert!(!apply.is_finished());
    stop(&client).await;
    assert_eq!(interrupted(apply).await.state()["name"], "a");
    process.finish().await;
}

#[tokio::test]
async fn item_46_stop_interrupts_what_runs_and_nothing_that_comes_later() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let apply = hanging_apply(&client, "hang").await;
    stop(&client).await;
    let answer = interrupted(apply).await;
    assert_eq!(severity(&answer.diagnostics), [Severity::Error]);
    assert_eq!((&answer.state()["name"], answer.private()), (&json!("a"), "p"));

    let later = hanging_apply(&client, "hang").await;
    let read = client.read(object(json!({"name": "a"})), "").await;
    assert_eq!(severity(&read.diagnostics), []);
    assert!(!later.is_finished(), "a later call does not start interrupted");
    process.finish().await;
}

/// An apply that runs: until it is interrupted with the mode "hang", for ever with "hang on".
async fn hanging_apply(client: &Client, mode: &str) -> JoinHandle<Result<ApplyAnswer, Status>> {
    let thing = object(json!({"name": "a", "mode": mode}));
    let hanging = client.clone();
    let apply = tokio::spawn(async move { hanging.try_apply(json!(null), thing.clone(), thing, "p").await });
    let observer = object(json!({"name": "b", "mode": "after a hang began"}));
    client.apply(json!(null), observer.clone(), observer, "").await;
    apply
}

async fn interrupted(apply: JoinHandle<Result<ApplyAnswer, Status>>) -> ApplyAnswer {
    timeout(PATIENCE, apply).await.expect("an end").expect("no panic").expect("an answer")
}

async fn stop(client: &Client) {
    let stopped: stop_provider::Response =
        client.unary("/tfplugin6.Provider/StopProvider", stop_provider::Request {}).await.expect("an answer");
    assert_eq!(stopped.error, "");
}

#[tokio::test]
async fn item_14_a_provider_whose_parent_was_killed_ends() {
    // The shell is the parent; it passes the provider's standard output on, which ends with the provider.
    let mut command = tokio::process::Command::new("sh");
    let cookie = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";
    command.args(["-c", "\"$0\" & wait", env!("CARGO_BIN_EXE_conformance-provider")]);
    command.env("TF_PLUGIN_MAGIC_COOKIE", cookie).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut shell = command.spawn().expect("a shell");
    let mut lines = BufReader::new(shell.stdout.take().expect("piped")).lines();
    lines.next_line().await.expect("readable").expect("a handshake");

    shell.kill().await.expect("killed");
    let end = timeout(Duration::from_secs(10), lines.next_line()).await.expect("the provider ends");
    assert_eq!(end.expect("readable"), None);
}

#[tokio::test]
async fn shutdown_is_answered() {
    let mut process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let answer = client.unary::<_, Empty>("/plugin.GRPCController/Shutdown", Empty {}).await;
    assert_eq!(answer.expect("an answer"), Empty {});
    assert!(process.wait().await.success());
}
