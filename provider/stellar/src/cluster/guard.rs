//! What a plan and a delete refuse for the sake of data.

use stellar_engine::{Action, Change, Plan};
use tfplugin_sdk::{Diagnostics, Path};

use super::model::Cluster;

/// A protected stack is not destroyed.
pub fn destroy(stack: &Cluster, diagnostics: &mut Diagnostics) {
    if stack.is_protected() {
        diagnostics.attribute_error(
            Path::root().attr("deletion_protection"),
            "The stack is protected from deletion",
            "Set `deletion_protection = false`, apply, and destroy again. If the apply cannot succeed any more, \
             `terraform destroy -refresh=false` after such an apply still works.",
        );
    }
}

/// A change of name or region would destroy the stack.
pub fn replace(stack: &Cluster, paths: &[Path], diagnostics: &mut Diagnostics) {
    if stack.is_protected() {
        for path in paths {
            diagnostics.attribute_error(
                path.clone(),
                "This change would destroy the stack and create another one",
                format!(
                    "{path} is part of the stack's identity. Undo the change; or set `deletion_protection = false` and apply that first, \
                     if the whole stack with its data is to be destroyed."
                ),
            );
        }
    }
}

/// `-replace` destroys the stack like any other destroy.
pub fn replacement(diagnostics: &mut Diagnostics) {
    diagnostics.attribute_error(
        Path::root().attr("deletion_protection"),
        "The stack is protected from deletion, and so from being replaced",
        "Set `deletion_protection = false` and apply that first, if the whole stack with its data is to be destroyed and made anew.",
    );
}

/// Data is never lost by a plan: every object that holds data and would go must be named in `allow_replace`.
pub fn data(before: &Cluster, config: &Cluster, plan: &Plan, diagnostics: &mut Diagnostics) {
    let allowed = config.allow_replace.known().cloned().unwrap_or_default();
    let recorded = super::state::recorded(before);
    for change in plan.changes.iter().filter(|change| loses_data(change)) {
        let id = change.id.as_ref().or(recorded.get(&change.address)).map_or("", String::as_str);
        let token = format!("{}@{id}", change.address);
        if allowed.contains(&token) {
            continue;
        }
        let what = match change.action {
            Action::Delete => "delete",
            Action::Create => "create an empty one in place of the lost",
            _ => "replace",
        };
        let because = change.reason.as_ref().map(|reason| format!(", because {reason}")).unwrap_or_default();
        diagnostics.attribute_error(
            Path::root().attr("allow_replace"),
            format!("The plan would {what} {}", change.address),
            format!(
                "{id} holds data{because}. If that is meant, allow it for this object alone:\n\n  allow_replace = [\"{token}\"]\n\n\
                 To leave it as it is, undo the change in the configuration. `terraform destroy -refresh=false` is not held up by this."
            ),
        );
    }
}

/// Whether the change deletes data, or replaces lost data by nothing. Replicas hold nothing of their own: they can be
/// removed and added again.
pub fn loses_data(change: &Change) -> bool {
    let gone =
        matches!(change.action, Action::Delete | Action::Replace) || (change.action == Action::Create && change.lost);
    change.data && gone && !change.address.as_str().starts_with("database/replica/")
}

#[cfg(test)]
mod tests {
    use stellar_engine::Address;
    use tfplugin_sdk::Attr;

    use super::*;

    fn change(address: &str, action: Action, data: bool, lost: bool) -> Change {
        Change {
            address: address.parse::<Address>().unwrap(),
            kind: "test/thing".into(),
            action,
            id: Some("x-1".into()),
            fields: vec![],
            reason: None,
            downtime_minutes: 0.0,
            minutes: 0.0,
            data,
            lost,
            slot: None,
        }
    }

    #[test]
    fn data_goes_only_when_the_object_is_named() {
        let primary = "database/primary";
        let rows = [
            (change(primary, Action::Replace, true, false), vec![], 1),
            (change(primary, Action::Delete, true, false), vec![], 1),
            (change(primary, Action::Delete, true, false), vec!["database/primary@x-1"], 0),
            (change(primary, Action::Delete, true, false), vec!["database/primary@x-2"], 1),
            (change(primary, Action::Create, true, true), vec![], 1),
            (change(primary, Action::Create, true, false), vec![], 0),
            (change(primary, Action::Update, true, false), vec![], 0),
            (change("database/replica/1", Action::Delete, true, false), vec![], 0),
            (change("network/nat/a", Action::Replace, false, false), vec![], 0),
        ];
        for (change, allowed, errors) in rows {
            let allowed: Vec<String> = allowed.into_iter().map(str::to_owned).collect();
            let config = Cluster { allow_replace: Attr::Known(allowed), ..Cluster::default() };
            let mut diagnostics = Diagnostics::new();
            let plan = Plan { changes: vec![change.clone()] };
            data(&Cluster::default(), &config, &plan, &mut diagnostics);
            assert_eq!(diagnostics.len(), errors, "{change:?}");
        }
    }
}
