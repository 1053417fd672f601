//! Objects that outlive their stack, because they hold data or are needed to read some.

/// Marks an object that outlived its stack. It counts as absent, so that a new stack makes its own.
pub(crate) const TAG_RETAINED: &str = "stellar:retained";

/// Marks a key without which a retained object could not be read; its value names one such object.
pub(crate) const TAG_NEEDED: &str = "stellar:needed-by";
