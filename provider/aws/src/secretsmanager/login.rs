//! Reads a login that the stack keeps in Secrets Manager.

use std::fmt;

use serde::Deserialize;
use stellar_engine::Error;

use crate::{Aws, call};

/// A user and its password, as the secret `{"username": …, "password": …}` holds them.
#[derive(Clone, Deserialize)]
pub struct Login {
    /// Who.
    pub username: String,
    /// Never shown.
    pub password: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("username", &self.username).finish_non_exhaustive()
    }
}

impl Aws {
    /// The login in the secret; its ARN says in which region.
    ///
    /// # Errors
    /// Those of `secretsmanager:GetSecretValue`; `Permanent` when it is no ARN of a secret or the secret holds something else.
    pub async fn login(&self, secret_arn: &str) -> Result<Login, Error> {
        let fields: Vec<&str> = secret_arn.splitn(6, ':').collect();
        let ["arn", _, "secretsmanager", region, ..] = fields[..] else {
            return Err(Error::permanent(format!("{secret_arn:?} is not the ARN of a secret")));
        };
        let client = self.secretsmanager(region);
        let request = || client.get_secret_value().secret_id(secret_arn).send();
        let answer = call("secretsmanager:GetSecretValue", request).await?;
        let text = answer.secret_string().unwrap_or_default();
        // The parser's own words would quote the secret.
        serde_json::from_str(text).map_err(|_| {
            Error::permanent(format!("the secret {secret_arn} does not hold a username and a password as JSON"))
        })
    }
}
