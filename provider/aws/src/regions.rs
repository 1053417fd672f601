//! Why a region does not answer: it does not exist, or the account has not enabled it.

use stellar_engine::{Error, ErrorClass};

use crate::{Aws, call};

/// Answers of a region that does not know the account's credentials, because the account has not enabled it.
const STRANGERS: [&str; 5] =
    ["InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure", "OptInRequired", "SignatureDoesNotMatch"];

impl Aws {
    /// The first error in a region, with the reason if it is the region itself.
    ///
    /// A region that is not enabled answers as if the credentials were wrong, one that does not exist has no
    /// address: both are found out in the region that every account has.
    pub async fn about_region(&self, region: &str, error: Error) -> Error {
        let stranger = error.code.as_deref().is_some_and(|code| STRANGERS.contains(&code));
        if region == home(region) || !(stranger || error.class == ErrorClass::Unreachable) {
            return error;
        }
        let ec2 = self.ec2(home(region));
        match call("ec2:DescribeRegions", || ec2.describe_regions().all_regions(true).send()).await {
            Ok(all) => verdict(region, all.regions().iter().find(|one| one.region_name() == Some(region)), error),
            Err(_) => error,
        }
    }
}

fn verdict(region: &str, found: Option<&aws_sdk_ec2::types::Region>, error: Error) -> Error {
    match found.map(|found| found.opt_in_status()) {
        None => Error::permanent(format!("there is no region {region}")),
        Some(Some("not-opted-in")) => Error::permanent(format!(
            "the region {region} is not enabled for this account: `aws account enable-region --region-name {region}` \
             enables it, which takes some minutes"
        )),
        Some(_) => error,
    }
}

/// The region that every account of the partition has.
fn home(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "cn-north-1",
        _ if region.starts_with("us-gov-") => "us-gov-west-1",
        _ => "us-east-1",
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::Region;

    use super::*;

    #[test]
    fn a_region_is_absent_or_not_enabled_or_not_to_blame() {
        let region = |status: &str| Region::builder().opt_in_status(status).build();
        let rows = [
            (None, "there is no region af-south-1"),
            (Some(region("not-opted-in")), "the region af-south-1 is not enabled"),
            (Some(region("opted-in")), "bad token"),
            (Some(region("opt-in-not-required")), "bad token"),
        ];
        for (found, words) in rows {
            let error = verdict("af-south-1", found.as_ref(), Error::permanent("bad token"));
            assert!(error.message.starts_with(words), "{error}");
        }
    }
}
