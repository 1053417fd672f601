//! The attributes of `stellar_cluster`: inputs are what the user wrote, outputs stand apart.

use std::collections::BTreeMap;

use tfplugin_sdk::{Attr, Schema};

use super::{
    buckets::{Buckets, S3Bucket},
    cache::{Cache, Elasticache},
    cdn::{Cdn, Cloudfront},
    database::{Database, Rds},
    kubernetes::{Eks, Kubernetes},
    network::{Network, Vpc},
};

/// A whole platform in one region: network, EKS, database, cache, buckets and CDN. A section that is
/// not set creates nothing.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Cluster {
    /// Name of the stack, from which the names of all its objects follow: 3 to 28 characters
    /// `[a-z0-9-]`, beginning with a letter, without double or trailing hyphens. Another name is another stack.
    #[attr(required, requires_replace)]
    pub name: Attr<String>,
    /// Region of the stack. Default: the provider's. It is remembered; another region is another stack.
    #[attr(optional, computed, requires_replace)]
    pub region: Attr<String>,
    /// Tags of every object, beside the provider's `default_tags`.
    pub tags: Attr<BTreeMap<String, String>>,
    /// VPC, subnets, NAT gateways, routes, endpoints.
    pub network: Attr<Network>,
    /// EKS cluster, add-ons, access and node pools.
    pub kubernetes: Attr<Kubernetes>,
    /// PostgreSQL on RDS.
    pub database: Attr<Database>,
    /// Valkey or Redis on ElastiCache.
    pub cache: Attr<Cache>,
    /// S3 buckets by name: private, encrypted, owner-enforced.
    pub buckets: Attr<Buckets>,
    /// CloudFront distribution.
    pub cdn: Attr<Cdn>,
    /// What holds for every IAM role of the stack.
    pub iam: Attr<Iam>,
    /// ARNs of your own KMS keys, by section (`kubernetes`, `database`, `cache`, `buckets`): symmetric, enabled, and in the
    /// region of the stack. The key's policy must leave the decision to IAM (`kms:*` for the account's root), and let
    /// `logs.REGION.amazonaws.com` use it for `kubernetes` and `database`, and `cloudfront.amazonaws.com` for buckets that the
    /// CDN serves; a missing statement is told word by word. Default: one key of the stack per section.
    pub kms_key_arns: Attr<BTreeMap<String, String>>,
    /// Refuses to destroy the stack, and switches on the services' own protection. Default: true.
    pub deletion_protection: Attr<bool>,
    /// Data objects that may be replaced or deleted, as `address@id`; the refusal prints them.
    pub allow_replace: Attr<Vec<String>>,
    /// What a failed create answers: `taint` (default) an error, after which Terraform taints the resource
    /// (the next apply finishes it in place all the same); `keep` a warning and `status = "incomplete"`, to be
    /// used with a postcondition on `status`.
    pub on_create_error: Attr<String>,
    /// Take over an unfinished stack of this name that another directory, workspace or role began. Default: false.
    pub adopt: Attr<bool>,
    /// `on` (default) or `off`: whether a plan looks for names that are taken, quotas, offerings, versions and overlapping
    /// networks before it creates something. It only reads, and takes 3 seconds at most.
    pub preflight: Attr<String>,
    /// `on` (default) or `off`: whether the cost per month is estimated from AWS's price list, in a plan that changes
    /// something and in the state after it. Takes 2 seconds at most.
    pub cost_estimate: Attr<String>,
    /// How long an operation may take in all.
    pub timeouts: Attr<Timeouts>,

    /// `account/region/name`.
    #[attr(computed)]
    pub id: Attr<String>,
    /// Id of the claim: constant for the stack's life, in the tags of all its objects.
    #[attr(computed)]
    pub claim: Attr<String>,
    /// Id of the present owner: new at every create, every resumed create and the first change after an import; a state with
    /// an older one changes and deletes nothing. Until that first change an imported stack shows `NEW@OLD`.
    #[attr(computed)]
    pub owner: Attr<String>,
    /// The tags of every object: `tags` and the provider's `default_tags`, without its `ignore_tags`.
    #[attr(computed)]
    pub tags_all: Attr<BTreeMap<String, String>>,
    /// `ready`, `incomplete` (something is still to be created or changed) or `degraded`.
    #[attr(computed)]
    pub status: Attr<String>,
    /// Components that are not yet as they should be.
    #[attr(computed)]
    pub pending: Attr<Vec<String>>,
    /// All objects, by address.
    #[attr(computed)]
    pub components: Attr<BTreeMap<String, ComponentOutput>>,
    /// What this plan will do, or the last apply did, one line each, most disruptive first.
    #[attr(computed)]
    pub changes: Attr<Vec<String>>,
    /// What stays on purpose after something was deleted: final snapshots, kept buckets, keys in their window.
    #[attr(computed)]
    pub retained: Attr<Vec<String>>,
    /// Estimated cost per month in USD: what the stack reserves, on demand, before discounts and taxes. Null when a part of
    /// it has no known price; `cost_notes` says which.
    #[attr(computed)]
    pub estimated_monthly_cost_usd: Attr<f64>,
    /// The same by component, for those that cost something by themselves; null where the price is not known.
    #[attr(computed)]
    pub cost: Attr<BTreeMap<String, Attr<f64>>>,
    /// What the estimate does not hold, and why.
    #[attr(computed)]
    pub cost_notes: Attr<Vec<String>>,
    /// The network.
    #[attr(computed)]
    pub vpc: Attr<Vpc>,
    /// The EKS cluster.
    #[attr(computed)]
    pub eks: Attr<Eks>,
    /// The database.
    #[attr(computed)]
    pub rds: Attr<Rds>,
    /// The cache.
    #[attr(computed)]
    pub elasticache: Attr<Elasticache>,
    /// The buckets, by the names of the configuration.
    #[attr(computed)]
    pub s3: Attr<BTreeMap<String, S3Bucket>>,
    /// The distribution.
    #[attr(computed)]
    pub cloudfront: Attr<Cloudfront>,
}

/// What holds for every IAM role of the stack.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Iam {
    /// ARN of the permissions boundary.
    pub permissions_boundary: Attr<String>,
    /// Path of the roles. Default: `/`.
    pub path: Attr<String>,
}

/// How long an operation may take, as `90m` or `1h30m`.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct Timeouts {
    /// Default: `90m`.
    pub create: Attr<String>,
    /// Default: `120m`.
    pub update: Attr<String>,
    /// Default: `90m`.
    pub delete: Attr<String>,
}

/// One object of the stack.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
pub struct ComponentOutput {
    /// Kind, as `service/object`.
    #[attr(computed)]
    pub kind: Attr<String>,
    /// AWS's id; null when the object does not exist (yet).
    #[attr(computed)]
    pub id: Attr<String>,
}

impl Cluster {
    /// Whether the stack is protected; the default is yes.
    pub fn is_protected(&self) -> bool {
        self.deletion_protection.known() != Some(&false)
    }

    /// Whether a failed create answers a warning and keeps the resource.
    pub fn keeps_on_error(&self) -> bool {
        self.on_create_error.known().is_some_and(|mode| mode == "keep")
    }
}
