//! ImportResourceState.

use super::guard::guarded;
use super::{Server, verify};
use crate::wire::proto::import_resource_state::{ImportedResource, Request, Response};
use crate::wire::{capabilities, deferred, diagnostics, identity_value};
use crate::{Diagnostics, ImportRequest, plan};

impl Server {
    pub(super) async fn import(&self, request: Request) -> Response {
        self.try_import(request)
            .await
            .unwrap_or_else(|fault| Response { diagnostics: diagnostics(fault), ..Response::default() })
    }

    async fn try_import(&self, request: Request) -> Result<Response, Diagnostics> {
        let managed = self.managed(&request.type_name)?;
        let identity = identity_value(request.identity.as_ref(), managed.identity_type())?;
        let capabilities = capabilities(request.client_capabilities);
        let import = ImportRequest {
            id: Some(request.id).filter(|id| !id.is_empty()),
            identity: identity.clone(),
            capabilities,
            cancel: self.stop.token(),
        };
        let mut response = guarded(managed.resource.import(import)).await?;
        let later = verify::deferral(response.deferred, capabilities, &mut response.diagnostics);
        if later.is_none() && response.state.is_none() && !response.diagnostics.has_errors() {
            let detail = "The provider found nothing to import and gave no reason. This is a fault of the provider.";
            response.diagnostics.error("Nothing was imported", detail);
        }
        let state = response.state.map(|state| plan::null_write_only(&managed.schema, state));
        let mut answer = managed.answer();
        let imported = state.map(|state| ImportedResource {
            type_name: request.type_name,
            state: Some(answer.state(Some(&state))),
            private: response.private,
            identity: answer.identity(response.identity.or(identity).as_ref(), true),
        });
        answer.report("the imported state", &mut response.diagnostics);
        let imported_resources = imported.filter(|_| !response.diagnostics.has_errors()).into_iter().collect();
        Ok(Response {
            imported_resources,
            diagnostics: diagnostics(response.diagnostics),
            deferred: later.map(deferred),
        })
    }
}
