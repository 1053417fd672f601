//! The retry layer against a server of our own: how often a request is sent for each kind of failure.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use aws_credential_types::Credentials;
use aws_sdk_ec2::config::{BehaviorVersion, Config, Region, retry::RetryConfig};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;

const THROTTLED: &str = "503 Service Unavailable\r\n\r\n<Response><Errors><Error><Code>RequestLimitExceeded</Code>\
                         </Error></Errors></Response>";
const BROKEN: &str = "500 Internal Server Error\r\n\r\n<Response><Errors><Error><Code>InternalError</Code>\
                      </Error></Errors></Response>";
/// As S3 says it of a connection that went silent.
const TIMED_OUT: &str = "400 Bad Request\r\n\r\n<Response><Errors><Error><Code>RequestTimeout</Code>\
                         </Error></Errors></Response>";
const MADE: &str = "200 OK\r\n\r\n<CreateVpcResponse><vpc><vpcId>vpc-1</vpcId></vpc></CreateVpcResponse>";
const CLOSED: &str = "";

fn client(port: u16) -> aws_sdk_ec2::Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("id", "secret", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .endpoint_url(format!("http://127.0.0.1:{port}"));
    aws_sdk_ec2::Client::from_conf(config.build())
}

/// Answers `first` to the first requests, `times` of them, and success to all others; the client, and how many came.
async fn server(first: &'static str, times: u32) -> (aws_sdk_ec2::Client, Arc<AtomicU32>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let requests = Arc::new(AtomicU32::new(0));
    let count = requests.clone();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 8192];
            assert!(stream.read(&mut request).await.unwrap() > 0);
            let answer = if count.fetch_add(1, Ordering::SeqCst) < times { first } else { MADE };
            if let Some((status, body)) = answer.split_once("\r\n\r\n") {
                let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
                stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
            }
        }
    });
    (client(port), requests)
}

#[tokio::test]
async fn only_what_was_certainly_not_carried_out_is_sent_twice_where_that_makes_two_objects() {
    let rows = [
        ("throttled", THROTTLED, 2, 2, None),
        ("failed on AWS's side", BROKEN, 2, 1, Some(ErrorClass::Transient)),
        ("timed out", TIMED_OUT, 2, 1, Some(ErrorClass::Transient)),
        ("no answer", CLOSED, 2, 1, Some(ErrorClass::Unreachable)),
        ("made", MADE, 1, 1, None),
    ];
    for (what, first, repeated, once, class) in rows {
        let (ec2, requests) = server(first, 1).await;
        let result = call("ec2:CreateVpc", || ec2.create_vpc().send()).await;
        assert!(result.is_ok(), "{what}: {result:?}");
        assert_eq!(requests.load(Ordering::SeqCst), repeated, "{what}");

        let (ec2, requests) = server(first, 1).await;
        let result = call_once("ec2:CreateVpc", || ec2.create_vpc().send()).await;
        assert_eq!(result.err().map(|e| e.class), class, "{what}");
        assert_eq!(requests.load(Ordering::SeqCst), once, "{what}");
    }
}

#[tokio::test]
async fn a_network_that_breaks_connections_gets_as_many_attempts_as_aws_does() {
    let breaks = CONNECT_ATTEMPTS + 1;
    let (ec2, requests) = server(CLOSED, breaks).await;
    let result = call("ec2:CreateVpc", || ec2.create_vpc().send()).await;
    assert!(result.is_ok(), "{result:?}");
    assert_eq!(requests.load(Ordering::SeqCst), breaks + 1);
}

#[tokio::test]
async fn a_connection_that_was_never_made_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let ec2 = client(port);
    let attempts = AtomicU32::new(0);
    let send = || {
        attempts.fetch_add(1, Ordering::SeqCst);
        ec2.create_vpc().send()
    };
    let result = call_once("ec2:CreateVpc", send).await;
    assert_eq!(result.err().map(|e| e.class), Some(ErrorClass::Unreachable));
    assert_eq!(attempts.load(Ordering::SeqCst), CONNECT_ATTEMPTS);
}

#[tokio::test]
async fn whoever_has_no_code_is_not_believed_that_something_is_absent() {
    let (ec2, _) = server("404 Not Found\r\n\r\n<html>nothing here</html>", 1).await;
    let error = call("ec2:DescribeVpcs", || ec2.describe_vpcs().send()).await.unwrap_err();
    assert_eq!(error.class, ErrorClass::Permanent);
    assert!(error.message.contains("404") && error.message.contains("AWS_ENDPOINT_URL"), "{}", error.message);
}

#[test]
fn an_answer_of_no_is_an_error_and_no_answer_is_none() {
    let error = |class, code: Option<&str>| Error {
        operation: Some("eks:DescribeClusterVersions".to_owned()),
        code: code.map(str::to_owned),
        ..Error::new(class, "text")
    };
    let rows = [
        (error(ErrorClass::Denied, Some("AccessDeniedException")), true),
        (error(ErrorClass::Transient, Some("ServerException")), true),
        (error(ErrorClass::Absent, None), true),
        (error(ErrorClass::Permanent, None), true),
        (error(ErrorClass::Permanent, Some("UnknownOperationException")), true),
        (error(ErrorClass::Permanent, Some("InvalidParameterException")), false),
        (error(ErrorClass::Absent, Some("ResourceNotFoundException")), false),
        (error(ErrorClass::Unreachable, None), false),
        (Error::permanent("RDS does not offer it"), false),
    ];
    for (error, expected) in rows {
        let said = format!("{error:?}");
        assert_eq!(unanswered_is_none::<()>(Err(error)).is_ok_and(|answer| answer.is_none()), expected, "{said}");
    }
}
