//! What an AWS error code means: one table for all services; an unknown code stops.
//!
//! Sources: the services' API references and models; EC2 models no errors, its codes are in the
//! EC2 User Guide's "Error codes for the Amazon EC2 API".

use stellar_engine::{
    Error,
    ErrorClass::{self, *},
};

/// `(service or "*", code, part of the message or "", class)`; `*` at an end of a code matches any text there.
/// The first row that matches decides.
const TABLE: &[(&str, &str, &str, ErrorClass)] = &[
    // A fresh role or key is not known everywhere (typically for 5 to 20 s).
    ("eks", "InvalidParameterException", "does not exist", Propagation),
    ("eks", "InvalidParameterException", "Error in role params", Propagation),
    ("eks", "InvalidParameterException", "could not be assumed", Propagation),
    ("eks", "InvalidParameterException", "doesn't have the Amazon EKS Managed Policies", Propagation),
    ("eks", "InvalidParameterException", "IAM role's policy must include", Propagation),
    ("eks", "InvalidParameterException", "invalid principal", Propagation),
    ("eks", "InvalidParameterException", "principalArn", Propagation),
    ("eks", "ResourceNotFoundException", "No cluster found", Absent),
    ("eks", "ClientException", "No cluster found", Absent),
    ("eks", "InvalidRequestException", "currently has update in progress", Busy),
    ("eks", "ResourceInUseException", "already exists", Exists),
    ("eks", "ResourceInUseException", "in progress", Busy),
    ("eks", "ResourceInUseException", "", InUse),
    ("eks", "InvalidStateException", "", Busy),
    ("rds", "InvalidParameterValue", "IAM role ARN value is invalid", Propagation),
    ("iam", "MalformedPolicyDocument", "Invalid principal", Propagation),
    // A fresh managed policy, attached or as a boundary. Of a missing role IAM says "cannot be found".
    ("iam", "NoSuchEntity", "does not exist or is not attachable", Propagation),
    ("kms", "MalformedPolicyDocumentException", "", Propagation),
    ("secretsmanager", "MalformedPolicyDocumentException", "unsupported principal", Propagation),
    ("s3", "MalformedPolicy", "Invalid principal", Propagation),
    ("ec2", "InvalidParameter", "Unable to assume given IAM role", Propagation),
    // A fresh certificate takes up to a minute to reach CloudFront.
    ("cloudfront", "InvalidViewerCertificate", "", Propagation),
    ("logs", "InvalidParameterException", "KMS key", Propagation),
    ("logs", "InvalidParameterException", "KMS Key", Propagation),
    // Gone.
    ("ec2", "*.NotFound", "", Absent),
    ("ec2", "*NotFound", "", Absent),
    ("ec2", "Gateway.NotAttached", "", Absent),
    ("iam", "NoSuchEntity", "", Absent),
    ("rds", "*NotFound", "", Absent),
    ("rds", "*NotFoundFault", "", Absent),
    ("elasticache", "*NotFound", "", Absent),
    ("elasticache", "*NotFoundFault", "", Absent),
    ("s3", "NoSuch*", "", Absent),
    ("s3", "*NotFoundError", "", Absent),
    ("s3", "ServerSideEncryptionConfigurationNotFoundError", "", Absent),
    ("cloudfront", "NoSuch*", "", Absent),
    ("elasticloadbalancing", "*NotFound", "", Absent),
    ("*", "ResourceNotFoundException", "", Absent),
    ("*", "NotFoundException", "", Absent),
    // Something of that name is there.
    ("*", "*AlreadyExists", "", Exists),
    ("*", "*AlreadyExistsFault", "", Exists),
    ("*", "*AlreadyExistsException", "", Exists),
    ("*", "*.Duplicate", "", Exists),
    ("*", "BucketAlreadyOwnedByYou", "", Exists),
    ("ec2", "Resource.AlreadyAssociated", "", Exists),
    ("secretsmanager", "ResourceExistsException", "", Exists),
    ("secretsmanager", "InvalidRequestException", "scheduled for deletion", Exists),
    ("elasticache", "InvalidParameterValue", "already exists", Exists),
    // Another operation is under way.
    ("rds", "InvalidDBInstanceState", "", Busy),
    ("rds", "InvalidDBClusterStateFault", "", Busy),
    ("elasticache", "InvalidReplicationGroupState", "", Busy),
    ("elasticache", "InvalidCacheClusterState", "", Busy),
    ("ec2", "OperationInProgress", "", Busy),
    ("ec2", "IncorrectState", "", Busy),
    ("logs", "OperationAbortedException", "", Busy),
    ("s3", "OperationAborted", "", Busy),
    ("iam", "ConcurrentModification", "", Busy),
    ("iam", "EntityTemporarilyUnmodifiable", "", Busy),
    ("cloudfront", "PreconditionFailed", "", Busy),
    ("cloudfront", "InvalidIfMatchVersion", "", Busy),
    ("kms", "KMSInvalidStateException", "is creating", Busy),
    // Held back by something that still exists.
    ("ec2", "DependencyViolation", "", InUse),
    ("ec2", "*.InUse", "", InUse),
    ("ec2", "*InUse", "", InUse),
    ("ec2", "InvalidIPAddress.InUse", "", InUse),
    ("ec2", "InvalidParameterValue", "is currently in use", InUse),
    ("elasticloadbalancing", "ResourceInUse", "", InUse),
    ("ec2", "AuthFailure", "does not belong to you", InUse),
    ("iam", "DeleteConflict", "", InUse),
    ("rds", "InvalidDBParameterGroupState", "", InUse),
    ("rds", "InvalidDBSubnetGroupStateFault", "", InUse),
    ("elasticache", "InvalidCacheParameterGroupState", "", InUse),
    ("elasticache", "CacheSubnetGroupInUse", "", InUse),
    ("cloudfront", "*InUse", "", InUse),
    ("cloudfront", "DistributionNotDisabled", "", Busy),
    ("s3", "BucketNotEmpty", "", InUse),
    // Not to be had.
    ("*", "Insufficient*Capacity", "", Capacity),
    ("*", "*LimitExceeded", "", Capacity),
    ("*", "*LimitExceededException", "", Capacity),
    ("*", "*QuotaExceeded*", "", Capacity),
    ("elasticache", "*QuotaFor*Exceeded", "", Capacity),
    ("*", "UnsupportedAvailabilityZoneException", "", Capacity),
    ("cloudfront", "TooMany*", "", Capacity),
    ("s3", "TooManyBuckets", "", Capacity),
    // Not allowed.
    ("*", "AccessDenied*", "", Denied),
    ("*", "UnauthorizedOperation", "", Denied),
    ("*", "AuthFailure", "", Denied),
    ("*", "UnrecognizedClientException", "", Denied),
    ("*", "InvalidClientTokenId", "", Denied),
    ("*", "SignatureDoesNotMatch", "", Denied),
    ("*", "InvalidSignatureException", "", Denied),
    ("*", "IncompleteSignature*", "", Denied),
    ("*", "OptInRequired", "", Denied),
    ("s3", "InvalidAccessKeyId", "", Denied),
    ("s3", "InvalidToken", "", Denied),
    ("s3", "TokenRefreshRequired", "", Denied),
    ("s3", "RequestTimeTooSkewed", "", Denied),
    ("*", "ExpiredToken*", "", Denied),
    ("ec2", "RequestExpired", "", Denied),
    // What EKS tries with the caller's rights.
    ("eks", "InvalidRequestException", "not authorized to launch", Denied),
    ("eks", "InvalidRequestException", "missing permissions", Denied),
    ("*", "MissingAuthenticationToken*", "", Denied),
];

/// Codes by which services ask callers to slow down.
const THROTTLES: &[&str] = &[
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "SlowDown",
    "PriorRequestNotComplete",
    "EC2ThrottledException",
];

/// Codes by which services say that they have failed, whatever the HTTP status: S3's `RequestTimeout` is a 400. Whether the
/// request was carried out stays open.
const FAILURES: &[&str] = &[
    "InternalError",
    "InternalFailure",
    "InternalServerError",
    "InternalServerException",
    "InternalServiceError",
    "InternalServiceException",
    "RequestTimeout",
    "RequestTimeoutException",
    "ServerException",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "Unavailable",
];

/// Codes of credentials that AWS does not take, whoever they belong to and whatever that one may do.
const REFUSED: &[&str] = &[
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

/// Codes of credentials that were good once.
const EXPIRED: [&str; 2] = ["ExpiredToken", "RequestExpired"];

/// Whether the credentials have expired; STS says it of a token that is to be exchanged, in the message alone.
pub fn is_expired(error: &Error) -> bool {
    let text = error.code.as_deref().unwrap_or(&error.message);
    EXPIRED.iter().any(|code| text.contains(code))
}

/// The class of a service's error code, for errors that are no throttling.
pub(crate) fn classify(service: &str, code: &str, message: &str) -> ErrorClass {
    let row = TABLE.iter().find(|(row_service, pattern, part, _)| {
        (*row_service == "*" || *row_service == service) && matches(pattern, code) && message.contains(part)
    });
    row.map_or(Permanent, |row| row.3)
}

/// True when it is the credentials that AWS does not take.
pub(crate) fn is_refusal(code: &str) -> bool {
    REFUSED.contains(&code)
}

/// What to do about such credentials.
pub(crate) fn remedy(code: &str) -> &'static str {
    match code {
        "SignatureDoesNotMatch" | "InvalidSignatureException" | "IncompleteSignature" => {
            "The secret key does not belong to the access key, or this machine's clock is wrong: write both keys anew"
        }
        _ if EXPIRED.iter().any(|expired| code.starts_with(expired)) => "They have expired: get new ones",
        _ => {
            "AWS does not know the access key: it was deleted or switched off, it is of another partition, or the session \
             token (AWS_SESSION_TOKEN) that belongs to it is missing or wrong"
        }
    }
}

/// True when the service has failed, perhaps after it has carried out the request.
pub(crate) fn is_failure(code: &str) -> bool {
    FAILURES.contains(&code)
}

/// True when the service asks to slow down.
pub(crate) fn is_throttle(code: &str) -> bool {
    THROTTLES.contains(&code)
}

fn matches(pattern: &str, code: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == code,
        Some((start, rest)) => match rest.split_once('*') {
            None => code.len() >= start.len() + rest.len() && code.starts_with(start) && code.ends_with(rest),
            Some((middle, end)) => code.starts_with(start) && code.ends_with(end) && code.contains(middle),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_mean_what_the_services_say() {
        let rows = [
            ("ec2", "InvalidVpcID.NotFound", "", Absent),
            ("ec2", "NatGatewayNotFound", "", Absent),
            ("ec2", "DependencyViolation", "", InUse),
            ("ec2", "InvalidGroup.Duplicate", "", Exists),
            ("ec2", "AddressLimitExceeded", "", Capacity),
            ("eks", "ResourceInUseException", "Cluster already exists with name: x", Exists),
            ("eks", "ResourceInUseException", "Cluster has nodegroups attached", InUse),
            ("rds", "DBInstanceNotFound", "", Absent),
            ("rds", "InvalidDBInstanceState", "", Busy),
            ("s3", "NoSuchBucket", "", Absent),
            ("cloudfront", "OriginAccessControlInUse", "", InUse),
            ("kms", "NotFoundException", "", Absent),
            ("sts", "ExpiredTokenException", "", Denied),
            ("s3", "InvalidAccessKeyId", "", Denied),
            ("logs", "UnrecognizedClientException", "", Denied),
            ("iam", "NoSuchEntity", "Policy arn:aws:iam::1:policy/p does not exist or is not attachable.", Propagation),
            (
                "iam",
                "NoSuchEntity",
                "Scope ARN: arn:aws:iam::1:policy/p does not exist or is not attachable.",
                Propagation,
            ),
            ("iam", "NoSuchEntity", "The role with name r cannot be found.", Absent),
            ("logs", "InvalidParameterException", "The specified KMS Key Id could not be found.", Propagation),
            ("elasticache", "NodeQuotaForCustomerExceeded", "", Capacity),
            ("ec2", "SomethingNew", "", Permanent),
        ];
        for (service, code, message, class) in rows {
            assert_eq!(classify(service, code, message), class, "{service} {code} {message}");
        }
    }
}
