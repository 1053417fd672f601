//! How often the process has called what, for reports.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

/// Operation → (requests, how many of them AWS refused or did not answer).
static COUNTED: Mutex<BTreeMap<&'static str, (u64, u64)>> = Mutex::new(BTreeMap::new());

/// A count at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted(BTreeMap<&'static str, (u64, u64)>);

/// The count so far.
pub fn counted() -> Counted {
    Counted(COUNTED.lock().unwrap_or_else(PoisonError::into_inner).clone())
}

/// Counts a request.
pub(crate) fn count(operation: &'static str, is_refused: bool) {
    let mut all = COUNTED.lock().unwrap_or_else(PoisonError::into_inner);
    let (requests, refused) = all.entry(operation).or_default();
    *requests += 1;
    *refused += u64::from(is_refused);
}

impl Counted {
    /// What was called after the earlier count: operation, requests, refused; the most frequent first.
    pub fn since(&self, earlier: &Self) -> Vec<(String, u64, u64)> {
        let difference = |(operation, (requests, refused)): (&&'static str, &(u64, u64))| {
            let (before, refused_before) = earlier.0.get(*operation).copied().unwrap_or_default();
            ((*operation).to_owned(), requests - before, refused - refused_before)
        };
        let mut all: Vec<_> = self.0.iter().map(difference).filter(|(_, requests, _)| *requests > 0).collect();
        all.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_came_since_counts() {
        let earlier = Counted(BTreeMap::from([("ec2:A", (5, 1)), ("ec2:B", (2, 0))]));
        let later = Counted(BTreeMap::from([("ec2:A", (6, 2)), ("ec2:B", (2, 0)), ("ec2:C", (4, 0))]));
        let expected = [("ec2:C".to_owned(), 4, 0), ("ec2:A".to_owned(), 1, 1)];
        assert_eq!(later.since(&earlier), expected);
    }
}
