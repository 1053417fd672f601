//! PlanResourceChange.

use super::guard::guarded;
use super::{Server, secrets, verify};
use crate::wire::proto::plan_resource_change::{Request, Response};
use crate::wire::{capabilities, deferred, diagnostics, identity_value, path, value_opt};
use crate::{Diagnostics, PlanRequest, plan};

impl Server {
    pub(super) async fn plan(&self, request: Request) -> Response {
        match self.try_plan(&request).await {
            Ok(response) => response,
            Err(fault) => Response {
                planned_state: request.prior_state,
                planned_private: request.prior_private,
                planned_identity: request.prior_identity,
                diagnostics: diagnostics(fault),
                ..Response::default()
            },
        }
    }

    async fn try_plan(&self, request: &Request) -> Result<Response, Diagnostics> {
        let managed = self.managed(&request.type_name)?;
        let prior = value_opt(request.prior_state.as_ref(), &managed.ty)?;
        let proposed = value_opt(request.proposed_new_state.as_ref(), &managed.ty)?;
        let config = value_opt(request.config.as_ref(), &managed.ty)?;
        if let Some(config) = &config {
            secrets::hide(&managed.schema, config);
        }
        let proposed = match (proposed, &config) {
            (Some(proposed), Some(config)) => Some(plan::fill_defaults(&managed.schema, config, proposed)),
            (proposed, _) => proposed,
        };
        let proposed = proposed.map(|proposed| plan::null_write_only(&managed.schema, proposed));
        let capabilities = capabilities(request.client_capabilities);
        let wanted = PlanRequest {
            prior: prior.clone(),
            // A destroy is a null proposal; its configuration means nothing.
            config: proposed.as_ref().and(config.clone()),
            proposed: proposed.clone(),
            prior_private: request.prior_private.clone(),
            planned_private: request.planned_private.clone(),
            identity: identity_value(request.prior_identity.as_ref(), managed.identity_type())?,
            capabilities,
            cancel: self.stop.token(),
        };
        let mut response = guarded(managed.resource.plan(wanted)).await?;
        let planned = response.planned.map(|planned| plan::null_write_only(&managed.schema, planned));
        let mut found = response.diagnostics;
        let later = verify::deferral(response.deferred, capabilities, &mut found);
        if later.is_none() && !found.has_errors() {
            let config = proposed.as_ref().and(config.as_ref());
            found.extend(verify::plan(&managed.schema, prior.as_ref(), config, planned.as_ref()));
        }
        let mut answer = managed.answer();
        let planned_state = answer.planned(planned.as_ref());
        let planned_identity = answer.identity(response.identity.as_ref(), false);
        answer.report("the planned state", &mut found);

        response.requires_replace.sort();
        response.requires_replace.dedup();
        Ok(Response {
            planned_state: Some(planned_state),
            requires_replace: response.requires_replace.iter().map(path).collect(),
            planned_private: response.private,
            planned_identity,
            diagnostics: diagnostics(found),
            deferred: later.map(deferred),
            legacy_type_system: false,
        })
    }
}
