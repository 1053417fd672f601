//! StopProvider: the user's first interrupt.

use std::sync::{Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use super::Server;
use crate::wire::proto::stop_provider::Response;

/// Gives every call the token of its time. Stopping fires it for the calls that run; later ones get a fresh one, because
/// Terraform still closes and reads after a stop.
#[derive(Default)]
pub(super) struct Stop(Mutex<CancellationToken>);

impl Stop {
    pub(super) fn token(&self) -> CancellationToken {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn stop(&self) {
        let fresh = CancellationToken::new();
        let old = std::mem::replace(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner), fresh);
        old.cancel();
    }
}

impl Server {
    /// Returns at once: Terraform stops its providers one after the other.
    pub(super) fn stop_provider(&self) -> Response {
        self.stop.stop();
        Response::default()
    }
}
