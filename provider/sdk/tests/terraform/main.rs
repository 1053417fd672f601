//! Both providers of this crate under a real CLI: `terraform` on the PATH, or the one that TF_ACC_TERRAFORM_PATH names.
//! What the CLI is too old for, or does not have, is skipped by name.

mod life;
mod optional;
mod trouble;
mod workspace;
