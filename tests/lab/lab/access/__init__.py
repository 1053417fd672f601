"""Access checks on demand: a call that an IAM policy does not allow is denied as AWS denies it."""
