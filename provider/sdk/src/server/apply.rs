//! ApplyResourceChange: create, update, delete.
//!
//! What Terraform stores when an apply fails: after a failed create only a state in the answer (the object is then
//! tainted); after a failed update or delete the state in the answer, or without one the old state and private state.

use super::guard::guarded;
use super::{Managed, Server, secrets, verify};
use crate::wire::proto::apply_resource_change::{Request, Response};
use crate::wire::{diagnostics, identity_value, value, value_opt};
use crate::{ApplyResponse, CreateRequest, DeleteRequest, Diagnostics, Resource, UpdateRequest, Value, plan};

impl Server {
    pub(super) async fn apply(&self, request: Request) -> Response {
        self.try_apply(request)
            .await
            .unwrap_or_else(|fault| Response { diagnostics: diagnostics(fault), ..Response::default() })
    }

    async fn try_apply(&self, request: Request) -> Result<Response, Diagnostics> {
        let managed = &*self.managed(&request.type_name)?;
        let resource = &*managed.resource;
        let private = request.planned_private;
        let prior = value_opt(request.prior_state.as_ref(), &managed.ty)?;
        let planned = value_opt(request.planned_state.as_ref(), &managed.ty)?;
        let config = value(request.config.as_ref(), &managed.ty)?;
        secrets::hide(&managed.schema, &config);
        let planned_identity = identity_value(request.planned_identity.as_ref(), managed.identity_type())?;
        let (identity, cancel) = (planned_identity.clone(), self.stop.token());

        let promised = planned.clone();
        let creates = prior.is_none();
        let mut response = match (prior, planned) {
            (None, Some(planned)) => {
                create(resource, CreateRequest { config, planned, private, identity, cancel }).await
            }
            (Some(prior), Some(planned)) => {
                let update = UpdateRequest { prior, config, planned, private, identity, cancel };
                existing(guarded(resource.update(update)).await?)
            }
            (Some(prior), None) => {
                deleted(guarded(resource.delete(DeleteRequest { prior, private, identity, cancel })).await?)
            }
            (None, None) => ApplyResponse::default(),
        };
        if let Some(promised) = promised.filter(|_| !response.diagnostics.has_errors()) {
            check(managed, &promised, planned_identity.as_ref(), creates, &mut response);
        }
        response.identity = response.identity.or(planned_identity.filter(Value::is_wholly_known));
        Ok(reply(managed, response))
    }
}

/// What an apply that says it succeeded must answer.
fn check(managed: &Managed, promised: &Value, identity: Option<&Value>, creates: bool, response: &mut ApplyResponse) {
    let found = &mut response.diagnostics;
    if let Some(state) = &response.state {
        verify::applied(&managed.schema, promised, state, found);
    }
    verify::identity(identity, response.identity.as_ref(), found);
    if creates && managed.identity.is_some() && response.identity.is_none() && identity.is_none() {
        verify::no_identity(found);
    }
}

/// A create that panics, or says that it succeeded and gives no state, may have made the object: the planned state is
/// kept, so that Terraform does not forget it.
async fn create(resource: &dyn Resource, request: CreateRequest) -> ApplyResponse {
    let (planned, private) = (request.planned.clone(), request.private.clone());
    let response = guarded(resource.create(request)).await;
    let mut response = response.unwrap_or_else(|diagnostics| ApplyResponse {
        state: Some(without_unknowns(planned.clone())),
        private: private.clone(),
        identity: None,
        diagnostics,
    });
    if response.state.is_none() && !response.diagnostics.has_errors() {
        response = existing(response);
        response.state = Some(without_unknowns(planned));
        response.private = private;
    }
    response
}

/// Without an error there must be a state.
fn existing(mut response: ApplyResponse) -> ApplyResponse {
    if response.state.is_none() && !response.diagnostics.has_errors() {
        let detail = "The provider reported success and gave no state for the object. This is a fault of the provider; \
                      please report it.";
        response.diagnostics.error("Provider gave no state", detail);
    }
    response
}

/// Without an error the object must be gone.
fn deleted(mut response: ApplyResponse) -> ApplyResponse {
    if response.state.is_some() && !response.diagnostics.has_errors() {
        let detail = "The provider reported success and says that the object still exists. This is a fault of the \
                      provider; please report it.";
        response.diagnostics.error("Object is not deleted", detail);
    }
    response
}

fn reply(managed: &Managed, response: ApplyResponse) -> Response {
    let mut found = response.diagnostics;
    let state = response.state.map(|state| plan::null_write_only(&managed.schema, state));
    let mut answer = managed.answer();
    let new_state = answer.state(state.as_ref());
    let new_identity = state.as_ref().and_then(|_| answer.identity(response.identity.as_ref(), true));
    answer.report("the new state", &mut found);
    Response {
        new_state: Some(new_state),
        private: response.private,
        new_identity,
        diagnostics: diagnostics(found),
        legacy_type_system: false,
    }
}

/// The value with null for everything that is not known.
fn without_unknowns(value: Value) -> Value {
    match value {
        Value::Unknown | Value::Refined(_) => Value::Null,
        Value::List(items) => Value::List(items.into_iter().map(without_unknowns).collect()),
        Value::Map(entries) => Value::map(entries.into_iter().map(|(key, value)| (key, without_unknowns(value)))),
        Value::Dynamic(mut dynamic) => {
            dynamic.value = without_unknowns(dynamic.value);
            Value::Dynamic(dynamic)
        }
        value => value,
    }
}
