//! ValidateDataResourceConfig and ReadDataSource.

use super::guard::guarded;
use super::{Server, verify};
use crate::wire::proto::{read_data_source, validate_data_resource_config};
use crate::wire::{Answer, capabilities, deferred, diagnostics, value};
use crate::{Capabilities, Diagnostics, ReadDataRequest, ValidateRequest};

impl Server {
    pub(super) async fn validate_data(
        &self,
        request: validate_data_resource_config::Request,
    ) -> validate_data_resource_config::Response {
        let found = self.try_validate_data(request).await.unwrap_or_else(|fault| fault);
        validate_data_resource_config::Response { diagnostics: diagnostics(found) }
    }

    async fn try_validate_data(
        &self,
        request: validate_data_resource_config::Request,
    ) -> Result<Diagnostics, Diagnostics> {
        let data = self.data(&request.type_name)?;
        let config = value(request.config.as_ref(), &data.ty)?;
        let mut found = super::validate::attributes(&data.schema, &config);
        let capabilities = Capabilities::default();
        found.extend(guarded(data.source.validate(ValidateRequest { config, capabilities })).await?);
        Ok(found)
    }

    pub(super) async fn read_data(&self, request: read_data_source::Request) -> read_data_source::Response {
        self.try_read_data(request).await.unwrap_or_else(|fault| read_data_source::Response {
            diagnostics: diagnostics(fault),
            ..read_data_source::Response::default()
        })
    }

    async fn try_read_data(
        &self,
        request: read_data_source::Request,
    ) -> Result<read_data_source::Response, Diagnostics> {
        let data = self.data(&request.type_name)?;
        let config = value(request.config.as_ref(), &data.ty)?;
        let capabilities = capabilities(request.client_capabilities);
        let read = ReadDataRequest { config, capabilities, cancel: self.stop.token() };
        let mut response = guarded(data.source.read(read)).await?;
        let later = verify::deferral(response.deferred, capabilities, &mut response.diagnostics);
        if later.is_none() && response.state.is_none() && !response.diagnostics.has_errors() {
            response.diagnostics.extend(verify::no_result());
        }
        let mut answer = Answer::new(&data.ty, None);
        let state = answer.state(response.state.as_ref());
        answer.report("the result", &mut response.diagnostics);
        let found = diagnostics(response.diagnostics);
        Ok(read_data_source::Response { state: Some(state), diagnostics: found, deferred: later.map(deferred) })
    }
}
