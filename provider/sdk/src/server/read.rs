//! ReadResource.

use super::guard::guarded;
use super::{Server, verify};
use crate::wire::proto::read_resource::{Request, Response};
use crate::wire::{capabilities, deferred, diagnostics, identity_value, value};
use crate::{Diagnostics, ReadRequest, plan};

impl Server {
    /// With any error the stored object stays as it is.
    pub(super) async fn read(&self, request: Request) -> Response {
        match self.try_read(&request).await {
            Ok(response) => response,
            Err(fault) => Response {
                new_state: request.current_state,
                private: request.private,
                new_identity: request.current_identity,
                diagnostics: diagnostics(fault),
                deferred: None,
            },
        }
    }

    async fn try_read(&self, request: &Request) -> Result<Response, Diagnostics> {
        let managed = self.managed(&request.type_name)?;
        let identity = identity_value(request.current_identity.as_ref(), managed.identity_type())?;
        let capabilities = capabilities(request.client_capabilities);
        let read = ReadRequest {
            state: value(request.current_state.as_ref(), &managed.ty)?,
            private: request.private.clone(),
            identity: identity.clone(),
            capabilities,
            cancel: self.stop.token(),
        };
        let mut response = guarded(managed.resource.read(read)).await?;
        let state = response.state.map(|state| plan::null_write_only(&managed.schema, state));
        verify::identity(identity.as_ref(), response.identity.as_ref(), &mut response.diagnostics);
        let later = verify::deferral(response.deferred, capabilities, &mut response.diagnostics);
        let identity = response.identity.or(identity);
        let mut answer = managed.answer();
        let new_state = answer.state(state.as_ref());
        let new_identity = state.as_ref().and_then(|_| answer.identity(identity.as_ref(), true));
        answer.report("the refreshed state", &mut response.diagnostics);
        if response.diagnostics.has_errors() {
            return Err(response.diagnostics);
        }
        Ok(Response {
            new_state: Some(new_state),
            private: response.private,
            new_identity,
            diagnostics: diagnostics(response.diagnostics),
            deferred: later.map(deferred),
        })
    }
}
