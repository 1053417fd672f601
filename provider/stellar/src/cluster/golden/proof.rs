//! What is made is ours from its first moment: whoever is killed after the request that makes an object finds it again.
//!
//! Every kind's `create` runs against a listener that records what is sent. The request that makes the object must hold
//! what proves it later: the claim in its tags or in a field, the parent that it lives in, or the derived name. A kind that
//! marked its objects afterwards would leave one between the two calls that nobody can tell from a stranger's.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::PathBuf,
    process,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use stellar_aws::{Aws, Settings};
use stellar_engine::{AnyKind, Component, Proof, Scope, input};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::{CLAIM, graph, profile};

/// Stands for every id that a component refers to.
const PARENT: &str = "parent-0123456789";

/// Calls that come before the one that makes the object, by a word of theirs, with what answers them.
const ANSWERS: [(&str, &str); 3] = [
    ("secretsmanager.GetSecretValue", r#"{"SecretString": "{\"username\": \"a\", \"password\": \"b\"}"}"#),
    ("secretsmanager.GetRandomPassword", r#"{"RandomPassword": "abc"}"#),
    (
        "Action=DescribeDBInstances",
        "<DescribeDBInstancesResponse><DescribeDBInstancesResult><DBInstances/></DescribeDBInstancesResult>\
         </DescribeDBInstancesResponse>",
    ),
];

/// S3's answer about a bucket that does not exist; the other services' requests are not read before they make something.
const NOTHING: &str = "<Error><Code>NoSuchBucket</Code></Error>";

/// Takes requests, and refuses all but [`ANSWERS`] as a service does that has nothing of that name.
struct Listener {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Listener {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let requests = Arc::<Mutex<Vec<String>>>::default();
        let recorded = requests.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, recorded.clone()));
            }
        });
        Self { url, requests }
    }

    fn taken(&self) -> Vec<String> {
        std::mem::take(&mut *self.requests.lock().unwrap())
    }
}

async fn serve(mut stream: TcpStream, requests: Arc<Mutex<Vec<String>>>) {
    let mut bytes = Vec::new();
    let mut buffer = [0; 65536];
    while !is_whole(&bytes) {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(read) => bytes.extend_from_slice(&buffer[..read]),
        }
    }
    let request = String::from_utf8_lossy(&bytes).into_owned();
    let known = ANSWERS.iter().find(|(word, _)| request.contains(word)).map(|(_, body)| *body);
    let (status, body) = known.map_or(("404 Not Found", NOTHING), |body| ("200 OK", body));
    requests.lock().unwrap().push(request);
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
}

fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    body.len() >= length.and_then(|length| length.trim().parse().ok()).unwrap_or(0)
}

/// A component of every kind.
fn components() -> BTreeMap<&'static str, Component> {
    let mut aurora = profile("complete");
    aurora["database"] =
        json!({"engine": "aurora-postgresql", "instance_class": "db.r6g.large", "replicas": {"count": 1}});
    aurora["network"]["secondary_cidrs"] = json!(["10.2.0.0/16"]);
    // Which zones there are is not looked up here.
    aurora["network"]["zone_count"] = Value::Null;
    aurora["network"]["availability_zones"] = json!(["us-east-1a", "us-east-1b", "us-east-1c"]);
    aurora["cdn"]["behaviors"] = json!([{
        "path": "/x/*", "origin": "api.example.com", "ttl": {}, "forward": {"headers": ["Accept"]},
    }]);
    let configs = [profile("complete"), aurora];
    let all = configs.iter().flat_map(|config| graph(config, CLAIM).iter().cloned().collect::<Vec<_>>());
    all.map(|component| (component.kind, component)).collect()
}

/// The claim, in whatever form the kind's proof has it.
fn carries(request: &str, proof: Proof, component: &Component, resolved: &Value) -> bool {
    let decoded = request.replace("%2F", "/").replace("\\/", "/");
    match proof {
        Proof::Tag => decoded.contains(CLAIM) && decoded.contains(component.address.as_str()),
        Proof::Field => decoded.contains(CLAIM) && decoded.contains(&CLAIM[..8]),
        Proof::Parent => decoded.contains(PARENT),
        Proof::ServiceMade => resolved["name"].as_str().is_some_and(|name| decoded.contains(name)),
    }
}

/// A file with credentials; gone at the end.
struct Credentials(PathBuf);

impl Credentials {
    fn write() -> Self {
        let file = env::temp_dir().join(format!("stellar-proof-{}", process::id()));
        let text = "[proof]\naws_access_key_id = test\naws_secret_access_key = test\n";
        fs::write(&file, text).expect("writable");
        Self(file)
    }

    async fn clients(&self, url: &str) -> Arc<Aws> {
        let settings = Settings {
            region: Some("us-east-1".to_owned()),
            profile: Some("proof".to_owned()),
            credentials_files: vec![self.0.clone()],
            config_files: vec![self.0.clone()],
            endpoint_url: Some(url.to_owned()),
            ..Settings::default()
        };
        Arc::new(Aws::load(&settings).await.expect("clients"))
    }
}

impl Drop for Credentials {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[tokio::test]
async fn the_request_that_makes_an_object_proves_whose_it_is() {
    let listener = Listener::start().await;
    let credentials = Credentials::write();
    let kinds = stellar_aws::kinds(&credentials.clients(&listener.url).await);
    let components = components();
    let untried: BTreeSet<&str> = kinds.keys().copied().filter(|kind| !components.contains_key(kind)).collect();
    assert_eq!(untried, BTreeSet::new(), "kinds without a component here");
    let scope = Scope {
        stack: "stellar-prod".to_owned(),
        claim: CLAIM.to_owned(),
        account: "123456789012".to_owned(),
        partition: "aws".to_owned(),
        region: "us-east-1".to_owned(),
        operation: "one".to_owned(),
        tags: Arc::new(components.values().map(|c| (c.address.clone(), c.tags.clone())).collect()),
    };
    let mut unproven = Vec::new();
    for (name, component) in &components {
        let kind: &Arc<dyn AnyKind> = &kinds[name];
        let resolved = input::resolve(&component.desired, &|_, _| Some(PARENT.into()));
        let _ = kind.create(&scope, &component.address, &resolved).await;
        // A call that fails is the last: it is the one that makes the object, or there would be another.
        let requests = listener.taken();
        let proven = requests.last().is_some_and(|last| carries(last, kind.traits().proof, component, &resolved));
        if !proven {
            unproven.push(format!("{name}: {:#?}", requests.last()));
        }
    }
    assert!(unproven.is_empty(), "{}", unproven.join("\n\n"));
}
