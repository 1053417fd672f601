//! ValidateProviderConfig and ConfigureProvider.

use super::guard::guarded;
use super::{Server, secrets};
use crate::wire::proto::{configure_provider, validate_provider_config};
use crate::wire::{capabilities, diagnostics, value};
use crate::{ConfigureRequest, Diagnostics};

impl Server {
    pub(super) async fn validate_provider(
        &self,
        request: validate_provider_config::Request,
    ) -> validate_provider_config::Response {
        let found = self.try_validate_provider(request).await.unwrap_or_else(|fault| fault);
        validate_provider_config::Response { diagnostics: diagnostics(found) }
    }

    async fn try_validate_provider(
        &self,
        request: validate_provider_config::Request,
    ) -> Result<Diagnostics, Diagnostics> {
        let config = value(request.config.as_ref(), &self.config)?;
        let mut found = super::validate::attributes(&self.schema, &config);
        found.extend(guarded(self.provider.validate(config)).await?);
        Ok(found)
    }

    pub(super) async fn configure(&self, request: configure_provider::Request) -> configure_provider::Response {
        let found = self.try_configure(request).await.unwrap_or_else(|fault| fault);
        configure_provider::Response { diagnostics: diagnostics(found) }
    }

    async fn try_configure(&self, request: configure_provider::Request) -> Result<Diagnostics, Diagnostics> {
        let config = value(request.config.as_ref(), &self.config)?;
        secrets::hide(&self.schema, &config);
        let configure = ConfigureRequest {
            config,
            terraform_version: request.terraform_version,
            capabilities: capabilities(request.client_capabilities),
            cancel: self.stop.token(),
        };
        guarded(self.provider.configure(configure)).await
    }
}
