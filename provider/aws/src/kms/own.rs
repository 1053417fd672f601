//! A key that the user brings along: whether it can be used.

use aws_sdk_kms::types::{KeySpec, KeyState, KeyUsageType};
use serde_json::Value;
use stellar_engine::{Error, ErrorClass};

use crate::{Aws, call};

/// What KMS says about a key that is not the stack's.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnKey {
    /// Why it cannot encrypt; `None` when it can.
    pub trouble: Option<String>,
    /// Its policy; `None` when the caller may not read it.
    pub policy: Option<Value>,
}

/// The key of this ARN; `None` when there is none.
///
/// # Errors
/// Those of `kms:DescribeKey` and `kms:GetKeyPolicy`, unless the caller only lacks the permission for the second.
pub async fn own_key(aws: &Aws, region: &str, arn: &str) -> Result<Option<OwnKey>, Error> {
    let kms = aws.kms(region);
    let described = Error::absent_is_none(call("kms:DescribeKey", || kms.describe_key().key_id(arn).send()).await)?;
    let Some(key) = described.and_then(|output| output.key_metadata) else { return Ok(None) };
    let request = || kms.get_key_policy().key_id(arn).policy_name("default").send();
    let policy = match call("kms:GetKeyPolicy", request).await {
        Ok(output) => output.policy().and_then(|text| serde_json::from_str(text).ok()),
        Err(error) if error.class == ErrorClass::Denied => None,
        Err(error) => return Err(error),
    };
    let trouble = trouble(key.key_state(), key.key_usage(), key.key_spec());
    Ok(Some(OwnKey { trouble, policy }))
}

fn trouble(state: Option<&KeyState>, usage: Option<&KeyUsageType>, spec: Option<&KeySpec>) -> Option<String> {
    if usage.is_some_and(|usage| *usage != KeyUsageType::EncryptDecrypt)
        || spec.is_some_and(|spec| *spec != KeySpec::SymmetricDefault)
    {
        return Some("it is not a symmetric key for encryption and decryption".to_owned());
    }
    let state = state.filter(|state| **state != KeyState::Enabled)?;
    Some(format!("its state is {}, not Enabled", state.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_enabled_symmetric_key_encrypts() {
        let encrypts = KeyUsageType::EncryptDecrypt;
        let rows = [
            (KeyState::Enabled, &encrypts, KeySpec::SymmetricDefault, None),
            (KeyState::Disabled, &encrypts, KeySpec::SymmetricDefault, Some("Disabled")),
            (KeyState::PendingDeletion, &encrypts, KeySpec::SymmetricDefault, Some("PendingDeletion")),
            (KeyState::Enabled, &KeyUsageType::SignVerify, KeySpec::Rsa2048, Some("not a symmetric")),
            (KeyState::Enabled, &encrypts, KeySpec::Rsa2048, Some("not a symmetric")),
        ];
        for (state, usage, spec, expected) in rows {
            let found = trouble(Some(&state), Some(usage), Some(&spec));
            assert_eq!(found.is_some(), expected.is_some(), "{state:?}");
            assert!(expected.is_none_or(|part| found.as_ref().is_some_and(|text| text.contains(part))), "{found:?}");
        }
    }
}
