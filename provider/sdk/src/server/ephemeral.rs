//! ValidateEphemeralResourceConfig and Open-, Renew- and CloseEphemeralResource.

use super::guard::guarded;
use super::{Server, secrets, verify};
use crate::wire::proto::{
    close_ephemeral_resource, open_ephemeral_resource, renew_ephemeral_resource, validate_ephemeral_resource_config,
};
use crate::wire::{Answer, capabilities, deferred, diagnostics, value};
use crate::{Capabilities, CloseRequest, Diagnostics, OpenRequest, RenewRequest, ValidateRequest};

impl Server {
    pub(super) async fn validate_ephemeral(
        &self,
        request: validate_ephemeral_resource_config::Request,
    ) -> validate_ephemeral_resource_config::Response {
        let found = self.try_validate_ephemeral(request).await.unwrap_or_else(|fault| fault);
        validate_ephemeral_resource_config::Response { diagnostics: diagnostics(found) }
    }

    async fn try_validate_ephemeral(
        &self,
        request: validate_ephemeral_resource_config::Request,
    ) -> Result<Diagnostics, Diagnostics> {
        let opened = self.ephemeral(&request.type_name)?;
        let config = value(request.config.as_ref(), &opened.ty)?;
        let mut found = super::validate::attributes(&opened.schema, &config);
        let capabilities = Capabilities::default();
        found.extend(guarded(opened.resource.validate(ValidateRequest { config, capabilities })).await?);
        Ok(found)
    }

    pub(super) async fn open(&self, request: open_ephemeral_resource::Request) -> open_ephemeral_resource::Response {
        self.try_open(request).await.unwrap_or_else(|fault| open_ephemeral_resource::Response {
            diagnostics: diagnostics(fault),
            ..open_ephemeral_resource::Response::default()
        })
    }

    async fn try_open(
        &self,
        request: open_ephemeral_resource::Request,
    ) -> Result<open_ephemeral_resource::Response, Diagnostics> {
        let opened = self.ephemeral(&request.type_name)?;
        let config = value(request.config.as_ref(), &opened.ty)?;
        let capabilities = capabilities(request.client_capabilities);
        let open = OpenRequest { config: config.clone(), capabilities, cancel: self.stop.token() };
        let mut response = guarded(opened.resource.open(open)).await?;
        let mut found = response.diagnostics;
        let later = verify::deferral(response.deferred.take(), capabilities, &mut found);
        if later.is_none() && !found.has_errors() {
            found.extend(verify::result(&opened.schema, &config, response.result.as_ref()));
        }
        if let Some(result) = &response.result {
            secrets::hide(&opened.schema, result);
        }
        let mut answer = Answer::new(&opened.ty, None);
        let result = answer.state(response.result.as_ref());
        answer.report("the result", &mut found);
        Ok(open_ephemeral_resource::Response {
            result: Some(result),
            private: Some(response.private),
            renew_at: response.renew_at.map(Into::into),
            deferred: later.map(deferred),
            diagnostics: diagnostics(found),
        })
    }

    pub(super) async fn renew(&self, request: renew_ephemeral_resource::Request) -> renew_ephemeral_resource::Response {
        self.try_renew(request).await.unwrap_or_else(|fault| renew_ephemeral_resource::Response {
            diagnostics: diagnostics(fault),
            ..renew_ephemeral_resource::Response::default()
        })
    }

    async fn try_renew(
        &self,
        request: renew_ephemeral_resource::Request,
    ) -> Result<renew_ephemeral_resource::Response, Diagnostics> {
        let opened = self.ephemeral(&request.type_name)?;
        let renew = RenewRequest { private: request.private.unwrap_or_default(), cancel: self.stop.token() };
        let response = guarded(opened.resource.renew(renew)).await?;
        Ok(renew_ephemeral_resource::Response {
            private: Some(response.private),
            renew_at: response.renew_at.map(Into::into),
            diagnostics: diagnostics(response.diagnostics),
        })
    }

    pub(super) async fn close(&self, request: close_ephemeral_resource::Request) -> close_ephemeral_resource::Response {
        let found = self.try_close(request).await.unwrap_or_else(|fault| fault);
        close_ephemeral_resource::Response { diagnostics: diagnostics(found) }
    }

    async fn try_close(&self, request: close_ephemeral_resource::Request) -> Result<Diagnostics, Diagnostics> {
        let opened = self.ephemeral(&request.type_name)?;
        let close = CloseRequest { private: request.private.unwrap_or_default(), cancel: self.stop.token() };
        guarded(opened.resource.close(close)).await
    }
}
