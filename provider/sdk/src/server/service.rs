//! The protocol's calls, each with a span for the log. State stores are not among them: those calls answer UNIMPLEMENTED,
//! which Terraform takes as "this provider has none".

use std::future::Future;
use std::time::Instant;

use tonic::{Request, Response, Status, async_trait};
use tracing::{Instrument, error_span, field, trace};

use super::Server;
use super::stream::Events;
use crate::wire::proto::provider_server::Provider;
use crate::wire::proto::{
    apply_resource_change, call_function, close_ephemeral_resource, configure_provider, generate_resource_config,
    get_functions, get_metadata, get_provider_schema, get_resource_identity_schemas, import_resource_state,
    invoke_action, list_resource, move_resource_state, open_ephemeral_resource, plan_action, plan_resource_change,
    read_data_source, read_resource, renew_ephemeral_resource, stop_provider, upgrade_resource_identity,
    upgrade_resource_state, validate_action_config, validate_data_resource_config, validate_ephemeral_resource_config,
    validate_list_resource_config, validate_provider_config, validate_resource_config,
};

type Reply<T> = Result<Response<T>, Status>;

/// What a call is about, for the log.
enum About<'a> {
    Provider,
    Resource(&'a str),
    DataSource(&'a str),
    Ephemeral(&'a str),
    List(&'a str),
    Action(&'a str),
    Function(&'a str),
}

/// Runs a call in its span. The fields are those of Terraform's own providers, so that logs can be searched alike.
async fn answer<T>(server: &Server, rpc: &'static str, about: About<'_>, work: impl Future<Output = T>) -> Reply<T> {
    let span = error_span!(
        target: "sdk.proto",
        "call",
        tf_provider_addr = server.address,
        tf_rpc = rpc,
        tf_req_id = %uuid::Uuid::new_v4(),
        tf_proto_version = "6.11",
        tf_resource_type = field::Empty,
        tf_data_source_type = field::Empty,
        tf_ephemeral_resource_type = field::Empty,
        tf_list_resource_type = field::Empty,
        tf_action_type = field::Empty,
        tf_function = field::Empty,
    );
    match about {
        About::Provider => &span,
        About::Resource(name) => span.record("tf_resource_type", name),
        About::DataSource(name) => span.record("tf_data_source_type", name),
        About::Ephemeral(name) => span.record("tf_ephemeral_resource_type", name),
        About::List(name) => span.record("tf_list_resource_type", name),
        About::Action(name) => span.record("tf_action_type", name),
        About::Function(name) => span.record("tf_function", name),
    };
    let work = async {
        trace!(target: "sdk.proto", "received request");
        let started = Instant::now();
        let response = work.await;
        let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        trace!(target: "sdk.proto", tf_req_duration_ms = milliseconds, "served request");
        Ok(Response::new(response))
    };
    work.instrument(span).await
}

#[async_trait]
impl Provider for Server {
    async fn get_metadata(&self, _: Request<get_metadata::Request>) -> Reply<get_metadata::Response> {
        answer(self, "GetMetadata", About::Provider, async { self.metadata() }).await
    }

    async fn get_provider_schema(
        &self,
        _: Request<get_provider_schema::Request>,
    ) -> Reply<get_provider_schema::Response> {
        answer(self, "GetProviderSchema", About::Provider, async { self.provider_schema() }).await
    }

    async fn get_resource_identity_schemas(
        &self,
        _: Request<get_resource_identity_schemas::Request>,
    ) -> Reply<get_resource_identity_schemas::Response> {
        answer(self, "GetResourceIdentitySchemas", About::Provider, async { self.identity_schemas() }).await
    }

    async fn validate_provider_config(
        &self,
        request: Request<validate_provider_config::Request>,
    ) -> Reply<validate_provider_config::Response> {
        let request = request.into_inner();
        answer(self, "ValidateProviderConfig", About::Provider, self.validate_provider(request)).await
    }

    async fn configure_provider(
        &self,
        request: Request<configure_provider::Request>,
    ) -> Reply<configure_provider::Response> {
        let request = request.into_inner();
        answer(self, "ConfigureProvider", About::Provider, self.configure(request)).await
    }

    async fn stop_provider(&self, _: Request<stop_provider::Request>) -> Reply<stop_provider::Response> {
        answer(self, "StopProvider", About::Provider, async { self.stop_provider() }).await
    }

    async fn validate_resource_config(
        &self,
        request: Request<validate_resource_config::Request>,
    ) -> Reply<validate_resource_config::Response> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        answer(self, "ValidateResourceConfig", About::Resource(&name), self.validate_resource(request)).await
    }

    async fn upgrade_resource_state(
        &self,
        request: Request<upgrade_resource_state::Request>,
    ) -> Reply<upgrade_resource_state::Response> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        answer(self, "UpgradeResourceState", About::Resource(&name), self.upgrade(request)).await
    }

    async fn upgrade_resource_identity(
        &self,
        request: Request<upgrade_resource_identity::Request>,
    ) -> Reply<upgrade_resource_identity::Response> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        answer(self, "UpgradeResourceIdentity", About::Resource(&name), async { self.upgrade_identity(&request) }).await
    }

    async fn read_resource(&self, request: Request<read_resource::Request>) -> Reply<read_resource::Response> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        answer(self, "ReadResource", About::Resource(&name), self.read(request)).await
    }

    async fn plan_resource_change(
        &self,
        request: Request<plan_resource_change::Request>,
    ) -> Reply<plan_resource_change::Response> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        answer(self, "PlanResourceChange", About::Resource(&name), self.plan(request)).await
    }

    async fn apply_resource_change(
        &self,
        request: Request<apply_resource_change::Request>,
    ) -> Reply<apply_resource_change::Response> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        answer(self, "ApplyResourceChange", About::Resource(&name), self.apply(request)).await
    }

    async fn import_resource_state(
        &self,
        request: Request<import_resource_state::Request>,
    ) -> Reply<import_resource_state::Response> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        answer(self, "ImportResourceState", About::Resource(&name), self.import(request)).await
    }

    async fn move_resource_state(
        &self,
        request: Request<move_resource_state::Request>,
    ) -> Reply<move_resource_state::Response> {
        let request = request.into_inner();
        let name = request.target_type_name.clone();
        answer(self, "MoveResourceState", About::Resource(&name), self.move_state(request)).await
    }

    async fn validate_data_resource_config(
        &self,
        request: Request<validate_data_resource_config::Request>,
    ) -> Reply<validate_data_resource_config::Response> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        answer(self, "ValidateDataResourceConfig", About::DataSource(&name), self.validate_data(request)).await
    }

    async fn read_data_source(&self, request: Request<read_data_source::Request>) -> Reply<read_data_source::Response> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        answer(self, "ReadDataSource", About::DataSource(&name), self.read_data(request)).await
    }

    async fn get_functions(&self, _: Request<get_functions::Request>) -> Reply<get_functions::Response> {
        answer(self, "GetFunctions", About::Provider, async { self.function_signatures() }).await
    }

    async fn call_function(&self, request: Request<call_function::Request>) -> Reply<call_function::Response> {
        let request = request.into_inner();
        let name = request.name.clone();
        answer(self, "CallFunction", About::Function(&name), self.call_function(request)).await
    }

    async fn generate_resource_config(
        &self,
        request: Request<generate_resource_config::Request>,
    ) -> Reply<generate_resource_config::Response> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        answer(self, "GenerateResourceConfig", About::Resource(&name), self.generate(request)).await
    }

    async fn validate_ephemeral_resource_config(
        &self,
        request: Request<validate_ephemeral_resource_config::Request>,
    ) -> Reply<validate_ephemeral_resource_config::Response> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        answer(self, "ValidateEphemeralResourceConfig", About::Ephemeral(&name), self.validate_ephemeral(request)).await
    }

    async fn open_ephemeral_resource(
        &self,
        request: Request<open_ephemeral_resource::Request>,
    ) -> Reply<open_ephemeral_resource::Response> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        answer(self, "OpenEphemeralResource", About::Ephemeral(&name), self.open(request)).await
    }

    async fn renew_ephemeral_resource(
        &self,
        request: Request<renew_ephemeral_resource::Request>,
    ) -> Reply<renew_ephemeral_resource::Response> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        answer(self, "RenewEphemeralResource", About::Ephemeral(&name), self.renew(request)).await
    }

    async fn close_ephemeral_resource(
        &self,
        request: Request<close_ephemeral_resource::Request>,
    ) -> Reply<close_ephemeral_resource::Response> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        answer(self, "CloseEphemeralResource", About::Ephemeral(&name), self.close(request)).await
    }

    async fn validate_list_resource_config(
        &self,
        request: Request<validate_list_resource_config::Request>,
    ) -> Reply<validate_list_resource_config::Response> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        answer(self, "ValidateListResourceConfig", About::List(&name), self.validate_list(request)).await
    }

    type ListResourceStream = Events<list_resource::Event>;

    async fn list_resource(&self, request: Request<list_resource::Request>) -> Reply<Self::ListResourceStream> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        answer(self, "ListResource", About::List(&name), async { self.list(request) }).await
    }

    async fn validate_action_config(
        &self,
        request: Request<validate_action_config::Request>,
    ) -> Reply<validate_action_config::Response> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        answer(self, "ValidateActionConfig", About::Action(&name), self.validate_action(request)).await
    }

    async fn plan_action(&self, request: Request<plan_action::Request>) -> Reply<plan_action::Response> {
        let request = request.into_inner();
        let name = request.action_type.clone();
        answer(self, "PlanAction", About::Action(&name), self.plan_action(request)).await
    }

    type InvokeActionStream = Events<invoke_action::Event>;

    async fn invoke_action(&self, request: Request<invoke_action::Request>) -> Reply<Self::InvokeActionStream> {
        let request = request.into_inner();
        let name = request.action_type.clone();
        answer(self, "InvokeAction", About::Action(&name), async { self.invoke(request) }).await
    }
}
