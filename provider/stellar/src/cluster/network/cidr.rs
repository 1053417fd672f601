//! IPv4 blocks.

use std::{fmt, net::Ipv4Addr, str::FromStr};

/// An IPv4 block whose host bits are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    base: u32,
    prefix: u8,
}

/// Why a text is no block.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCidr {
    /// Not of the form `10.0.0.0/16`.
    #[error("{0:?} is not an IPv4 block like 10.0.0.0/16")]
    Form(String),
    /// An address within the block instead of its first one.
    #[error("{0} is an address within the block {1}; write {1}")]
    HostBits(String, Cidr),
}

impl Cidr {
    /// The number of leading bits that all addresses of the block share.
    pub fn prefix(self) -> u8 {
        self.prefix
    }

    /// The block number `index` when this one is divided into blocks of the length `prefix`; `None`
    /// when there is no such block.
    pub fn subnet(self, prefix: u8, index: u32) -> Option<Self> {
        let bits = prefix.checked_sub(self.prefix).filter(|_| prefix <= 32)?;
        let exists = u64::from(index) < 1 << bits;
        exists.then(|| Self { base: self.base | index.checked_shl(u32::from(32 - prefix)).unwrap_or(0), prefix })
    }

    /// True when the blocks have an address in common.
    pub fn overlaps(self, other: Self) -> bool {
        let shared = mask(self.prefix.min(other.prefix));
        self.base & shared == other.base & shared
    }
}

impl FromStr for Cidr {
    type Err = InvalidCidr;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let form = || InvalidCidr::Form(text.to_owned());
        let (address, prefix) = text.split_once('/').ok_or_else(form)?;
        let address: Ipv4Addr = address.parse().map_err(|_| form())?;
        // Without signs or leading zeros, which AWS refuses.
        let prefix = (0..=32).find(|p: &u8| p.to_string() == prefix).ok_or_else(form)?;
        let cidr = Self { base: address.to_bits() & mask(prefix), prefix };
        if cidr.base == address.to_bits() { Ok(cidr) } else { Err(InvalidCidr::HostBits(text.to_owned(), cidr)) }
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", Ipv4Addr::from_bits(self.base), self.prefix)
    }
}

fn mask(prefix: u8) -> u32 {
    u32::MAX.checked_shl(u32::from(32 - prefix)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_blocks_are_accepted() {
        for good in ["10.0.0.0/16", "0.0.0.0/0", "192.168.1.1/32", "172.16.0.0/12"] {
            assert_eq!(good.parse::<Cidr>().map(|c| c.to_string()).as_deref(), Ok(good));
        }
        for bad in ["", "10.0.0.0", "10.0.0/16", "10.0.0.0/33", "10.0.0.0/+8", "10.0.0.0/08", "10.0.0.256/16", "::/0"] {
            assert_eq!(bad.parse::<Cidr>(), Err(InvalidCidr::Form(bad.to_owned())));
        }
        let error = "10.0.1.0/16".parse::<Cidr>().expect_err("host bits");
        assert_eq!(error.to_string(), "10.0.1.0/16 is an address within the block 10.0.0.0/16; write 10.0.0.0/16");
    }

    #[test]
    fn a_block_is_divided_into_equal_blocks() {
        let rows = [
            ("10.0.0.0/16", 19, 0, Some("10.0.0.0/19")),
            ("10.0.0.0/16", 19, 5, Some("10.0.160.0/19")),
            ("10.0.0.0/16", 19, 8, None),
            ("10.0.0.0/16", 16, 0, Some("10.0.0.0/16")),
            ("10.0.0.0/16", 8, 0, None),
            ("0.0.0.0/0", 32, u32::MAX, Some("255.255.255.255/32")),
            ("10.0.0.0/16", 33, 0, None),
        ];
        for (block, prefix, index, expected) in rows {
            let block: Cidr = block.parse().expect(block);
            let subnet = block.subnet(prefix, index).map(|c| c.to_string());
            assert_eq!(subnet.as_deref(), expected, "{block} {prefix} {index}");
        }
    }

    #[test]
    fn blocks_overlap_when_one_holds_the_other() {
        let rows = [
            ("10.0.0.0/16", "10.0.3.0/24", true),
            ("10.0.3.0/24", "10.0.0.0/16", true),
            ("10.0.0.0/16", "10.1.0.0/16", false),
            ("0.0.0.0/0", "10.1.0.0/16", true),
        ];
        for (a, b, expected) in rows {
            let (a, b): (Cidr, Cidr) = (a.parse().expect(a), b.parse().expect(b));
            assert_eq!(a.overlaps(b), expected, "{a} {b}");
        }
    }
}
