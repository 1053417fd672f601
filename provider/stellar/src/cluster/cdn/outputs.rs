//! The output `cloudfront`.

use tfplugin_sdk::Attr;

use super::{Cdn, Cloudfront, distribution};
use crate::cluster::view::View;

/// The distribution.
pub fn outputs(_: &Cdn, view: &View<'_>) -> Attr<Cloudfront> {
    let get = |output| view.get(&distribution(), output);
    Attr::Known(Cloudfront { id: get("id"), arn: get("arn"), domain_name: get("domain"), hosted_zone_id: get("zone") })
}
