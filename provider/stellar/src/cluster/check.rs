//! Checks that several sections make of their configuration; unknown and null values pass.

use std::{fmt::Display, net::Ipv4Addr, ops::RangeInclusive};

use tfplugin_sdk::{Attr, Diagnostics, Path};

/// Refuses a text that is not among the choices.
pub fn one_of(value: &Attr<String>, choices: &[&str], path: &Path, d: &mut Diagnostics) {
    if let Attr::Known(text) = value
        && !choices.contains(&text.as_str())
    {
        let detail = format!("{text:?} is not one of {}.", choices.join(", "));
        d.attribute_error(path.clone(), "Invalid value", detail);
    }
}

/// Refuses a number outside the range; `what` names it with its unit: "storage in GiB".
pub fn within<T: PartialOrd + Display>(
    value: &Attr<T>,
    range: RangeInclusive<T>,
    what: &str,
    path: &Path,
    d: &mut Diagnostics,
) {
    if let Attr::Known(number) = value
        && !range.contains(number)
    {
        let detail = format!("{what} is {} to {}, not {number}.", range.start(), range.end());
        d.attribute_error(path.clone(), "Number out of range", detail);
    }
}

/// `[a-z][a-z0-9]*(-[a-z0-9]+)*`, at most 28 characters: a key from which names are made.
pub fn is_key(text: &str) -> bool {
    let lower = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.len() <= 28
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.split('-').all(|part| !part.is_empty() && part.chars().all(lower))
}

/// Refuses a map's key from which no names can be made.
pub fn key(key: &str, path: &Path, d: &mut Diagnostics) {
    if !is_key(key) {
        let detail = format!(
            "{key:?} becomes part of names: at most 28 lower-case letters, digits and single hyphens, beginning with a letter."
        );
        d.attribute_error(path.clone(), "Invalid name", detail);
    }
}

/// True for an IPv4 block without bits beyond its prefix, written as AWS stores it: another spelling would
/// differ for ever.
pub fn is_block(cidr: &str) -> bool {
    let parts = cidr.split_once('/').and_then(|(ip, bits)| Some((ip.parse::<Ipv4Addr>().ok()?, bits.parse().ok()?)));
    let Some((ip, bits @ 0..=32)) = parts else { return false };
    // A shift by the whole width has no result, and leaves no host bits.
    let host_bits = u32::MAX.checked_shr(bits).unwrap_or(0);
    ip.to_bits() & host_bits == 0 && cidr == format!("{ip}/{bits}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_has_no_bits_beyond_its_prefix() {
        for good in ["0.0.0.0/0", "10.0.0.0/8", "10.1.2.0/24", "10.1.2.3/32"] {
            assert!(is_block(good), "{good}");
        }
        for bad in ["", "10.0.0.0", "10.0.0.1/8", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/-1", "10.0.0.0/08", "::/0"] {
            assert!(!is_block(bad), "{bad}");
        }
    }

    #[test]
    fn keys_make_names() {
        for good in ["a", "ai", "eu-api", "internal-x", "abcdefghijklmnopqrstuvwxyz01"] {
            assert!(is_key(good), "{good}");
        }
        for bad in ["", "A", "1a", "a--b", "a-", "-a", "a_b", "a.b", "abcdefghijklmnopqrstuvwxyz012"] {
            assert!(!is_key(bad), "{bad}");
        }
    }

    #[test]
    fn only_known_values_are_checked() {
        let rows =
            [(Attr::Known("a".to_owned()), 0), (Attr::Known("c".to_owned()), 1), (Attr::Null, 0), (Attr::Unknown, 0)];
        for (value, errors) in rows {
            let mut d = Diagnostics::new();
            one_of(&value, &["a", "b"], &Path::root(), &mut d);
            assert_eq!(d.len(), errors, "{value:?}");
        }
        for (value, errors) in [(Attr::Known(3), 0), (Attr::Known(4), 1), (Attr::Null, 0), (Attr::Unknown, 0)] {
            let mut d = Diagnostics::new();
            within(&value, 1..=3, "it", &Path::root(), &mut d);
            assert_eq!(d.len(), errors, "{value:?}");
        }
    }
}
