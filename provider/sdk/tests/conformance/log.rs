//! What the provider writes to standard error.

use serde_json::json;

use crate::support::{Json, Process, Setup, object};

/// The records of a run that logs on purpose.
async fn records(setup: Setup) -> Vec<Json> {
    let process = Process::start(setup).await;
    let client = process.client().await;
    let thing = object(json!({"name": "a", "mode": "log"}));
    let mut config = thing.clone();
    config["secret"] = json!("s3cret");
    client.apply(json!(null), thing, config, "").await;
    let (_, stderr) = process.finish().await;
    let lines = stderr.lines().inspect(|line| assert!(line.len() < 64 << 10));
    lines.map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"))).collect()
}

#[tokio::test]
async fn item_17_every_line_is_a_record_that_terraform_can_parse() {
    let records = records(Setup::default().env("TF_LOG", "TRACE")).await;
    assert!(!records.is_empty());
    for record in records {
        assert!(record["@level"].is_string() && record["@message"].is_string(), "{record}");
        let timestamp = record["@timestamp"].as_str().expect("text");
        let fraction = timestamp.strip_suffix('Z').and_then(|text| text.split_once('.')).expect("a fraction").1;
        assert_eq!(fraction.len(), 6, "{timestamp}");
    }
}

#[tokio::test]
async fn item_18_records_carry_the_call_and_no_secret() {
    let records = records(Setup::default().env("TF_LOG", "TRACE")).await;
    let found = records.iter().find(|record| record["@level"] == "info").expect("the resource's record");
    assert_eq!(found["@message"], "the word is ***");
    assert_eq!((&found["text"], &found["password"]), (&json!("*** twice"), &json!("***")));
    let debugged = records.iter().find(|record| record["@message"] == "debugged ***").expect("a masked record");
    assert_eq!(debugged["secret"], "***", "what is write-only is masked unasked");
    assert_eq!(found["tf_provider_addr"], "registry.terraform.io/conformance/conformance");
    assert_eq!(found["tf_rpc"], "ApplyResourceChange");
    assert_eq!(found["tf_resource_type"], "conformance_thing");
    assert_eq!(found["tf_req_id"].as_str().map(str::len), Some(36));
}

#[tokio::test]
async fn item_18_the_provider_s_own_variable_sets_its_level() {
    let setup = Setup::default().env("TF_LOG", "TRACE").env("TF_LOG_PROVIDER_CONFORMANCE", "WARN");
    let levels: Vec<_> = records(setup).await.iter().map(|record| record["@level"].clone()).collect();
    assert_eq!(levels, [json!("warn")]);
    assert_eq!(records(Setup::default()).await, [] as [Json; 0]);
}
