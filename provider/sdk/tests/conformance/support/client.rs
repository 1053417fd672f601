//! Calls by path, with the messages of the protocol.

use std::sync::Mutex;

use hyper_util::rt::TokioIo;
use prost::Message;
use tokio::io::{AsyncRead, AsyncWrite};
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint};
use tonic::{IntoStreamingRequest, Request, Status, Streaming};
use tonic_prost::ProstCodec;
use tower::service_fn;

use super::proto::diagnostic::Severity;
use super::proto::{self, DynamicValue};
use super::{Json, from_wire, plugin, to_wire};

const BIG: usize = 1 << 30;

/// One connection.
#[derive(Clone)]
pub struct Client {
    grpc: Grpc<Channel>,
}

pub fn severity(diagnostics: &[proto::Diagnostic]) -> Vec<Severity> {
    diagnostics.iter().map(proto::Diagnostic::severity).collect()
}

impl Client {
    pub async fn new(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Self {
        Self::try_new(stream).await.expect("HTTP/2")
    }

    pub async fn try_new(
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    ) -> Result<Self, tonic::transport::Error> {
        let stream = Mutex::new(Some(TokioIo::new(stream)));
        let connector = service_fn(move |_| {
            let stream = stream.lock().expect("no panic").take();
            async move { stream.ok_or_else(|| std::io::Error::other("one connection only")) }
        });
        let channel = Endpoint::from_static("http://localhost").connect_with_connector(connector).await?;
        Ok(Self { grpc: Grpc::new(channel).max_decoding_message_size(BIG).max_encoding_message_size(BIG) })
    }

    /// Any unary call.
    pub async fn unary<Q, A>(&self, path: &'static str, request: Q) -> Result<A, Status>
    where
        Q: Message + Send + Sync + 'static,
        A: Message + Default + Send + Sync + 'static,
    {
        let mut grpc = self.grpc.clone();
        grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let codec = ProstCodec::<Q, A>::default();
        grpc.unary(Request::new(request), PathAndQuery::from_static(path), codec).await.map(tonic::Response::into_inner)
    }

    /// A call whose answer is a stream; the request, too, may be one.
    pub async fn stream<Q, A>(
        &self,
        path: &'static str,
        request: impl IntoStreamingRequest<Message = Q>,
    ) -> Result<Streaming<A>, Status>
    where
        Q: Message + Send + Sync + 'static,
        A: Message + Default + Send + Sync + 'static,
    {
        let mut grpc = self.grpc.clone();
        grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let codec = ProstCodec::<Q, A>::default();
        let request = request.into_streaming_request();
        grpc.streaming(request, PathAndQuery::from_static(path), codec).await.map(tonic::Response::into_inner)
    }

    pub async fn shutdown(&self) {
        // The answer may be lost with the process.
        let _ = self.unary::<_, plugin::Empty>("/plugin.GRPCController/Shutdown", plugin::Empty {}).await;
    }

    pub async fn provider_schema(&self) -> proto::get_provider_schema::Response {
        let request = proto::get_provider_schema::Request {};
        self.unary("/tfplugin6.Provider/GetProviderSchema", request).await.expect("a schema")
    }

    pub async fn validate(&self, config: Json, write_only: bool) -> Vec<proto::Diagnostic> {
        let capabilities =
            proto::ClientCapabilities { write_only_attributes_allowed: write_only, ..Default::default() };
        let request = proto::validate_resource_config::Request {
            type_name: "conformance_thing".into(),
            config: some(&config),
            client_capabilities: Some(capabilities),
        };
        let answer: proto::validate_resource_config::Response =
            self.unary("/tfplugin6.Provider/ValidateResourceConfig", request).await.expect("an answer");
        answer.diagnostics
    }

    /// Plans from `prior` (null: create) to `proposed` (null: destroy) with `config`.
    pub async fn plan(&self, prior: Json, proposed: Json, config: Json, private: &str) -> PlanAnswer {
        let request = proto::plan_resource_change::Request {
            type_name: "conformance_thing".into(),
            prior_state: some(&prior),
            proposed_new_state: some(&proposed),
            config: some(&config),
            prior_private: private.into(),
            ..Default::default()
        };
        self.unary("/tfplugin6.Provider/PlanResourceChange", request).await.expect("an answer")
    }

    pub async fn apply(&self, prior: Json, planned: Json, config: Json, private: &str) -> ApplyAnswer {
        self.try_apply(prior, planned, config, private).await.expect("an answer")
    }

    pub async fn try_apply(
        &self,
        prior: Json,
        planned: Json,
        config: Json,
        private: &str,
    ) -> Result<ApplyAnswer, Status> {
        let request = proto::apply_resource_change::Request {
            type_name: "conformance_thing".into(),
            prior_state: some(&prior),
            planned_state: some(&planned),
            config: some(&config),
            planned_private: private.into(),
            ..Default::default()
        };
        self.unary("/tfplugin6.Provider/ApplyResourceChange", request).await
    }

    pub async fn read(&self, state: Json, private: &str) -> proto::read_resource::Response {
        let request = proto::read_resource::Request {
            type_name: "conformance_thing".into(),
            current_state: some(&state),
            private: private.into(),
            ..Default::default()
        };
        self.unary("/tfplugin6.Provider/ReadResource", request).await.expect("an answer")
    }
}

pub type PlanAnswer = proto::plan_resource_change::Response;
pub type ApplyAnswer = proto::apply_resource_change::Response;

fn some(value: &Json) -> Option<DynamicValue> {
    Some(to_wire(value))
}

impl PlanAnswer {
    pub fn planned(&self) -> Json {
        from_wire(self.planned_state.as_ref())
    }

    pub fn private(&self) -> &str {
        std::str::from_utf8(&self.planned_private).expect("text")
    }
}

impl ApplyAnswer {
    pub fn state(&self) -> Json {
        from_wire(self.new_state.as_ref())
    }

    pub fn private(&self) -> &str {
        std::str::from_utf8(&self.private).expect("text")
    }
}
