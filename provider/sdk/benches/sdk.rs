//! What the SDK itself costs, as one line of JSON: start to schema, memory, and the way of a state of 1 MB.
//!
//! `cargo bench --package tfplugin-sdk --bench sdk`. The provider is the one of the conformance tests: next to nothing of
//! its own.

#[path = "../tests/conformance/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "a client for tests; not all of it is measured")]
mod support;

use std::io::Write;
use std::time::Instant;

use serde_json::json;
use support::proto::{RawState, upgrade_resource_state};
use support::{Client, Json, Process, Setup, object, to_wire};

const STARTS: usize = 15;
const ROUNDS: usize = 15;

#[tokio::main]
async fn main() {
    let mut milliseconds = Vec::new();
    let mut kib = Vec::new();
    for _ in 0..STARTS {
        let started = Instant::now();
        let process = Process::start(Setup::default()).await;
        process.client().await.provider_schema().await;
        milliseconds.push(started.elapsed().as_secs_f64() * 1000.0);
        kib.push(resident(process.child.id().expect("running")));
        process.finish().await;
    }
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let state = big();
    let read = rate(to_wire(&state).msgpack.len(), async || read(&client, &state).await).await;
    let text = state.to_string();
    let upgrade = rate(text.len(), async || upgrade(&client, &text).await).await;
    process.finish().await;
    let figures = json!({
        "start_to_schema_ms": tenths(median(milliseconds)),
        "resident_kib": median(kib),
        "read_1mb_state_mb_per_s": read,
        "upgrade_1mb_state_mb_per_s": upgrade,
    });
    writeln!(std::io::stdout(), "{figures}").expect("standard output is writable");
}

/// A state of about 1 MB in 15,000 parts.
fn big() -> Json {
    let tags: Json = (0..14_000).map(|index| (format!("key-{index}"), json!("v".repeat(55)))).collect();
    let pool = |index: usize| json!({"min": index, "image": "image", "arn": format!("arn:{index}")});
    let pools: Json = (0..1000).map(|index| (format!("pool-{index}"), pool(index))).collect();
    object(json!({"name": "a", "id": "id-a", "tags": tags, "pools": pools}))
}

async fn read(client: &Client, state: &Json) {
    let answer = client.read(state.clone(), "").await;
    assert!(answer.diagnostics.is_empty());
}

async fn upgrade(client: &Client, text: &str) {
    let raw = RawState { json: text.as_bytes().to_vec(), ..RawState::default() };
    let request =
        upgrade_resource_state::Request { type_name: "conformance_thing".into(), version: 2, raw_state: Some(raw) };
    let answer: upgrade_resource_state::Response =
        client.unary("/tfplugin6.Provider/UpgradeResourceState", request).await.expect("an answer");
    assert!(answer.diagnostics.is_empty());
}

/// Megabytes per second, the client's own work included.
async fn rate(bytes: usize, call: impl AsyncFn()) -> f64 {
    let mut seconds = Vec::new();
    for _ in 0..ROUNDS {
        let started = Instant::now();
        call().await;
        seconds.push(started.elapsed().as_secs_f64());
    }
    let megabytes = f64::from(u32::try_from(bytes).expect("a small state")) / 1e6;
    tenths(megabytes / median(seconds))
}

/// Largest resident memory so far, in KiB; 0 where there is no /proc.
fn resident(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse().unwrap_or_default()
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

fn tenths(figure: f64) -> f64 {
    (figure * 10.0).round() / 10.0
}
