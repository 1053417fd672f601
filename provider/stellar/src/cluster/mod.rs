//! `stellar_cluster`: one platform in one region.

pub mod buckets;
pub mod build;
pub mod cache;
pub mod cdn;
pub mod database;
pub mod facts;
pub mod key;
pub mod known;
pub mod kubernetes;
pub mod network;
pub mod view;
