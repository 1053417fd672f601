//! Updates that were asked for: EKS accepts them at once, and says only here why one has failed.

use std::{collections::BTreeMap, sync::Mutex};

use aws_sdk_eks::types::{ErrorCode, ErrorDetail, Update, UpdateStatus};
use stellar_engine::Error;

use crate::{Aws, call};

/// What an update is of.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part<'a> {
    /// The control plane.
    Cluster,
    /// An add-on, by name.
    Addon(&'a str),
    /// A node group, by name.
    NodeGroup(&'a str),
}

/// The last update of each object that this process has asked for, by the object's id.
#[derive(Debug, Default)]
pub(super) struct Updates {
    asked: Mutex<BTreeMap<String, String>>,
}

impl Updates {
    /// Remembers an update; `id` is the object's.
    pub(super) fn asked(&self, id: &str, update: Option<&Update>) {
        if let Some(update) = update.and_then(|update| update.id()) {
            self.all().insert(id.to_owned(), update.to_owned());
        }
    }

    /// Succeeds unless the last update of the object, which is over when another is to begin, has failed.
    ///
    /// # Errors
    /// [`stellar_engine::ErrorClass::Permanent`] with EKS's reasons, and those of the call.
    pub(super) async fn check(&self, aws: &Aws, region: &str, id: &str, of: Part<'_>) -> Result<(), Error> {
        let Some(update) = self.all().remove(id) else { return Ok(()) };
        let (nodegroup, addon) = match of {
            Part::Cluster => (None, None),
            Part::Addon(name) => (None, Some(name.to_owned())),
            Part::NodeGroup(name) => (Some(name.to_owned()), None),
        };
        let cluster = id.split('/').next().unwrap_or(id);
        let eks = aws.eks(region);
        let describe = || eks.describe_update().name(cluster).update_id(&update).set_nodegroup_name(nodegroup.clone());
        let request = || describe().set_addon_name(addon.clone()).send();
        let output = Error::absent_is_none(call("eks:DescribeUpdate", request).await)?;
        let failed = output.and_then(|output| output.update).filter(|u| u.status() == Some(&UpdateStatus::Failed));
        failed.map_or(Ok(()), |update| Err(failure(&update)))
    }

    fn all(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, String>> {
        // Nothing panics while the lock is held.
        self.asked.lock().unwrap_or_else(|e| e.into_inner())
    }
}

fn failure(update: &Update) -> Error {
    let line = |detail: &ErrorDetail| {
        let (code, message) = (detail.error_code().map_or("", |code| code.as_str()), detail.error_message());
        let of = detail.resource_ids();
        let of = if of.is_empty() { String::new() } else { format!(" ({})", of.join(", ")) };
        format!("{code}: {}{of}", message.unwrap_or("no message"))
    };
    let lines: Vec<String> = update.errors().iter().map(line).collect();
    let reasons = if lines.is_empty() { "it gives no reason".to_owned() } else { lines.join("; ") };
    let evicting = update.errors().iter().any(|detail| detail.error_code() == Some(&ErrorCode::PodEvictionFailure));
    let advice = match evicting {
        true => {
            ". A PodDisruptionBudget that allows no disruption, or a pod without a place to go, holds its node: \
                 `kubectl get pdb -A` names them; mend that and apply again"
        }
        false => "",
    };
    Error::permanent(format!("EKS accepted the change, but could not carry it out: {reasons}{advice}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_update_says_why_and_what_to_do() {
        let detail = |code: ErrorCode| {
            ErrorDetail::builder()
                .error_code(code)
                .error_message("Reached max retries")
                .resource_ids("ip-10-0-1-2")
                .build()
        };
        let rows = [
            (
                vec![detail(ErrorCode::PodEvictionFailure)],
                "PodEvictionFailure: Reached max retries (ip-10-0-1-2)",
                true,
            ),
            (vec![detail(ErrorCode::InsufficientFreeAddresses)], "InsufficientFreeAddresses", false),
            (vec![], "it gives no reason", false),
        ];
        for (errors, reason, advised) in rows {
            let text = failure(&Update::builder().set_errors(Some(errors)).build()).message;
            assert!(text.contains(reason), "{reason}: {text}");
            assert_eq!(text.contains("kubectl get pdb"), advised, "{text}");
        }
    }

    #[test]
    fn the_last_update_of_an_object_counts() {
        let updates = Updates::default();
        for id in ["1", "2"] {
            updates.asked("shop/web", Some(&Update::builder().id(id).build()));
        }
        updates.asked("shop/api", None);
        assert_eq!(*updates.all(), BTreeMap::from([("shop/web".to_owned(), "2".to_owned())]));
    }
}
