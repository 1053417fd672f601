//! ValidateActionConfig, PlanAction and InvokeAction.

use std::sync::Arc;

use tokio::sync::mpsc;
use tracing::Instrument;

use super::guard::guarded;
use super::stream::{self, Events};
use super::{Acted, Server, verify};
use crate::action::{Action, InvokeRequest, PlanActionRequest, Progress};
use crate::wire::proto::invoke_action::{Event, Request, event};
use crate::wire::proto::{plan_action, validate_action_config};
use crate::wire::{capabilities, deferred, diagnostics, value};
use crate::{Capabilities, Diagnostics, ValidateRequest};

impl Server {
    pub(super) async fn validate_action(
        &self,
        request: validate_action_config::Request,
    ) -> validate_action_config::Response {
        let found = self.try_validate_action(request).await.unwrap_or_else(|fault| fault);
        validate_action_config::Response { diagnostics: diagnostics(found) }
    }

    async fn try_validate_action(&self, request: validate_action_config::Request) -> Result<Diagnostics, Diagnostics> {
        let acted = self.action(&request.type_name)?;
        let config = value(request.config.as_ref(), &acted.ty)?;
        let mut found = super::validate::attributes(&acted.schema, &config);
        let capabilities = Capabilities::default();
        found.extend(guarded(acted.action.validate(ValidateRequest { config, capabilities })).await?);
        Ok(found)
    }

    pub(super) async fn plan_action(&self, request: plan_action::Request) -> plan_action::Response {
        self.try_plan_action(request)
            .await
            .unwrap_or_else(|fault| plan_action::Response { diagnostics: diagnostics(fault), deferred: None })
    }

    async fn try_plan_action(&self, request: plan_action::Request) -> Result<plan_action::Response, Diagnostics> {
        let acted = self.action(&request.action_type)?;
        let config = value(request.config.as_ref(), &acted.ty)?;
        let capabilities = capabilities(request.client_capabilities);
        let plan = PlanActionRequest { config, capabilities, cancel: self.stop.token() };
        let mut response = guarded(acted.action.plan(plan)).await?;
        let later = verify::deferral(response.deferred, capabilities, &mut response.diagnostics);
        Ok(plan_action::Response { diagnostics: diagnostics(response.diagnostics), deferred: later.map(deferred) })
    }

    /// Any number of progress events, then exactly one that it is completed. When the client goes, the action is told
    /// to stop, and comes to its own end.
    pub(super) fn invoke(&self, request: Request) -> Events<Event> {
        let (sender, receiver) = mpsc::channel(stream::BUFFER);
        let (cancel, guard) = stream::token(&self.stop.token());
        match self.try_invoke(request, cancel) {
            Ok((action, invoke)) => {
                tokio::spawn(run(action, invoke, sender).in_current_span());
                stream::events(receiver, guard)
            }
            Err(fault) => {
                // The channel has room for it.
                let _ = sender.try_send(completed(fault));
                drop(sender);
                stream::events(receiver, ())
            }
        }
    }

    fn try_invoke(
        &self,
        request: Request,
        cancel: tokio_util::sync::CancellationToken,
    ) -> Result<(Arc<dyn Action>, InvokeRequest), Diagnostics> {
        let acted = self.action(&request.action_type)?;
        let config = value(request.config.as_ref(), &acted.ty)?;
        let capabilities = capabilities(request.client_capabilities);
        Ok((acted.action.clone(), InvokeRequest { config, capabilities, cancel }))
    }
}

async fn run(action: Arc<dyn Action>, request: InvokeRequest, events: mpsc::Sender<Event>) {
    let (messages, mut told) = mpsc::channel(1);
    let pass = async {
        while let Some(message) = told.recv().await {
            let progress = event::Type::Progress(event::Progress { message });
            if events.send(Event { r#type: Some(progress) }).await.is_err() {
                return;
            }
        }
    };
    let invoke = guarded(action.invoke(request, Progress { messages }));
    let (ended, ()) = futures::join!(invoke, pass);
    let _ = events.send(completed(ended.unwrap_or_else(|panic| panic))).await;
}

fn completed(found: Diagnostics) -> Event {
    Event { r#type: Some(event::Type::Completed(event::Completed { diagnostics: diagnostics(found) })) }
}

impl Acted {
    pub(super) fn new(action: Arc<dyn Action>) -> Self {
        let schema = action.schema();
        Self { ty: super::object(&schema), schema, action }
    }
}
