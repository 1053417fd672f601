//! Panics of a provider's code become diagnostics.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use futures::FutureExt;

use crate::Diagnostics;

/// Runs a provider's code. After a panic the provider goes on with its next call: what the code shared behind locks may
/// be poisoned, but is never seen half-written by this crate.
pub(super) async fn guarded<T>(call: impl Future<Output = T>) -> Result<T, Diagnostics> {
    AssertUnwindSafe(call).catch_unwind().await.map_err(|panic| {
        let mut diagnostics = Diagnostics::new();
        let detail = format!(
            "{}\n\nThis is a fault of the provider; please report it with the log (TF_LOG=ERROR). What the call \
             changed may be incomplete: check it with a plan.",
            message(panic.as_ref())
        );
        diagnostics.error("The provider panicked", detail);
        diagnostics
    })
}

/// What a panic says.
pub(crate) fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}
