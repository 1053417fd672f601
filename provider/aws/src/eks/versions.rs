//! Kubernetes versions, and which ones EKS and its add-ons offer.

use std::{fmt, str::FromStr};

use aws_sdk_eks::types::{AddonVersionInfo, ClusterVersionInformation};
use aws_smithy_types::date_time::Format;
use stellar_engine::Error;

use crate::{Aws, call, call::unlisted_is_none};

/// A Kubernetes version as EKS counts them: `1.35`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Minor {
    major: u32,
    minor: u32,
}

/// A text that is not a Kubernetes version of the form `1.35`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a Kubernetes version of the form \"1.35\"")]
pub struct InvalidMinor(String);

impl FromStr for Minor {
    type Err = InvalidMinor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.split_once('.').and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)));
        let minor = parts.map(|(major, minor)| Self { major, minor });
        // The round trip refuses signs and leading zeros.
        minor.filter(|minor| minor.to_string() == text).ok_or_else(|| InvalidMinor(text.to_owned()))
    }
}

impl fmt::Display for Minor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl Minor {
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        text.parse().map_err(|e: InvalidMinor| Error::permanent(e.to_string()))
    }

    /// The version after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self { minor: self.minor + 1, ..self }
    }

    /// The next version on the way to `to`.
    ///
    /// # Errors
    /// [`stellar_engine::ErrorClass::Permanent`] when `to` is older: a control plane does not go back.
    pub(super) fn step_to(self, to: Self) -> Result<Self, Error> {
        if to <= self {
            return Err(Error::permanent(format!(
                "the cluster runs {self}, and a control plane does not go back to {to}: set version = \"{self}\" or leave it out"
            )));
        }
        Ok(self.next())
    }
}

/// The version that EKS gives to new clusters.
///
/// # Errors
/// Those of the call; `Permanent` when EKS names none.
pub async fn default_version(aws: &Aws, region: &str) -> Result<String, Error> {
    let eks = aws.eks(region);
    let request = || eks.describe_cluster_versions().default_only(true).send();
    let output = call("eks:DescribeClusterVersions", request).await?;
    let version = output.cluster_versions().iter().find(|version| version.default_version());
    version
        .and_then(|version| version.cluster_version())
        .map(str::to_owned)
        .ok_or_else(|| Error::permanent("eks:DescribeClusterVersions answered without a default version"))
}

/// Checks that EKS offers a Kubernetes version, if it tells.
///
/// # Errors
/// Those of the call; `Permanent` with the versions that it offers, and until when AWS supports them.
pub async fn check_version(aws: &Aws, region: &str, version: &str) -> Result<(), Error> {
    let eks = aws.eks(region);
    let output = call("eks:DescribeClusterVersions", || eks.describe_cluster_versions().send()).await;
    let Some(output) = unlisted_is_none(output)? else { return Ok(()) };
    let offered = output.cluster_versions();
    if offered.is_empty() || offered.iter().any(|info| info.cluster_version() == Some(version)) {
        return Ok(());
    }
    let all: Vec<String> = offered.iter().filter_map(supported_until).collect();
    Err(Error::permanent(format!(
        "kubernetes.version is {version}, which EKS does not offer in {region}; it offers {}",
        all.join(", ")
    )))
}

/// `1.35 (standard support until 2027-03-27)`.
fn supported_until(info: &ClusterVersionInformation) -> Option<String> {
    let version = info.cluster_version()?;
    let day = info.end_of_standard_support_date().and_then(|date| date.fmt(Format::DateTime).ok());
    let day = day.and_then(|text| text.get(..10).map(|day| format!(" (standard support until {day})")));
    Some(format!("{version}{}", day.unwrap_or_default()))
}

/// The versions of an add-on that go with a Kubernetes version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// All of them, the newest first.
    pub versions: Vec<String>,
    /// The one that EKS recommends.
    pub recommended: String,
}

/// Looks up which versions of an add-on go with a Kubernetes version.
///
/// # Errors
/// Those of the call; `Permanent` when the add-on does not exist for that version.
pub async fn addon_offer(aws: &Aws, region: &str, addon: &str, kubernetes: &str) -> Result<Offer, Error> {
    let eks = aws.eks(region);
    let mut offered = Vec::new();
    let mut next = None;
    loop {
        let request = || eks.describe_addon_versions().addon_name(addon).kubernetes_version(kubernetes);
        let page = || request().set_next_token(next.clone()).send();
        let Some(output) = Error::absent_is_none(call("eks:DescribeAddonVersions", page).await)? else { break };
        offered.extend(output.addons().iter().flat_map(|info| info.addon_versions()).cloned());
        next = output.next_token;
        if next.is_none() {
            break;
        }
    }
    let recommended = recommended(offered.iter(), kubernetes).ok_or_else(|| {
        Error::permanent(format!(
            "EKS offers no add-on {addon} for Kubernetes {kubernetes}; `aws eks describe-addon-versions \
             --kubernetes-version {kubernetes}` lists those that it offers"
        ))
    })?;
    let versions = offered.iter().filter_map(|info| info.addon_version().map(str::to_owned)).collect();
    Ok(Offer { versions, recommended })
}

/// The default for that Kubernetes version, else the first: EKS lists the newest first.
fn recommended<'a>(offered: impl Iterator<Item = &'a AddonVersionInfo>, kubernetes: &str) -> Option<String> {
    let is_default = |info: &&AddonVersionInfo| {
        info.compatibilities().iter().any(|c| c.default_version() && c.cluster_version() == Some(kubernetes))
    };
    let offered: Vec<_> = offered.collect();
    let best = offered.iter().copied().find(is_default).or(offered.first().copied())?;
    best.addon_version().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use aws_sdk_eks::types::Compatibility;

    use super::*;

    #[test]
    fn only_a_minor_version_is_a_version() {
        for good in ["1.35", "1.9", "2.0"] {
            assert_eq!(good.parse::<Minor>().map(|minor| minor.to_string()), Ok(good.to_owned()));
        }
        for bad in ["", "1", "1.", ".1", "1.35.2", "v1.35", "1.035", "+1.35", "1.x"] {
            assert_eq!(bad.parse::<Minor>(), Err(InvalidMinor(bad.to_owned())));
        }
    }

    #[test]
    fn an_upgrade_goes_one_minor_at_a_time_and_never_back() {
        let rows = [
            ("1.33", "1.34", Some("1.34")),
            ("1.33", "1.36", Some("1.34")),
            ("1.9", "1.10", Some("1.10")),
            ("1.35", "1.35", None),
            ("1.35", "1.34", None),
        ];
        for (from, to, next) in rows {
            let step = Minor::parse(from).unwrap().step_to(Minor::parse(to).unwrap());
            assert_eq!(step.ok().map(|minor| minor.to_string()).as_deref(), next, "{from} to {to}");
        }
    }

    #[test]
    fn the_default_for_the_cluster_version_is_recommended() {
        let info = |version: &str, default_for: Option<&str>| {
            let compatible =
                |minor: &str| Compatibility::builder().cluster_version(minor).default_version(true).build();
            let compatibilities = default_for.map(|minor| vec![compatible(minor)]);
            AddonVersionInfo::builder().addon_version(version).set_compatibilities(compatibilities).build()
        };
        let rows = [
            (vec![info("v3", None), info("v2", Some("1.35")), info("v1", None)], Some("v2")),
            (vec![info("v3", Some("1.34")), info("v2", None)], Some("v3")),
            (vec![], None),
        ];
        for (offered, expected) in rows {
            assert_eq!(recommended(offered.iter(), "1.35").as_deref(), expected, "{offered:?}");
        }
    }
}
