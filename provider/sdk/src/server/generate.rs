//! GenerateResourceConfig: a configuration for an imported or listed object.

use super::Server;
use super::guard::guarded;
use crate::Diagnostics;
use crate::wire::proto::generate_resource_config::{Request, Response};
use crate::wire::{diagnostics, value};

impl Server {
    pub(super) async fn generate(&self, request: Request) -> Response {
        self.try_generate(request)
            .await
            .unwrap_or_else(|fault| Response { config: None, diagnostics: diagnostics(fault) })
    }

    async fn try_generate(&self, request: Request) -> Result<Response, Diagnostics> {
        let managed = self.managed(&request.type_name)?;
        let state = value(request.state.as_ref(), &managed.ty)?;
        let config = guarded(managed.resource.generate_config(state)).await?;
        let mut found = Diagnostics::new();
        let mut answer = managed.answer();
        let config = answer.state(Some(&config));
        answer.report("the generated configuration", &mut found);
        Ok(Response { config: Some(config), diagnostics: diagnostics(found) })
    }
}
