//! Secrets stay out of the log.

use std::collections::BTreeSet;
use std::sync::{PoisonError, RwLock};

/// What a masked text becomes, as in Terraform's own providers.
const MASK: &str = "***";

/// A field whose name contains one of these holds a secret.
const SECRET_NAMES: [&str; 5] = ["password", "secret_value", "session_token", "secret_access_key", "private_key"];

static SECRETS: RwLock<BTreeSet<String>> = RwLock::new(BTreeSet::new());

/// From now on `secret` appears as `***` in the log, in messages and fields alike. Call it as soon as a secret is known.
pub fn mask(secret: &str) {
    // An empty text is everywhere.
    if !secret.is_empty() {
        SECRETS.write().unwrap_or_else(PoisonError::into_inner).insert(secret.into());
    }
}

/// The text of a field, without secrets.
pub(crate) fn masked(field: &str, text: &str) -> String {
    let field = field.to_lowercase();
    if SECRET_NAMES.iter().any(|name| field.contains(name)) {
        return MASK.into();
    }
    let secrets = SECRETS.read().unwrap_or_else(PoisonError::into_inner);
    secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, MASK))
}
