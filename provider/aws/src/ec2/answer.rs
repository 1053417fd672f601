//! Reading EC2's answers: ids, states, lists without order, and failures inside a success.

use aws_sdk_ec2::types::UnsuccessfulItem;
use stellar_engine::{Error, ErrorClass, Input, Scope, Status};

use crate::classify::classify;

/// The id that a create call must answer.
pub(super) fn id_of(operation: &str, id: Option<&str>) -> Result<String, Error> {
    id.map(str::to_owned).ok_or_else(|| Error::permanent(format!("{operation} answered without an id")))
}

/// A client token that is new for each call: the repeats of the call are one request, but an object
/// that has gone since is not brought back.
pub(super) fn new_token() -> String {
    format!("{:032x}", fastrand::u128(..))
}

/// `arn:aws:ec2:<region>:<account>:<kind>/<id>`, for objects that EC2 describes without their ARN.
pub(super) fn arn(scope: &Scope, kind: &str, id: &str) -> String {
    format!("arn:{}:ec2:{}:{}:{kind}/{id}", scope.partition, scope.region, scope.account)
}

/// A property that refers to another object; empty when AWS reports none.
pub(super) fn input(value: Option<&str>) -> Input<String> {
    Input::Known(value.unwrap_or_default().to_owned())
}

/// The state of an object that is usable in the one state `ready`. EC2 spells some states with
/// another case than its model says.
pub(super) fn status(state: Option<&str>, ready: &str) -> Status {
    match state.unwrap_or("pending").to_ascii_lowercase() {
        state if state == ready => Status::Ready,
        state if state == "deleting" => Status::Deleting,
        state => Status::Pending(state),
    }
}

/// Members of `a` that are not in `b`; `None` when there are none, as the API wants it.
pub(super) fn difference(a: &[String], b: &[String]) -> Option<Vec<String>> {
    let only: Vec<String> = a.iter().filter(|v| !b.contains(v)).cloned().collect();
    (!only.is_empty()).then_some(only)
}

/// Some calls succeed with failures inside (DeleteVpcEndpoints, CreateFlowLogs, DeleteFlowLogs): the
/// first failure as an error.
pub(super) fn check(operation: &str, failures: &[UnsuccessfulItem]) -> Result<(), Error> {
    let Some(failure) = failures.iter().find_map(UnsuccessfulItem::error) else { return Ok(()) };
    let (code, message) = (failure.code().unwrap_or_default(), failure.message().unwrap_or("no message"));
    let class = match code {
        "" => ErrorClass::Permanent,
        code => classify("ec2", code, message),
    };
    let (operation, code) = (Some(operation.to_owned()), Some(code.to_owned()));
    Err(Error { operation, code, ..Error::new(class, message) })
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::UnsuccessfulItemError;

    use super::*;

    #[test]
    fn states_are_read_in_any_case() {
        let rows = [
            (Some("available"), Status::Ready),
            (Some("Available"), Status::Ready),
            (Some("deleting"), Status::Deleting),
            (Some("pending"), Status::Pending("pending".to_owned())),
            (None, Status::Pending("pending".to_owned())),
        ];
        for (state, expected) in rows {
            assert_eq!(status(state, "available"), expected, "{state:?}");
        }
    }

    #[test]
    fn failures_inside_a_success_are_errors_of_their_code() {
        let failure = |code: &str| {
            let error = UnsuccessfulItemError::builder().code(code).message("Unable to assume given IAM role").build();
            UnsuccessfulItem::builder().error(error).build()
        };
        let rows = [
            (vec![], None),
            (vec![failure("InvalidParameter")], Some(ErrorClass::Propagation)),
            (vec![failure("InvalidVpcEndpointId.NotFound")], Some(ErrorClass::Absent)),
            (vec![failure("")], Some(ErrorClass::Permanent)),
        ];
        for (failures, expected) in rows {
            assert_eq!(check("ec2:X", &failures).err().map(|e| e.class), expected, "{failures:?}");
        }
    }
}
