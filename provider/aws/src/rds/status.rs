//! RDS's words for the life of an instance or a cluster (RDS User Guide, "Viewing Amazon RDS DB instance
//! status"; Aurora User Guide, "Viewing DB cluster status").

use aws_sdk_rds::types::SourceType;
use stellar_engine::{Observed, Status, Tags};

use super::marks;
use crate::{Aws, call};

/// How far back the events are read that say why a database is in a bad state, in minutes: RDS keeps two weeks.
const EVENTS_MINUTES: i32 = 14 * 24 * 60;

/// States that a change of the configuration, or a person, mends; with what helps.
const MENDABLE: [(&str, &str); 5] = [
    ("storage-full", "the storage is full: raise storage.gb, or storage.max_gb so that RDS grows it by itself"),
    (
        "incompatible-parameters",
        "a parameter keeps the engine from starting: correct `parameters`, and restart it, which an apply does with \
         reboot = \"when_needed\"",
    ),
    ("stopped", "somebody has stopped it: start it (RDS does so by itself after seven days)"),
    ("inaccessible-encryption-credentials-recoverable", "its KMS key cannot be used: enable the key, then start it"),
    ("upgrade-failed", "the upgrade of the engine failed: see its log `upgrade`, then apply again"),
];

/// States that waiting does not end; with what they mean.
const BROKEN: [(&str, &str); 8] = [
    ("failed", "RDS could not recover it"),
    ("restore-error", "it could not be restored: look whether the snapshot or the time can be restored at all"),
    ("insufficient-capacity", "AWS has no capacity for the instance class in its zone: take another class or zone"),
    ("inaccessible-encryption-credentials", "its KMS key is gone or may not be used"),
    ("incompatible-network", "its subnets have no free address, or a subnet or security group is gone"),
    ("incompatible-restore", "it could not be restored with these settings"),
    ("incompatible-credentials", "the credentials given to RDS are not accepted"),
    ("incompatible-option-group", "its option group cannot be applied"),
];

/// What the state means for the engine.
pub(super) fn status(state: &str) -> Status {
    let told = |table: &[(&str, &str)]| {
        table.iter().find(|(name, _)| *name == state).map(|(_, why)| format!("{state}: {why}"))
    };
    match state {
        // The storage is optimised for hours while the database serves as ever.
        "available" | "storage-optimization" => Status::Ready,
        "deleting" => Status::Deleting,
        _ => match (told(&MENDABLE), told(&BROKEN)) {
            (Some(text), _) => Status::Degraded(text),
            (None, Some(text)) => Status::Failed(text),
            (None, None) if state.starts_with("incompatible-") => Status::Failed(state.to_owned()),
            (None, None) => Status::Pending(state.to_owned()),
        },
    }
}

/// Whether only a restart makes corrected parameters count, also those that usually apply at once: the engine does not run
/// (RDS User Guide, "Amazon RDS DB instance is in incompatible-parameters status").
pub(super) fn needs_restart(state: Option<&str>) -> bool {
    state == Some("incompatible-parameters")
}

/// The status of a database that perhaps never was in use: so it is when both our mark says it and RDS shows no sign that
/// it `lived`. What is broken then was broken by its creation, and there is no data in it.
pub(super) fn of_unused(status: Status, lived: bool, tags: &Tags) -> Status {
    let never = !lived && !marks::was_used(tags);
    match status {
        Status::Failed(text) if never => Status::Unmade(text),
        // Other parameters would let it start, but it takes as long as a new one.
        Status::Degraded(text) if never && text.starts_with("incompatible-parameters") => Status::Unmade(text),
        status => status,
    }
}

/// The same object, a bad state with AWS's own last words on it. Without the permission to read events, or without
/// an event, the state alone has to do.
pub(super) async fn with_reason<P>(
    aws: &Aws,
    region: &str,
    source: SourceType,
    identifier: &str,
    mut observed: Observed<P>,
) -> Observed<P> {
    let (Status::Degraded(text) | Status::Failed(text) | Status::Unmade(text)) = &mut observed.status else {
        return observed;
    };
    let rds = aws.rds(region);
    let request = || {
        let events = rds.describe_events().source_type(source.clone()).source_identifier(identifier);
        events.duration(EVENTS_MINUTES).send()
    };
    if let Ok(output) = call("rds:DescribeEvents", request).await
        && let Some(message) = output.events().iter().rev().find_map(|event| event.message())
    {
        text.push_str(&format!(" (RDS: {message})"));
    }
    observed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_say_whether_waiting_helps() {
        #[derive(Debug, PartialEq)]
        enum Word {
            Ready,
            Pending,
            Deleting,
            Degraded,
            Failed,
        }
        let rows = [
            ("available", Word::Ready),
            ("storage-optimization", Word::Ready),
            ("backing-up", Word::Pending),
            ("configuring-enhanced-monitoring", Word::Pending),
            ("failing-over", Word::Pending),
            ("deleting", Word::Deleting),
            ("storage-full", Word::Degraded),
            ("incompatible-parameters", Word::Degraded),
            ("incompatible-network", Word::Failed),
            ("incompatible-something-new", Word::Failed),
            ("failed", Word::Failed),
        ];
        for (state, expected) in rows {
            let (word, text) = match status(state) {
                Status::Ready => (Word::Ready, None),
                Status::Pending(text) => (Word::Pending, Some(text)),
                Status::Deleting => (Word::Deleting, None),
                Status::Degraded(text) => (Word::Degraded, Some(text)),
                Status::Failed(text) | Status::Unmade(text) => (Word::Failed, Some(text)),
            };
            assert_eq!(word, expected, "{state}");
            assert!(text.is_none_or(|text| text.starts_with(state)), "{state}");
        }
    }

    #[test]
    fn only_what_never_was_in_use_may_be_made_anew() {
        let (marked, bare) = (marks::with_marks(Tags::new(), false, None), Tags::new());
        for state in ["failed", "incompatible-network", "incompatible-parameters"] {
            assert!(matches!(of_unused(status(state), false, &marked), Status::Unmade(_)), "{state}");
            assert_eq!(of_unused(status(state), true, &marked), status(state), "{state}");
            assert_eq!(of_unused(status(state), false, &bare), status(state), "{state}");
        }
        for state in ["available", "creating", "storage-full", "stopped", "deleting"] {
            assert_eq!(of_unused(status(state), false, &marked), status(state), "{state}");
        }
    }
}
