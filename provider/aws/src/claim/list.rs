//! Every claim of a region, for people without a Terraform state.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use stellar_engine::Error;

use super::{Claim, Claims, group};
use crate::call;

/// A stack as its claim shows it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The stack's name.
    pub name: String,
    /// When its claim was made.
    pub created: SystemTime,
    /// The claim.
    pub claim: Claim,
}

impl Claims {
    /// All stacks of the region, by name. A log group under `/stellar/` that is no claim is left out.
    ///
    /// # Errors
    /// Those of the calls.
    pub async fn list(&self) -> Result<Vec<Listed>, Error> {
        let mut listed = Vec::new();
        for (name, created) in self.groups().await? {
            match self.find(&name).await {
                Ok(Some(claim)) => listed.push(Listed { name, created, claim }),
                Ok(None) => {}
                Err(error) if error.class == stellar_engine::ErrorClass::Foreign => {}
                Err(error) => return Err(error),
            }
        }
        Ok(listed)
    }

    /// Names and ages of the log groups that may be claims.
    async fn groups(&self) -> Result<Vec<(String, SystemTime)>, Error> {
        let logs = self.aws.logs(&self.region);
        let prefix = group("");
        let (mut all, mut token) = (Vec::new(), None);
        loop {
            let request =
                || logs.describe_log_groups().log_group_name_prefix(&prefix).set_next_token(token.clone()).send();
            let page = call("logs:DescribeLogGroups", request).await?;
            all.extend(page.log_groups().iter().filter_map(|found| {
                let name = found.log_group_name()?.strip_prefix(&prefix)?;
                let milliseconds = u64::try_from(found.creation_time().unwrap_or_default()).unwrap_or_default();
                Some((name.to_owned(), UNIX_EPOCH + Duration::from_millis(milliseconds)))
            }));
            token = page.next_token().map(str::to_owned);
            if token.is_none() {
                return Ok(all);
            }
        }
    }
}
