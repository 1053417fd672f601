//! How the VPC's block is divided among subnets.
//!
//! The place of a subnet depends on the VPC's block and on its own tier and position alone, never
//! on how many zones there are: a stack that grows from two zones to three keeps its subnets.

use super::Cidr;

/// The most zones for which there is room in the division below; no region has more.
pub const MAX_ZONES: usize = 6;

/// The blocks of the subnets, one per zone in each tier.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// For load balancers and NAT gateways.
    pub public: Vec<Cidr>,
    /// For nodes and pods, the biggest.
    pub private: Vec<Cidr>,
    /// For databases and caches, without a way to the internet.
    pub database: Vec<Cidr>,
}

/// Divides the block into eighths: one of the first six for each private subnet, the seventh for the
/// public ones, the eighth for those of databases, each of these an eighth of it. `10.0.0.0/16` gives
/// private subnets of 8,187 addresses, public and database ones of 1,019.
///
/// `None` when the block has no room for 64 subnets, or with more zones than [`MAX_ZONES`].
pub fn layout(block: Cidr, zones: usize) -> Option<Layout> {
    let tier = |part: Cidr, prefix: u8| -> Option<Vec<Cidr>> {
        (0..u32::try_from(zones).ok()?).map(|zone| part.subnet(prefix, zone)).collect()
    };
    let eighth = block.prefix() + 3;
    let fits = zones <= MAX_ZONES;
    fits.then_some(())?;
    Some(Layout {
        private: tier(block, eighth)?,
        public: tier(block.subnet(eighth, 6)?, eighth + 3)?,
        database: tier(block.subnet(eighth, 7)?, eighth + 3)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_subnets_get_an_eighth_each_and_the_others_share_two() {
        let rows = [
            (
                "10.0.0.0/16",
                3,
                "10.0.0.0/19 10.0.32.0/19 10.0.64.0/19",
                "10.0.192.0/22 10.0.196.0/22 10.0.200.0/22",
                "10.0.224.0/22 10.0.228.0/22 10.0.232.0/22",
            ),
            ("10.8.0.0/22", 2, "10.8.0.0/25 10.8.0.128/25", "10.8.3.0/28 10.8.3.16/28", "10.8.3.128/28 10.8.3.144/28"),
        ];
        for (block, zones, private, public, database) in rows {
            let layout = layout(block.parse().expect(block), zones).expect(block);
            let text = |tier: &[Cidr]| tier.iter().map(Cidr::to_string).collect::<Vec<_>>().join(" ");
            assert_eq!(text(&layout.private), private);
            assert_eq!(text(&layout.public), public);
            assert_eq!(text(&layout.database), database);
        }
    }

    #[test]
    fn more_zones_keep_the_subnets_of_fewer_and_none_overlap() {
        let block: Cidr = "10.0.0.0/16".parse().expect("a block");
        let most = layout(block, MAX_ZONES).expect("fits");
        for zones in 0..=MAX_ZONES {
            let fewer = layout(block, zones).expect("fits");
            let tiers =
                [(&fewer.public, &most.public), (&fewer.private, &most.private), (&fewer.database, &most.database)];
            for (fewer, most) in tiers {
                assert_eq!(fewer[..], most[..zones]);
            }
        }
        let all = [most.public, most.private, most.database].concat();
        for (index, one) in all.iter().enumerate() {
            assert!(all[index + 1..].iter().all(|other| !one.overlaps(*other)), "{one}");
            assert!(block.overlaps(*one), "{one}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let rows = [("10.0.0.0/16", MAX_ZONES + 1), ("10.0.0.0/27", 2), ("10.0.0.0/32", 1)];
        for (block, zones) in rows {
            assert_eq!(layout(block.parse().expect(block), zones), None, "{block} {zones}");
        }
    }
}
