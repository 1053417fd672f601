//! The output `s3`.

use std::collections::BTreeMap;

use tfplugin_sdk::Attr;

use super::{Buckets, S3Bucket, bucket};
use crate::cluster::view::View;

/// The buckets by their keys.
pub fn outputs(config: &Buckets, view: &View<'_>) -> Attr<BTreeMap<String, S3Bucket>> {
    let output = |key: &String| {
        let address = bucket(key);
        let bucket = S3Bucket {
            name: view.get(&address, "name"),
            arn: view.get(&address, "arn"),
            domain_name: view.get(&address, "domain"),
            kms_key_arn: view.get(&address, "kms_key_arn"),
        };
        (key.clone(), bucket)
    };
    Attr::Known(config.keys().map(output).collect())
}
