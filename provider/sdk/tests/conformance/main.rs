//! Conformance: the 57 rules that Terraform and OpenTofu rely on, numbered, each a test that can fail.
//!
//! The client is written from the protocol's documents and leads a resource's life as Terraform core does, with its own
//! implementation of core's checks (`support/oracle.rs`). It drives two providers of this crate: one of faults, whose
//! attribute `mode` says what goes wrong, and the example provider. What needs no cloud is run against the provider that
//! STELLAR_PROVIDER names, too (`other.rs`).
//!
//! A test's name begins with the numbers of the rules that it proves. Rule 57, the real CLIs, is `tests/terraform`.

mod action;
mod apply;
mod debug;
mod ephemeral;
mod items;
mod life;
mod list;
mod log;
mod other;
mod plan;
mod process;
mod provider;
mod state;
mod support;
mod tls;
mod values;
