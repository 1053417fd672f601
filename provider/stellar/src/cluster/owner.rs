//! The owner in a state, against the claim's: whose state it is.
//!
//! An import does not write. So its state holds two ids, `NEW@OLD`: it acts with the rights of the owner that it found, and
//! becomes a new one with its first write. From then on the state that `OLD` still stands in is fenced out. Both ids are in
//! the value and not in private state, because Terraform drops that when a provider dies in the middle of an update.

use stellar_aws::claim::{Claim, Taking};
use stellar_engine::Error;

use super::{model::Cluster, resource::Region};

/// Separates the owner that an imported state will be from the one that it found.
const AFTER: char = '@';

/// The owner that a state stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Owner<'a> {
    /// Who it is, or will be.
    pub id: &'a str,
    /// The owner that an import found, until the first write; empty when the claim had none yet.
    after: Option<&'a str>,
}

impl<'a> Owner<'a> {
    /// The state's owner, if it has one.
    pub fn of(stack: &'a Cluster) -> Option<Self> {
        stack.owner.known().map(|text| Self::parse(text))
    }

    fn parse(text: &'a str) -> Self {
        match text.split_once(AFTER) {
            Some((id, after)) => Self { id, after: Some(after) },
            None => Self { id: text, after: None },
        }
    }

    /// True when this state is the newest: its owner is the claim's, or the one that it takes over from.
    pub fn holds(self, claim: &Claim) -> bool {
        claim.owner() == Some(self.id) || self.after.is_some_and(|after| after == claim.owner().unwrap_or_default())
    }

    /// True when it comes from an import and has not yet been written to the claim.
    pub fn is_pending(self) -> bool {
        self.after.is_some()
    }

    /// True when the claim went on with this owner's stack under another one, by resumes alone.
    pub fn is_resumed(self, claim: &Claim) -> bool {
        !self.holds(claim) && claim.owners.is_resumed(self.id)
    }
}

/// The owner of a state that is imported.
pub(super) fn imported(claim: &Claim, new: &str) -> String {
    format!("{new}{AFTER}{}", claim.owner().unwrap_or_default())
}

/// Makes the owner that an import has prepared the claim's, with the first write: from now on the state that the stack
/// was imported beside is fenced out.
pub(super) async fn become_owner(
    region: &Region,
    name: &str,
    claim: &mut Claim,
    before: &Cluster,
) -> Result<(), Error> {
    match Owner::of(before) {
        Some(owner) if owner.is_pending() && claim.owner() != Some(owner.id) => {
            region.claims.own(name, claim, owner.id, Taking::Anew).await
        }
        _ => Ok(()),
    }
}

/// The state must belong to the claim's newest owner: another one works elsewhere with a newer state.
pub(super) fn fence(before: &Cluster, claim: &Claim) -> Result<(), Error> {
    let name = before.name.known().map_or("NAME", String::as_str);
    if claim.is_newer() {
        return Err(Error::foreign(newer(name, claim)));
    }
    let id = before.claim.known().map(String::as_str);
    if id != Some(claim.id.as_str()) {
        return Err(Error::foreign(format!(
            "the state belongs to the claim {}, the account holds {}: the stack was created anew elsewhere; nothing was touched. If it \
             belongs here, `terraform state rm ADDRESS` and `terraform import ADDRESS {name}`",
            id.unwrap_or("(none)"),
            claim.id
        )));
    }
    let owner = Owner::of(before);
    if !owner.is_some_and(|owner| owner.holds(claim)) {
        return Err(Error::foreign(format!(
            "the state belongs to owner {}, the stack's newest owner is {}: the state is older than the stack (restored from a backup?), or \
             another workspace has imported it; nothing was touched. Use the newest state; if it is lost, or if the stack belongs here, \
             `terraform state rm ADDRESS` and `terraform import ADDRESS {name}`",
            owner.map_or("(none)", |owner| owner.id),
            claim.owner().unwrap_or("(none)")
        )));
    }
    Ok(())
}

/// Why a claim of a newer format is only read.
pub(super) fn newer(name: &str, claim: &Claim) -> String {
    format!(
        "a newer version of this provider wrote the claim of {name} (format {}): this version reads the stack and changes nothing. Use the \
         newer version: `terraform init -upgrade`",
        claim.format
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_imported_state_names_who_it_will_be_and_whom_it_found() {
        let rows = [
            ("a", Owner { id: "a", after: None }),
            ("b@a", Owner { id: "b", after: Some("a") }),
            ("b@", Owner { id: "b", after: Some("") }),
        ];
        for (text, expected) in rows {
            assert_eq!(Owner::parse(text), expected, "{text}");
        }
    }
}
