//! What every kind must state about itself, so that plans can rely on it.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use serde_json::Value;
use stellar_engine::{
    Proof::{self, *},
    Properties, Scope,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::{Aws, cloudfront, ec2, eks, elasticache, iam, kinds, kms, logs, rds, s3, secretsmanager};

/// A stack `shop` of the claim `c1`, without tags of its own.
pub(crate) fn scope() -> Scope {
    let text = str::to_owned;
    Scope {
        stack: text("shop"),
        claim: text("c1"),
        account: text("1"),
        partition: text("aws"),
        region: text("r"),
        operation: text("o"),
        tags: Arc::default(),
    }
}

/// A server that gives these answers (status line, headers, an empty line, body) one after the other and the last one for
/// ever: its URL, and the bodies of the requests that came.
pub(crate) async fn serve(answers: Vec<String>) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let bodies = asked.clone();
    tokio::spawn(async move {
        for number in 0.. {
            let (mut stream, _) = listener.accept().await.unwrap();
            let body = body(&mut stream).await;
            bodies.lock().unwrap().push(body);
            let answer = &answers[number.min(answers.len() - 1)];
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            let more = format!("Connection: close\r\nContent-Length: {}", body.len());
            stream.write_all(format!("HTTP/1.1 {head}\r\n{more}\r\n\r\n{body}").as_bytes()).await.unwrap();
        }
    });
    (url, asked)
}

/// The body of the request that comes in, as long as its header says.
async fn body(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    loop {
        let mut part = [0; 8192];
        let length = stream.read(&mut part).await.unwrap();
        assert!(length > 0, "the request ended early");
        read.extend_from_slice(&part[..length]);
        let text = String::from_utf8_lossy(&read);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let head = head.to_lowercase();
        let length = head.split_once("content-length: ").and_then(|(_, rest)| rest.lines().next()?.parse().ok());
        if body.len() >= length.unwrap_or(0) {
            return body.to_owned();
        }
    }
}

/// Kind, its proof, and the fields of its model.
type Row = (&'static str, Proof, BTreeSet<String>);

fn row<P: Properties + Default>(proof: Proof) -> Row {
    let fields = match serde_json::to_value(P::default()).unwrap() {
        Value::Object(fields) => fields.into_iter().map(|(name, _)| name).collect(),
        other => panic!("{} is {other}, which has no fields", P::KIND),
    };
    (P::KIND, proof, fields)
}

fn rows() -> Vec<Row> {
    vec![
        row::<cloudfront::cache_policy::CachePolicy>(Field),
        row::<cloudfront::distribution::Distribution>(Tag),
        row::<cloudfront::origin_access_control::OriginAccessControl>(Field),
        row::<cloudfront::origin_request_policy::OriginRequestPolicy>(Field),
        row::<ec2::elastic_ip::ElasticIp>(Tag),
        row::<ec2::flow_log::FlowLog>(Tag),
        row::<ec2::internet_gateway::InternetGateway>(Tag),
        row::<ec2::launch_template::LaunchTemplate>(Tag),
        row::<ec2::nat_gateway::NatGateway>(Tag),
        row::<ec2::route::Route>(Parent),
        row::<ec2::route_table::RouteTable>(Tag),
        row::<ec2::route_table_association::RouteTableAssociation>(Parent),
        row::<ec2::security_group::SecurityGroup>(Tag),
        row::<ec2::security_group_rule::SecurityGroupRule>(Parent),
        row::<ec2::subnet::Subnet>(Tag),
        row::<ec2::vpc::Vpc>(Tag),
        row::<ec2::vpc_cidr::VpcCidr>(Parent),
        row::<ec2::vpc_endpoint::VpcEndpoint>(Tag),
        row::<eks::access_entry::AccessEntry>(Tag),
        row::<eks::addon::Addon>(Tag),
        row::<eks::cluster::Cluster>(Tag),
        row::<eks::node_group::NodeGroup>(Tag),
        row::<eks::pod_identity_association::PodIdentityAssociation>(Tag),
        row::<elasticache::parameter_group::ParameterGroup>(Tag),
        row::<elasticache::replication_group::ReplicationGroup>(Tag),
        row::<elasticache::subnet_group::SubnetGroup>(Tag),
        row::<iam::role::Role>(Tag),
        row::<kms::key::Key>(Tag),
        row::<logs::log_group::LogGroup>(ServiceMade),
        row::<rds::cluster::Cluster>(Tag),
        row::<rds::cluster_instance::ClusterInstance>(Tag),
        row::<rds::cluster_parameter_group::ClusterParameterGroup>(Tag),
        row::<rds::instance::Instance>(Tag),
        row::<rds::parameter_group::ParameterGroup>(Tag),
        row::<rds::subnet_group::SubnetGroup>(Tag),
        row::<s3::bucket::Bucket>(Tag),
        row::<s3::bucket_policy::BucketPolicy>(Parent),
        row::<secretsmanager::secret::Secret>(Tag),
    ]
}

#[test]
fn every_kind_states_what_plans_rely_on() {
    let (kinds, rows) = (kinds(&Aws::offline()), rows());
    let listed: BTreeSet<&str> = rows.iter().map(|(kind, ..)| *kind).collect();
    assert_eq!(kinds.keys().copied().collect::<BTreeSet<_>>(), listed, "registered kinds and rows");
    for (kind, proof, fields) in rows {
        let traits = kinds[kind].traits();
        let word = |part: &str| !part.is_empty() && part.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-'));
        assert!(kind.split_once('/').is_some_and(|(a, b)| word(a) && word(b)), "{kind} is not service/object");
        assert_eq!(traits.proof, proof, "{kind}");
        assert!(!traits.noun.is_empty(), "{kind} has no noun");
        let (create, update, delete) = traits.minutes;
        let longest = f64::from(create.max(update).max(delete));
        assert!(f64::from(traits.limit_minutes) >= longest, "{kind} typically takes longer than its limit");
        let ruled: BTreeSet<String> = traits.rules.iter().map(|(field, _)| (*field).to_owned()).collect();
        assert_eq!(ruled.len(), traits.rules.len(), "{kind} has two rules for one field");
        assert!(ruled.is_subset(&fields), "{kind} has rules for {:?}", ruled.difference(&fields));
    }
}
