//! One file per AWS object kind, the clients, and the one retry layer.
//!
//! A kind's file has always the same order: model, traits, read (with find), create, update,
//! delete, tag. This crate knows no Terraform.

pub mod access;
pub mod census;
pub mod claim;
pub mod cloudfront;
pub mod ec2;
pub mod eks;
pub mod elasticache;
pub mod iam;
pub mod kms;
pub mod logs;
pub mod rds;
pub mod s3;
pub mod secretsmanager;

mod call;
mod classify;
mod client;
mod counted;
mod credentials;
mod fresh;
mod http;
mod normal;
pub mod partition;
mod policy;
pub mod preflight;
pub mod pricing;
mod regions;
mod retained;
mod settings;
mod together;
mod window;

use std::{collections::BTreeMap, sync::Arc};

use stellar_engine::AnyKind;

pub use call::{call, call_once, unanswered_is_none};
pub use classify::is_expired;
pub use client::{Aws, Caller, SERVICES};
pub use counted::{Counted, counted};
pub use settings::{AssumeRole, Proxy, Settings, WebIdentity};
pub use window::{InvalidWindow, Window};

/// Every kind that the provider knows, by its name.
pub fn kinds(aws: &Arc<Aws>) -> BTreeMap<&'static str, Arc<dyn AnyKind>> {
    let services = [
        cloudfront::kinds(aws),
        ec2::kinds(aws),
        eks::kinds(aws),
        elasticache::kinds(aws),
        iam::kinds(aws),
        kms::kinds(aws),
        logs::kinds(aws),
        rds::kinds(aws),
        s3::kinds(aws),
        secretsmanager::kinds(aws),
    ];
    services.into_iter().flatten().map(|kind| (kind.traits().kind, kind)).collect()
}

#[cfg(test)]
mod tests;
