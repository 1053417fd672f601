//! Address blocks that overlap with those of other VPCs: no error, but they can never be peered.

use tfplugin_sdk::Path;

use super::{Finding, Findings, Survey};
use crate::cluster::network::Cidr;

/// Compares the new VPC's block with those of the region.
pub async fn check(survey: &Survey<'_>) -> Findings {
    let Some(vpc) = survey.of_kind("ec2/vpc").next() else { return Ok(Vec::new()) };
    let Some(block) = vpc.desired["cidr"].as_str().and_then(|block| block.parse::<Cidr>().ok()) else {
        return Ok(Vec::new());
    };
    let others = survey.aws.vpc_blocks(survey.region).await?;
    let overlapping = overlapping(block, &others);
    if overlapping.is_empty() {
        return Ok(Vec::new());
    }
    Ok(vec![Finding {
        fatal: false,
        path: Path::root().attr("network").attr("cidr"),
        summary: "The network overlaps with others",
        detail: format!(
            "{block} overlaps with {}. That works, but such VPCs can never be peered or share a transit gateway. \
             network.cidr cannot be changed later.",
            overlapping.join(", ")
        ),
    }])
}

/// `10.0.0.0/16 (vpc-1)` for each block of others that overlaps.
fn overlapping(block: Cidr, others: &[(String, Vec<String>)]) -> Vec<String> {
    let blocks = others.iter().flat_map(|(vpc, blocks)| blocks.iter().map(move |other| (vpc, other)));
    let overlaps = blocks.filter(|(_, other)| other.parse().is_ok_and(|other| block.overlaps(other)));
    overlaps.map(|(vpc, other)| format!("{other} ({vpc})")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_that_share_addresses_are_named() {
        let others = [
            ("vpc-1".to_owned(), vec!["10.0.0.0/8".to_owned(), "192.168.0.0/16".to_owned()]),
            ("vpc-2".to_owned(), vec!["10.1.0.0/16".to_owned()]),
        ];
        let rows: [(&str, &[&str]); 3] = [
            ("10.0.0.0/16", &["10.0.0.0/8 (vpc-1)"]),
            ("10.1.2.0/24", &["10.0.0.0/8 (vpc-1)", "10.1.0.0/16 (vpc-2)"]),
            ("172.16.0.0/16", &[]),
        ];
        for (block, expected) in rows {
            assert_eq!(overlapping(block.parse().expect("a block"), &others), expected, "{block}");
        }
    }
}
