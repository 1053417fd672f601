//! The Terraform provider `stellar`: an application platform on AWS as one resource.

pub mod cluster;
pub mod command;
mod configuration;
mod cost;
mod ephemeral;
mod functions;
pub mod names;
mod preflight;
mod provider;
mod report;
mod session;
mod stacks;
mod tagging;
mod trouble;

pub use provider::Stellar;
