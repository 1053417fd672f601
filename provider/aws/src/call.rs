//! The one retry layer: sends a request, repeats what is worth repeating at once, and turns the
//! rest into an [`Error`] with AWS's code and request id.
//!
//! Only throttling, failures on AWS's side and broken connections are repeated here. Waiting for
//! a state (busy, in use, propagation) is the engine's.

use std::{
    fmt::Debug,
    future::Future,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use aws_smithy_runtime_api::{
    client::{
        orchestrator::HttpResponse,
        result::{ConnectorError, SdkError},
    },
    http::StatusCode,
};
use aws_smithy_types::{error::metadata::ProvideErrorMetadata, retry::ErrorKind};
use aws_types::request_id::RequestId;
use stellar_engine::{Error, ErrorClass};

use crate::{
    classify::{classify, is_failure, is_throttle},
    counted::count,
};

/// Attempts for throttled requests and 5xx answers, unless configured: with the delays below, about 40 s in all.
const ATTEMPTS: u32 = 9;
/// The configured number. One for the process, since Terraform starts a process for each provider configuration.
static CONFIGURED: AtomicU32 = AtomicU32::new(ATTEMPTS);
/// Attempts to reach an endpoint: a wrong endpoint or missing network is told within seconds.
const CONNECT_ATTEMPTS: u32 = 3;
/// Codes by which an endpoint says that it does not have the operation (Common Errors of the services' API references).
const UNKNOWN_OPERATION: &[&str] =
    &["InvalidAction", "NotImplemented", "NotImplementedException", "UnknownOperation", "UnknownOperationException"];
const FIRST_DELAY: Duration = Duration::from_millis(100);
const LONGEST_DELAY: Duration = Duration::from_secs(10);

/// Sends the request that `send` builds, as often as needed. `operation` is `service:Operation`.
///
/// # Errors
/// Class by the service's code; [`ErrorClass::Transient`] when it still fails after all attempts,
/// [`ErrorClass::Unreachable`] without a connection, [`ErrorClass::Denied`] without credentials.
pub async fn call<O, E, F, Fut>(operation: &'static str, send: F) -> Result<O, Error>
where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    E: ProvideErrorMetadata + Debug + std::error::Error + 'static,
{
    repeat(operation, send, attempts).await
}

/// [`call`] for a request that makes a second object when it is carried out twice, because it has
/// neither a token nor a unique name: it is sent again only when AWS has certainly not carried it
/// out. After a lost answer the engine looks whether the object is there.
///
/// # Errors
/// Those of [`call`].
pub async fn call_once<O, E, F, Fut>(operation: &'static str, send: F) -> Result<O, Error>
where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    E: ProvideErrorMetadata + Debug + std::error::Error + 'static,
{
    repeat(operation, send, |error| if is_refused(error) { attempts(error) } else { 1 }).await
}

/// `Ok(None)` when nobody has answered the question: it may not be asked, the endpoint does not know it, or it keeps
/// failing. For look-ups of what AWS offers, which AWS checks itself when the object is made; an answer of no is still an
/// error, and so is an endpoint without a connection.
///
/// # Errors
/// All others of `result`.
pub fn unanswered_is_none<T>(result: Result<T, Error>) -> Result<Option<T>, Error> {
    match result {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if is_unanswered(&error) => {
            tracing::warn!(operation = error.operation, code = error.code, "not looked up: {error}");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// [`unanswered_is_none`] for a listing of all that AWS offers, which cannot be asked for in a wrong way: whoever refuses it
/// does not have it.
///
/// # Errors
/// All others of `result`.
pub fn unlisted_is_none<T>(result: Result<T, Error>) -> Result<Option<T>, Error> {
    match result {
        Err(error) if error.class == ErrorClass::Permanent => Ok(None),
        result => unanswered_is_none(result),
    }
}

fn is_unanswered(error: &Error) -> bool {
    let is_unknown = |code: &str| UNKNOWN_OPERATION.contains(&code);
    match error.class {
        ErrorClass::Denied | ErrorClass::Transient => true,
        // What is no answer of AWS has no code.
        _ => {
            error.operation.is_some()
                && error.code.as_deref().is_none_or(is_unknown)
                && error.class != ErrorClass::Unreachable
        }
    }
}

/// How often a throttled or failed request is repeated from now on; `None` = the default.
pub(crate) fn set_retries(retries: Option<u32>) {
    CONFIGURED.store(retries.map_or(ATTEMPTS, |retries| retries.saturating_add(1)), Ordering::Relaxed);
}

async fn repeat<O, E, F, Fut>(
    operation: &'static str,
    send: F,
    attempts: impl Fn(&SdkError<E, HttpResponse>) -> u32,
) -> Result<O, Error>
where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    E: ProvideErrorMetadata + Debug + std::error::Error + 'static,
{
    let mut attempt = 1;
    loop {
        let error = match send().await {
            Ok(output) => {
                count(operation, false);
                return Ok(output);
            }
            Err(error) => error,
        };
        count(operation, true);
        if attempt >= attempts(&error) {
            return Err(translate(operation, &error));
        }
        tracing::debug!(operation, attempt, code = error.code(), "repeating");
        tokio::time::sleep(delay(attempt)).await;
        attempt += 1;
    }
}

/// How often a request that failed like this is sent in all.
fn attempts<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> u32 {
    let configured = CONFIGURED.load(Ordering::Relaxed);
    match error {
        _ if is_throttled(error) => configured,
        SdkError::ServiceError(e) if is_server_fault(e.raw().status()) || error.code().is_some_and(is_failure) => {
            configured
        }
        SdkError::ResponseError(_) | SdkError::TimeoutError(_) => configured,
        SdkError::DispatchFailure(e) => match e.as_connector_error() {
            Some(e) if is_connection(e) && (was_never_made(e) || e.is_timeout()) => CONNECT_ATTEMPTS.min(configured),
            // It broke: whoever answers is there, and the network is bad.
            Some(e) if is_connection(e) => configured,
            _ => 1,
        },
        _ => 1,
    }
}

/// True when the request was certainly not carried out: AWS asked to slow down, or there never was
/// a connection to send it on.
fn is_refused<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    match error {
        _ if is_throttled(error) => true,
        SdkError::DispatchFailure(e) => e.as_connector_error().is_some_and(was_never_made),
        _ => false,
    }
}

fn was_never_made(error: &ConnectorError) -> bool {
    causes(error).filter_map(|e| e.downcast_ref::<hyper_util::client::legacy::Error>()).any(|e| e.is_connect())
}

/// True for a connection that was not made or broke. The SDK counts one that was closed before the
/// answer as "other", and transient.
fn is_connection(error: &ConnectorError) -> bool {
    error.is_io() || error.is_timeout() || error.as_other() == Some(ErrorKind::TransientError)
}

/// AWS asks to slow down, and has done nothing.
fn is_throttled<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    matches!(error, SdkError::ServiceError(e) if e.err().code().is_some_and(is_throttle))
}

/// 501 says "not implemented", which repeating does not change.
fn is_server_fault(status: StatusCode) -> bool {
    status.is_server_error() && status.as_u16() != 501
}

/// Full jitter: anywhere between nothing and the doubled delay, so that parallel callers spread out.
fn delay(attempt: u32) -> Duration {
    let longest = FIRST_DELAY.saturating_mul(1 << attempt.min(16)).min(LONGEST_DELAY);
    longest.mul_f64(fastrand::f64())
}

/// What to look at when an answer has no code.
const WHO_ANSWERS: &str =
    "Is it AWS that answers there? Check AWS_ENDPOINT_URL or endpoint_url if one is set, and the proxy";

fn translate<E>(operation: &'static str, error: &SdkError<E, HttpResponse>) -> Error
where
    E: ProvideErrorMetadata + Debug + std::error::Error + 'static,
{
    let service = operation.split(':').next().unwrap_or(operation);
    let code = error.code().map(str::to_owned);
    let (class, message) = match error {
        SdkError::ServiceError(e) => {
            let status = e.raw().status();
            let nothing = || format!("HTTP {status} without an error of AWS in the answer");
            let text = e.err().message().map_or_else(nothing, str::to_owned);
            match code.as_deref() {
                Some(code) if is_throttle(code) || is_failure(code) => (ErrorClass::Transient, text),
                _ if is_server_fault(status) => (ErrorClass::Transient, text),
                Some(code) => (classify(service, code, &text), text),
                // Also a 404: whoever answers without a code may not be AWS at all, and knows nothing of our objects.
                None => (ErrorClass::Permanent, format!("{text}. {WHO_ANSWERS}")),
            }
        }
        SdkError::DispatchFailure(e) if e.as_connector_error().is_some_and(is_connection) => {
            (ErrorClass::Unreachable, chain(error))
        }
        SdkError::DispatchFailure(_) => (ErrorClass::Denied, no_credentials(error)),
        SdkError::TimeoutError(_) => (ErrorClass::Unreachable, chain(error)),
        SdkError::ResponseError(_) => (ErrorClass::Transient, chain(error)),
        _ => (ErrorClass::Permanent, chain(error)),
    };
    let request_id = error.request_id().map(str::to_owned);
    Error { class, message, operation: Some(operation.to_owned()), code, request_id }
}

/// Why there are no credentials: every cause, since the last one alone names neither profile nor role.
fn no_credentials(error: &(dyn std::error::Error + 'static)) -> String {
    let mut causes: Vec<String> = causes(error).map(ToString::to_string).collect();
    causes.dedup();
    format!("no credentials: {}", causes.join(": "))
}

/// The error and its causes in one line; an SDK error alone says only "dispatch failure".
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    causes(error).last().map_or_else(|| error.to_string(), |last| format!("{error}: {last}"))
}

fn causes<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(error.source(), |e| e.source())
}

#[cfg(test)]
mod tests;
