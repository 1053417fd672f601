//! The services of a plugin process: shutdown, health, and two streams that Terraform opens and nobody uses.

use futures::StreamExt;
use futures::stream::{self, BoxStream};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming, async_trait};

use super::health::health_check_response::ServingStatus;
use super::health::health_server::Health;
use super::health::{HealthCheckRequest, HealthCheckResponse};
use super::plugin::grpc_broker_server::GrpcBroker;
use super::plugin::grpc_controller_server::GrpcController;
use super::plugin::grpc_stdio_server::GrpcStdio;
use super::plugin::{ConnInfo, Empty, StdioData};

/// Ends the process when its token fires.
#[derive(Clone)]
pub(crate) struct Control {
    end: CancellationToken,
}

impl Control {
    pub(crate) fn new(end: CancellationToken) -> Self {
        Self { end }
    }

    /// Open and silent until the end. An answer on the broker's stream would confuse Terraform.
    fn silence<T: Send + 'static>(&self) -> BoxStream<'static, Result<T, Status>> {
        stream::pending().take_until(self.end.clone().cancelled_owned()).boxed()
    }
}

#[async_trait]
impl GrpcController for Control {
    async fn shutdown(&self, _: Request<Empty>) -> Result<Response<Empty>, Status> {
        self.end.cancel();
        Ok(Response::new(Empty {}))
    }
}

#[async_trait]
impl GrpcStdio for Control {
    type StreamStdioStream = BoxStream<'static, Result<StdioData, Status>>;

    async fn stream_stdio(&self, _: Request<()>) -> Result<Response<Self::StreamStdioStream>, Status> {
        Ok(Response::new(self.silence()))
    }
}

#[async_trait]
impl GrpcBroker for Control {
    type StartStreamStream = BoxStream<'static, Result<ConnInfo, Status>>;

    async fn start_stream(&self, _: Request<Streaming<ConnInfo>>) -> Result<Response<Self::StartStreamStream>, Status> {
        Ok(Response::new(self.silence()))
    }
}

#[async_trait]
impl Health for Control {
    type WatchStream = BoxStream<'static, Result<HealthCheckResponse, Status>>;

    async fn check(&self, request: Request<HealthCheckRequest>) -> Result<Response<HealthCheckResponse>, Status> {
        status(&request.into_inner().service).map(Response::new)
    }

    async fn watch(&self, request: Request<HealthCheckRequest>) -> Result<Response<Self::WatchStream>, Status> {
        let now = status(&request.into_inner().service)?;
        Ok(Response::new(stream::iter([Ok(now)]).chain(self.silence()).boxed()))
    }
}

/// The plugin's health is asked for by the name "plugin".
fn status(service: &str) -> Result<HealthCheckResponse, Status> {
    match service {
        "" | "plugin" => Ok(HealthCheckResponse { status: ServingStatus::Serving.into() }),
        other => Err(Status::not_found(format!("no service {other:?}"))),
    }
}
