//! Where a component stands in its stack: `network/subnet/private/a`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The address of a component within its stack, for instance `network/subnet/private/a`.
///
/// Addresses are a contract: they are keys of the `components` output and of `allow_replace`,
/// and every derived name and client token is made from them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address(String);

/// A text that is not an address.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0:?} is not a component address: segments of [a-z0-9_.-], joined by '/', are expected")]
pub struct InvalidAddress(String);

impl Address {
    /// Joins segments with `/`.
    ///
    /// # Panics
    /// If a segment is empty or holds another character than `[a-z0-9_.-]`; segments come from
    /// literals and from map keys that validation has already checked.
    pub fn new<S: AsRef<str>>(segments: impl IntoIterator<Item = S>) -> Self {
        let joined = segments.into_iter().map(|s| s.as_ref().to_owned()).collect::<Vec<_>>().join("/");
        joined.parse().unwrap_or_else(|e: InvalidAddress| panic!("{e}"))
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The section that the component belongs to: the first segment.
    pub fn section(&self) -> &str {
        self.0.split('/').next().unwrap_or(&self.0)
    }
}

impl FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let valid = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_.-".contains(c);
        let ok = s.split('/').all(|segment| !segment.is_empty() && segment.chars().all(valid));
        if ok { Ok(Self(s.to_owned())) } else { Err(InvalidAddress(s.to_owned())) }
    }
}

impl TryFrom<String> for Address {
    type Error = InvalidAddress;

    fn try_from(s: String) -> Result<Self, Self::Error> {
        s.parse()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Builds an [`Address`] from a format string: `address!("network/subnet/{tier}/{zone}")`.
#[macro_export]
macro_rules! address {
    ($($arg:tt)*) => { $crate::Address::new([format!($($arg)*)]) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lower_case_segments_are_addresses() {
        for good in ["a", "network/subnet/private/a", "kubernetes/addon/vpc-cni", "network/endpoint/ecr.api"] {
            assert_eq!(good.parse::<Address>().map(String::from), Ok(good.to_owned()));
        }
        for bad in ["", "/", "a/", "/a", "a//b", "A", "a b", "a@b"] {
            assert_eq!(bad.parse::<Address>(), Err(InvalidAddress(bad.to_owned())));
        }
    }
}
