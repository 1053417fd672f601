//! Availability zones of a region.

use aws_sdk_ec2::types::{AvailabilityZone, AvailabilityZoneOptInStatus, AvailabilityZoneState};
use stellar_engine::Error;

use super::tags;
use crate::{Aws, call};

/// An availability zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// The account's name for it: `us-east-1a` is another zone in another account.
    pub name: String,
    /// The same for all accounts: `use1-az3`.
    pub id: String,
}

/// The zones that the account may use, without local and wavelength zones, by name.
///
/// # Errors
/// Those of `ec2:DescribeAvailabilityZones`.
pub async fn zones(aws: &Aws, region: &str) -> Result<Vec<Zone>, Error> {
    let ec2 = aws.ec2(region);
    let standard = tags::filter("zone-type", "availability-zone");
    let request = || ec2.describe_availability_zones().filters(standard.clone()).send();
    let output = call("ec2:DescribeAvailabilityZones", request).await?;
    let mut zones: Vec<Zone> = output.availability_zones().iter().filter_map(usable).collect();
    zones.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(zones)
}

fn usable(zone: &AvailabilityZone) -> Option<Zone> {
    let available = zone.state() == Some(&AvailabilityZoneState::Available);
    let opted_out = zone.opt_in_status() == Some(&AvailabilityZoneOptInStatus::NotOptedIn);
    let named = Zone { name: zone.zone_name()?.to_owned(), id: zone.zone_id().unwrap_or_default().to_owned() };
    (available && !opted_out).then_some(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_usable_when_available_and_not_opted_out() {
        let zone = |state: &str, opt_in: &str| {
            AvailabilityZone::builder().zone_name("us-east-1a").state(state.into()).opt_in_status(opt_in.into()).build()
        };
        let rows = [
            (zone("available", "opt-in-not-required"), true),
            (zone("available", "opted-in"), true),
            (zone("available", "not-opted-in"), false),
            (zone("impaired", "opt-in-not-required"), false),
            (AvailabilityZone::builder().state(AvailabilityZoneState::Available).build(), false),
        ];
        for (zone, expected) in rows {
            assert_eq!(usable(&zone).is_some(), expected, "{zone:?}");
        }
    }
}
