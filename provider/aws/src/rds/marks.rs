//! What a database has to remember about itself, as tags on it: nothing else survives a killed apply.

use stellar_engine::Tags;

/// Set as long as a restored database still has the password of the one that it comes from.
pub(super) const PASSWORD: &str = "stellar:password";
const INHERITED: &str = "inherited";
/// Digest of the static parameters with which it was last started by us.
pub(super) const STARTED_WITH: &str = "stellar:started-with";

/// Set from the creation until the database was first seen in use: without it nothing shows that it never was.
pub(super) const UNUSED: &str = "stellar:unused";

/// Whether a database is protected from deletion while it is being made: one whose creation failed could neither be deleted
/// then nor changed so that it can. It holds nothing yet, and is protected as soon as it is in use.
pub(super) const PROTECTED_AT_FIRST: bool = false;

/// What [`started_with`] says while a static parameter waits for a restart.
pub(super) const PENDING: &str = "pending";
/// What [`started_with`] says when nothing waits and nobody has taken note.
pub(super) const UNNOTED: &str = "unnoted";

/// The tags of a new database: `tags`, and the marks that it needs.
pub(super) fn with_marks(mut tags: Tags, is_restored: bool, started_with: Option<&String>) -> Tags {
    tags.insert(UNUSED.to_owned(), "true".to_owned());
    if is_restored {
        tags.insert(PASSWORD.to_owned(), INHERITED.to_owned());
    }
    if let Some(digest) = started_with {
        tags.insert(STARTED_WITH.to_owned(), digest.clone());
    }
    tags
}

/// Whether the database may have been in use: always, unless its mark says that it was not.
pub(super) fn was_used(tags: &Tags) -> bool {
    !tags.contains_key(UNUSED)
}

/// Whether the password is the one in the stack's secret.
pub(super) fn password_is_ours(tags: &Tags) -> bool {
    tags.get(PASSWORD).is_none_or(|mark| mark != INHERITED)
}

/// The digest of the static parameters in force: [`PENDING`] while newer ones wait for a restart.
pub(super) fn started_with(tags: &Tags, is_waiting: bool) -> String {
    match tags.get(STARTED_WITH) {
        _ if is_waiting => PENDING.to_owned(),
        Some(digest) => digest.clone(),
        None => UNNOTED.to_owned(),
    }
}
