//! Which chain of waiting made the operation as long as it was.

use std::collections::{BTreeMap, BTreeSet};

use stellar_engine::Address;

use super::{Bar, Report};

/// The critical path, first step first: from the last component to be done back to what each one waited for longest.
pub(super) fn critical(report: &Report) -> Vec<&Bar> {
    let by_address: BTreeMap<&Address, &Bar> = report.bars.iter().map(|bar| (&bar.address, bar)).collect();
    let end = |bar: &Bar| bar.end.unwrap_or(report.seconds);
    let mut path: Vec<&Bar> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut next = report.bars.iter().max_by(|a, b| end(a).total_cmp(&end(b)));
    while let Some(bar) = next.filter(|bar| seen.insert(&bar.address)) {
        path.push(bar);
        let before = bar.after.iter().filter_map(|address| by_address.get(address).copied());
        next = before.filter(|before| end(before) <= bar.begin + 1.0).max_by(|a, b| end(a).total_cmp(&end(b)));
    }
    path.reverse();
    path
}
