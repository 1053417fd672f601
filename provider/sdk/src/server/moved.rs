//! MoveResourceState, for `moved` blocks between resource types.

use super::guard::guarded;
use super::upgrade::parse_json;
use super::{Server, verify};
use crate::wire::proto::move_resource_state::{Request, Response};
use crate::wire::{diagnostics, raw_json};
use crate::{Diagnostics, MoveRequest, plan};

impl Server {
    pub(super) async fn move_state(&self, request: Request) -> Response {
        self.try_move(request)
            .await
            .unwrap_or_else(|fault| Response { diagnostics: diagnostics(fault), ..Response::default() })
    }

    async fn try_move(&self, request: Request) -> Result<Response, Diagnostics> {
        let managed = self.managed(&request.target_type_name)?;
        let json = parse_json(&raw_json(request.source_state.as_ref())?)?;
        let source_identity = parse_json(&raw_json(request.source_identity.as_ref())?)?;
        let moved = MoveRequest {
            source_provider: request.source_provider_address,
            source_type: request.source_type_name,
            source_version: request.source_schema_version,
            json,
            private: request.source_private,
            source_identity,
        };
        let mut response = guarded(managed.resource.move_state(moved)).await?;
        if response.state.is_none() && !response.diagnostics.has_errors() {
            response.diagnostics.extend(verify::no_result());
        }
        let state = response.state.map(|state| plan::null_write_only(&managed.schema, state));
        let mut answer = managed.answer();
        let target_state = state.as_ref().map(|state| answer.state(Some(state)));
        let target_identity = answer.identity(response.identity.as_ref(), true);
        answer.report("the moved state", &mut response.diagnostics);
        Ok(Response {
            target_state,
            target_private: response.private,
            target_identity,
            diagnostics: diagnostics(response.diagnostics),
        })
    }
}
