//! Errors for people: what failed, on which component, why, what is left, what to do next.

use std::collections::BTreeMap;

use stellar_engine::{Address, Error, ErrorClass, Failure, Observed, Outcome, Status};

/// What AWS said, in one line: `ec2:CreateVpc answered VpcLimitExceeded – … (request id …)`.
///
/// With a colon between code and message Terragrunt would take some of them for a reason to repeat the whole apply.
pub fn what_aws_said(error: &Error) -> String {
    let mut text = match (&error.operation, &error.code) {
        (Some(operation), Some(code)) => format!("{operation} answered {code} – {}", error.message),
        (Some(operation), None) => format!("{operation} failed: {}", error.message),
        (None, _) => error.message.clone(),
    };
    if error.class == ErrorClass::Unreachable {
        // The same for "tcp … timeout".
        text = text.replace("timeout", "time limit");
    }
    if let Some(id) = &error.request_id {
        text.push_str(&format!(" (request id {id})"));
    }
    text
}

/// What a person can do about an error of this kind.
pub fn advice(error: &Error) -> Option<&'static str> {
    Some(match error.class {
        ErrorClass::Denied if stellar_aws::is_expired(error) => {
            "The credentials have expired. Get new ones (`aws sso login`, a new session, a new token), see whose they are with \
             `aws sts get-caller-identity`, and run the same command again: it goes on where this one stopped."
        }
        ErrorClass::Denied => {
            "Check the credentials: `aws sts get-caller-identity` with the same environment shows who they belong to, \
             and whether they have expired."
        }
        ErrorClass::Unreachable => {
            "Check the network, the proxy, the region's name, and AWS_ENDPOINT_URL or endpoint_url if one is set."
        }
        ErrorClass::Capacity => {
            "Ask for a higher quota in Service Quotas, choose another type or zone, or free what is in use."
        }
        ErrorClass::Transient => "AWS did not recover while the request was repeated; apply again later.",
        ErrorClass::Cancelled => {
            "The same command again goes on where this one stopped. If it says that the state is locked although nothing runs \
             any more, `terraform force-unlock ID` removes the lock; the message shows the ID."
        }
        ErrorClass::Bug => "This is a fault of the provider: please report it with the log of TF_LOG=DEBUG.",
        _ => return None,
    })
}

/// An error outside of any component: `(summary, detail)` of a diagnostic.
pub fn explain(summary: &str, error: &Error) -> (String, String) {
    let advice = advice(error).map(|text| format!("\n\n{text}")).unwrap_or_default();
    (summary.to_owned(), format!("{}.{advice}", sentence(what_aws_said(error).trim_end_matches('.'))))
}

/// Everything that went wrong in one apply, as one text: each failure once, then what waits for it, then what to do.
pub fn report(outcome: &Outcome) -> String {
    let mut text = String::new();
    for failure in &outcome.failures {
        text.push_str(&failure_line(outcome, failure));
    }
    if !outcome.skipped.is_empty() {
        let names: Vec<&str> = outcome.skipped.iter().map(|address| address.as_str()).collect();
        text.push_str(&format!("\nNot done, because it depends on the above: {}.\n", names.join(", ")));
    }
    let mut told = Vec::new();
    for line in outcome.failures.iter().filter_map(|failure| advice(&failure.error)) {
        if !told.contains(&line) {
            text.push_str(&format!("\n{line}\n"));
            told.push(line);
        }
    }
    text
}

/// What is usable but not as it should be, with the service's reasons; `None` when nothing is.
pub fn degraded(observed: &BTreeMap<Address, Observed>) -> Option<String> {
    let line = |(address, observed): (&Address, &Observed)| match &observed.status {
        Status::Degraded(reason) | Status::Failed(reason) | Status::Unmade(reason) => {
            Some(format!("- {address} ({}): {reason}", observed.id))
        }
        Status::Ready | Status::Pending(_) | Status::Deleting => None,
    };
    let lines: Vec<String> = observed.iter().filter_map(line).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn failure_line(outcome: &Outcome, failure: &Failure) -> String {
    let observed = outcome.observed.get(&failure.address);
    let left = observed.map_or_else(String::new, |o| format!("\n  left in the account: {}", o.id));
    format!("- {}: {}{left}\n", failure.address, what_aws_said(&failure.error))
}

/// First letter upper case.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        // `ec2:CreateVpc`, `network.cidr` and the like keep their spelling.
        Some(first) if !text.split(' ').next().unwrap_or_default().contains([':', '.', '_']) => {
            first.to_uppercase().chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Words that in this order make Terragrunt repeat an apply, 3 times, 5 s apart: its `retry` block's defaults, those
    /// that can meet a provider's errors.
    const REPEATED: [&[&str]; 8] = [
        &["NoSuchBucket: The specified bucket does not exist"],
        &["provider", "tcp", "timeout"],
        &["provider", "tcp", "connection reset by peer"],
        &["provider", "TLS handshake timeout"],
        &["provider", "context deadline exceeded"],
        &["Client.Timeout exceeded while awaiting headers"],
        &["Error creating SSM parameter: TooManyUpdates:"],
        &["429 Too Many Requests"],
    ];

    #[test]
    fn no_error_makes_terragrunt_repeat_an_apply() {
        let answered = |operation: &str, code: &str, message: &str| Error {
            operation: Some(operation.to_owned()),
            code: Some(code.to_owned()),
            ..Error::permanent(message)
        };
        let errors = [
            answered("s3:PutBucketPolicy", "NoSuchBucket", "The specified bucket does not exist"),
            answered("ec2:DescribeVpcs", "RequestLimitExceeded", "Request limit exceeded."),
            Error::new(ErrorClass::Unreachable, "dispatch failure: Connection reset by peer (os error 104)"),
            Error::new(ErrorClass::Unreachable, "dispatch failure: HTTP connect timeout occurred after 3s"),
            Error::new(ErrorClass::Bug, "a fault"),
        ];
        for error in errors {
            // The address of the provider stands in what Terraform adds.
            let (summary, detail) = explain("The stack was not created", &error);
            let output = format!("with provider[\"registry.terraform.io/stellar/stellar\"] tcp\n{summary}\n{detail}");
            for words in REPEATED {
                let rest = words.iter().try_fold(output.as_str(), |rest, word| Some(rest.split_once(word)?.1));
                assert!(rest.is_none(), "{words:?} in {output}");
            }
        }
    }

    #[test]
    fn what_to_do_is_said_once_however_much_failed() {
        let failure = |address: &str, class| Failure {
            address: address.parse().unwrap(),
            error: Error::new(class, "the token is expired"),
        };
        let failures = vec![
            failure("network/vpc", ErrorClass::Denied),
            failure("database/key", ErrorClass::Denied),
            failure("cache/key", ErrorClass::Cancelled),
        ];
        let text = report(&Outcome { failures, ..Outcome::default() });
        let counts = ["- network/vpc: ", "- database/key: ", "get-caller-identity", "force-unlock"];
        assert!(counts.iter().all(|part| text.matches(part).count() == 1), "{text}");
    }

    #[test]
    fn what_is_degraded_is_named_with_its_reason() {
        let at = |status: Status| Observed::new("shop/coredns", json!({})).status(status);
        let rows = [
            (Status::Ready, None),
            (Status::Pending("UPDATING".to_owned()), None),
            (
                Status::Degraded("no replicas".to_owned()),
                Some("- kubernetes/addon/coredns (shop/coredns): no replicas"),
            ),
            (Status::Failed("no role".to_owned()), Some("- kubernetes/addon/coredns (shop/coredns): no role")),
        ];
        for (status, expected) in rows {
            let observed = BTreeMap::from([("kubernetes/addon/coredns".parse().unwrap(), at(status.clone()))]);
            assert_eq!(degraded(&observed).as_deref(), expected, "{status:?}");
        }
    }
}
