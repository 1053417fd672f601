//! The Terraform provider `stellar`: an application platform on AWS as one resource.

pub mod cluster;
pub mod names;
mod provider;
mod session;
mod trouble;

pub use provider::Stellar;
