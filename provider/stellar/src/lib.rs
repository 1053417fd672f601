//! The Terraform provider `stellar`: an application platform on AWS as one resource.

pub mod cluster;
pub mod names;
