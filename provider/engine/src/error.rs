//! What can go wrong with a component, in the engine's terms: the class decides what happens next.

use serde::{Deserialize, Serialize};

/// What an error means for the component that met it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorClass {
    /// The object does not exist. Kinds turn it into `None` in `read` and into success in `delete`.
    Absent,
    /// An object of that name exists already; the engine reads again and checks whose it is.
    Exists,
    /// Another operation on the object is under way: wait and repeat.
    Busy,
    /// Something that still exists holds the object back (`DependencyViolation`): wait and repeat.
    InUse,
    /// A fresh IAM role or key is not known everywhere yet: wait and repeat, for two minutes at most.
    Propagation,
    /// Throttled or failed on AWS's side, and still so after the retries.
    Transient,
    /// No capacity or quota for it; repeating does not help.
    Capacity,
    /// The credentials are missing, expired, or not allowed to do this.
    Denied,
    /// No connection to the endpoint.
    Unreachable,
    /// An object of our name that we cannot prove to be ours, or two candidates for one component.
    Foreign,
    /// The request is wrong, or a code that nobody has classified: stop.
    Permanent,
    /// The operation was cancelled before the component was done.
    Cancelled,
    /// A rule of this program was broken.
    Bug,
}

/// An error of one component or call, with what AWS said.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{message}")]
pub struct Error {
    /// What the engine does about it.
    pub class: ErrorClass,
    /// For people: what failed and why, without a full stop.
    pub message: String,
    /// The API operation that failed, as `service:Operation`.
    pub operation: Option<String>,
    /// The service's own code, for instance `DependencyViolation`.
    pub code: Option<String>,
    /// AWS's request id, which its support asks for.
    pub request_id: Option<String>,
}

impl Error {
    /// An error without an AWS call behind it.
    pub fn new(class: ErrorClass, message: impl Into<String>) -> Self {
        Self { class, message: message.into(), operation: None, code: None, request_id: None }
    }

    /// [`ErrorClass::Permanent`].
    pub fn permanent(message: impl Into<String>) -> Self {
        Self::new(ErrorClass::Permanent, message)
    }

    /// [`ErrorClass::Busy`].
    pub fn busy(message: impl Into<String>) -> Self {
        Self::new(ErrorClass::Busy, message)
    }

    /// [`ErrorClass::Foreign`].
    pub fn foreign(message: impl Into<String>) -> Self {
        Self::new(ErrorClass::Foreign, message)
    }

    /// [`ErrorClass::Bug`].
    pub fn bug(message: impl Into<String>) -> Self {
        Self::new(ErrorClass::Bug, message)
    }

    /// True when waiting and repeating can help.
    pub fn is_temporary(&self) -> bool {
        matches!(self.class, ErrorClass::Busy | ErrorClass::InUse | ErrorClass::Propagation)
    }

    /// True when the request may have been carried out all the same: only its answer is missing.
    pub fn leaves_doubt(&self) -> bool {
        matches!(self.class, ErrorClass::Transient | ErrorClass::Unreachable)
    }

    /// `Ok(None)` for [`ErrorClass::Absent`], the error otherwise: for `read` and `delete` of kinds.
    pub fn absent_is_none<T>(result: Result<T, Self>) -> Result<Option<T>, Self> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.class == ErrorClass::Absent => Ok(None),
            Err(error) => Err(error),
        }
    }
}
