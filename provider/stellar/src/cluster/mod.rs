//! `stellar_cluster`: one platform in one region.
//!
//! How a call flows: [`resource`] receives it, [`stack`] expands the configuration into components,
//! `read`, `plan`, `apply` and `destroy` do the rest with the engine, [`state`] composes what
//! Terraform stores.

pub mod access;
mod across;
mod apply;
mod bill;
pub mod buckets;
pub mod build;
pub mod cache;
pub mod cdn;
mod changes;
pub mod check;
mod data;
pub mod database;
mod destroy;
pub mod facts;
#[cfg(test)]
mod golden;
mod guard;
mod hold;
mod import;
pub mod key;
pub mod known;
pub mod kubernetes;
mod memory;
pub(crate) mod model;
pub mod network;
mod origin;
mod owner;
mod plan;
mod private;
mod promise;
mod read;
mod resource;
mod run;
mod sections;
mod stack;
mod state;
mod stop;
mod survey;
pub(crate) mod validate;
pub mod view;
pub mod window;

pub use data::ClusterData;
pub use resource::ClusterResource;
