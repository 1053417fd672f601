//! Panics in the form that Terraform recognises as a crash and shows even without TF_LOG.

use std::backtrace::Backtrace;
use std::io::Write;
use std::panic;

/// Rust's own text for panics would be taken as debug output.
pub(super) fn install() {
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        let message = crate::server::panic_message(info.payload());
        let text = format!("panic: {message}\n\nat {place}\n{}\n", Backtrace::force_capture());
        // There is no other place to tell it.
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }));
}
