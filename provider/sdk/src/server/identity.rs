//! UpgradeResourceIdentity.

use super::{Identity, Server, unknown};
use crate::wire::proto::ResourceIdentityData;
use crate::wire::proto::upgrade_resource_identity::{Request, Response};
use crate::wire::{Answer, diagnostics, raw_json};
use crate::{Diagnostics, Path, json};

impl Server {
    pub(super) fn upgrade_identity(&self, request: &Request) -> Response {
        self.try_upgrade_identity(request)
            .unwrap_or_else(|fault| Response { diagnostics: diagnostics(fault), ..Response::default() })
    }

    fn try_upgrade_identity(&self, request: &Request) -> Result<Response, Diagnostics> {
        let managed = self.managed(&request.type_name)?;
        let missing = || unknown("resource identity", &request.type_name);
        let Identity { schema, ty } = managed.identity.as_ref().ok_or_else(missing)?;
        if request.version != schema.version {
            let mut found = Diagnostics::new();
            let detail = format!(
                "The identity was stored with version {}; this provider knows version {}.",
                request.version, schema.version
            );
            found.error("Identity cannot be upgraded", detail);
            return Err(found);
        }
        let identity = json::decode(&raw_json(request.raw_identity.as_ref())?, ty, &Path::root())?;
        let mut found = Diagnostics::new();
        let mut answer = Answer::new(ty, Some(ty));
        let upgraded: Option<ResourceIdentityData> = answer.identity(Some(&identity), true);
        answer.report("the identity", &mut found);
        Ok(Response { upgraded_identity: upgraded, diagnostics: diagnostics(found) })
    }
}
