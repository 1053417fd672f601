//! UpgradeResourceState: called for every object on every run.

use super::Server;
use super::guard::guarded;
use crate::wire::proto::upgrade_resource_state::{Request, Response};
use crate::wire::{diagnostics, raw_json};
use crate::{DecodeError, Diagnostics, Path, UpgradeRequest, plan};

impl Server {
    pub(super) async fn upgrade(&self, request: Request) -> Response {
        self.try_upgrade(request)
            .await
            .unwrap_or_else(|fault| Response { diagnostics: diagnostics(fault), ..Response::default() })
    }

    async fn try_upgrade(&self, request: Request) -> Result<Response, Diagnostics> {
        let managed = self.managed(&request.type_name)?;
        let text = raw_json(request.raw_state.as_ref())?;
        let json = parse_json(&text)?;
        let upgrade = UpgradeRequest { version: request.version, json, text };
        let mut response = guarded(managed.resource.upgrade(upgrade)).await?;
        let state = response.state.map(|state| plan::null_write_only(&managed.schema, state));
        let mut answer = managed.answer();
        let upgraded_state = answer.state(state.as_ref());
        answer.report("the upgraded state", &mut response.diagnostics);
        Ok(Response { upgraded_state: Some(upgraded_state), diagnostics: diagnostics(response.diagnostics) })
    }
}

pub(super) fn parse_json(text: &str) -> Result<serde_json::Value, DecodeError> {
    serde_json::from_str(text).map_err(|error| DecodeError::new(&Path::root(), format!("is not valid JSON: {error}")))
}
