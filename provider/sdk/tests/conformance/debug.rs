//! The mode for debuggers.

use std::{collections::BTreeSet, path::Path};

use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::UnixStream;

use crate::support::proto::configure_provider;
use crate::support::{Client, Json, binary, to_wire};

#[tokio::test]
async fn item_19_a_debugged_provider_serves_clients_in_a_row_and_at_once_until_ctrl_c() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut child = binary().arg("-debug").env("TMPDIR", dir.path()).spawn().expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let announced = loop {
        let line = lines.next_line().await.expect("readable").expect("an announcement");
        if let Some(json) = line.strip_prefix("\tTF_REATTACH_PROVIDERS='").and_then(|rest| rest.strip_suffix('\'')) {
            break serde_json::from_str::<Json>(json).expect("JSON");
        }
    };
    let provider = &announced["registry.terraform.io/conformance/conformance"];
    let address = &provider["Addr"];
    let socket = Path::new(address["String"].as_str().expect("a path"));
    let expected = json!({
        "Protocol": "grpc", "ProtocolVersion": 6, "Pid": child.id(), "Test": true,
        "Addr": {"Network": "unix", "String": socket},
    });
    assert_eq!(provider, &expected);

    for client in 1..=2 {
        assert_eq!(configured(&connected(socket).await).await, format!("{client} by 1"));
    }
    let (left, right) = (connected(socket).await, connected(socket).await);
    let (one, other) = tokio::join!(configured(&left), configured(&right));
    assert_eq!([&one, &other].into_iter().collect::<BTreeSet<_>>().len(), 2, "both are served");
    assert!([one, other].iter().all(|detail| detail == "3 by 1" || detail == "4 by 1"));
    drop((left, right));

    let pid = child.id().expect("running").to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().expect("kill runs").success());
    let status = child.wait().await.expect("a status");
    let mut stderr = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut stderr).await.expect("text");
    assert!(status.success(), "{status} {stderr}");
    assert!(!socket.exists());
}

async fn connected(socket: &Path) -> Client {
    Client::new(UnixStream::connect(socket).await.expect("the socket accepts")).await
}

/// Configures the provider, which answers the how manieth configuration of its process this is.
async fn configured(client: &Client) -> String {
    let config = Some(to_wire(&json!({"region": null})));
    let request = configure_provider::Request { terraform_version: "1".into(), config, client_capabilities: None };
    let answer: configure_provider::Response =
        client.unary("/tfplugin6.Provider/ConfigureProvider", request).await.expect("an answer");
    answer.diagnostics[0].detail.clone()
}
