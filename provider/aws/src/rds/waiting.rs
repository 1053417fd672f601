//! Changes that wait for the maintenance window.

/// What a value counts as while a change of it waits for the maintenance window.
pub(super) struct Waiting {
    /// The stack wants changes at once.
    pub(super) at_once: bool,
}

impl Waiting {
    /// In the window: a waiting change counts as done. At once: one that is desired has still to be asked
    /// for, and one that is not would come as a surprise, so it shows as a difference.
    pub(super) fn settle<T: PartialEq>(&self, current: T, pending: Option<T>, desired: Option<T>) -> T {
        match pending {
            Some(pending) if !self.at_once || desired.as_ref() != Some(&pending) => pending,
            _ => current,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_changes_count_as_the_stack_wants_them_applied() {
        let rows = [
            // current, pending, desired, at once, counts as
            ("a", None, "a", true, "a"),
            ("a", Some("b"), "b", true, "a"),
            ("a", Some("b"), "b", false, "b"),
            ("a", Some("b"), "a", true, "b"),
            ("a", Some("b"), "a", false, "b"),
        ];
        for (current, pending, desired, at_once, expected) in rows {
            let settled = Waiting { at_once }.settle(current, pending, Some(desired));
            assert_eq!(settled, expected, "{current} {pending:?} {desired} {at_once}");
        }
    }
}
