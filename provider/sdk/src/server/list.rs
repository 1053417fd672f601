//! ValidateListResourceConfig and ListResource.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument;

use super::guard::guarded;
use super::stream::{self, Events};
use super::{Listed, Managed, Server};
use crate::list::{Found, ListRequest, Sink};
use crate::wire::proto::list_resource::{Event, Request};
use crate::wire::proto::validate_list_resource_config as validate;
use crate::wire::{diagnostics, value};
use crate::{AttrType, Capabilities, Diagnostics, Path, ValidateRequest, plan};

impl Server {
    pub(super) async fn validate_list(&self, request: validate::Request) -> validate::Response {
        let found = self.try_validate_list(request).await.unwrap_or_else(|fault| fault);
        validate::Response { diagnostics: diagnostics(found) }
    }

    async fn try_validate_list(&self, request: validate::Request) -> Result<Diagnostics, Diagnostics> {
        let listed = self.list_resource(&request.type_name)?;
        let config = value(request.config.as_ref(), &listed.ty)?;
        let limit = value(request.limit.as_ref(), &AttrType::Number)?;
        let mut found = super::validate::attributes(&listed.schema, &config);
        if limit.as_number().is_some_and(|limit| limit.as_f64() < 0.0) {
            let path = Path::root().attr("limit");
            found.attribute_error(path, "Negative limit", "The limit of a list is 0 or more.");
        }
        let capabilities = Capabilities::default();
        found.extend(guarded(listed.resource.validate(ValidateRequest { config, capabilities })).await?);
        Ok(found)
    }

    /// The stream holds the task: when the client goes, the task is dropped.
    pub(super) fn list(&self, request: Request) -> Events<Event> {
        let (sender, receiver) = mpsc::channel(stream::BUFFER);
        match self.try_list(request, sender.clone()) {
            Ok(task) => {
                drop(sender);
                let task = AbortOnDropHandle::new(tokio::spawn(task.in_current_span()));
                stream::events(receiver, task)
            }
            Err(fault) => {
                // The channel has room for it.
                let _ = sender.try_send(about_all(fault));
                drop(sender);
                stream::events(receiver, ())
            }
        }
    }

    fn try_list(
        &self,
        request: Request,
        events: mpsc::Sender<Event>,
    ) -> Result<impl Future<Output = ()> + Send + use<>, Diagnostics> {
        let listed = self.list_resource(&request.type_name)?;
        let managed = self.managed(&request.type_name)?;
        let config = value(request.config.as_ref(), &listed.ty)?;
        let (cancel, guard) = stream::token(&self.stop.token());
        let query = ListRequest {
            config,
            include_resource: request.include_resource_object,
            // No limit is sent as 0, or as the largest number.
            limit: usize::try_from(request.limit).ok().filter(|limit| *limit > 0).unwrap_or(usize::MAX),
            cancel,
        };
        let resource = listed.resource.clone();
        Ok(async move {
            let _guard = guard;
            run(resource, managed, query, events).await;
        })
    }
}

/// Runs the list beside the loop that passes on what it finds. At the limit the loop ends, its half of the channel
/// closes, and the list learns of it at its next object.
async fn run(
    resource: Arc<dyn crate::ListResource>,
    managed: Arc<Managed>,
    query: ListRequest,
    events: mpsc::Sender<Event>,
) {
    let (found, mut results) = mpsc::channel(1);
    let (limit, with_state, cancel) = (query.limit, query.include_resource, query.cancel.clone());
    let pass = async {
        for _ in 0..limit {
            let Some(found) = results.recv().await else { return };
            if events.send(event(&managed, found, with_state)).await.is_err() {
                return;
            }
        }
        results.close();
        cancel.cancel();
    };
    let list = guarded(resource.list(query, Sink { events: found }));
    let (ended, ()) = futures::join!(list, pass);
    let about = ended.unwrap_or_else(|panic| panic);
    if !about.is_empty() {
        let _ = events.send(about_all(about)).await;
    }
}

/// An event that stands for no object.
fn about_all(found: Diagnostics) -> Event {
    Event { diagnostic: diagnostics(found), ..Event::default() }
}

fn event(managed: &Managed, found: Found, with_state: bool) -> Event {
    let mut told = found.diagnostics;
    let mut answer = managed.answer();
    let identity = answer.identity(Some(&found.identity).filter(|identity| !identity.is_null()), true);
    let state = found.state.filter(|_| with_state).map(|state| plan::null_write_only(&managed.schema, state));
    let resource_object = state.as_ref().map(|state| answer.state(Some(state)));
    answer.report("a listed object", &mut told);
    let lacks = match (&identity, with_state && state.is_none()) {
        (None, _) => Some("identity"),
        (_, true) => Some("state"),
        _ => None,
    };
    if let Some(what) = lacks.filter(|_| !told.has_errors()) {
        let detail = format!(
            "The provider listed {:?} without its {what}. This is a fault of the provider; please report it.",
            found.display_name
        );
        told.error(format!("Provider gave no {what}"), detail);
    }
    Event { identity, display_name: found.display_name, resource_object, diagnostic: diagnostics(told) }
}

impl Listed {
    pub(super) fn new(resource: Arc<dyn crate::ListResource>) -> Self {
        let schema = resource.schema();
        Self { ty: super::object(&schema), schema, resource }
    }
}
