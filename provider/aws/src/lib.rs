//! stellar-aws
