//! HTTP/2 connections and the way from a path to its service.

use std::convert::Infallible;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::Service;
use tonic::codegen::http::{Request, Response};

use super::control::Control;
use super::health::health_server::HealthServer;
use super::plugin::grpc_broker_server::GrpcBrokerServer;
use super::plugin::grpc_controller_server::GrpcControllerServer;
use super::plugin::grpc_stdio_server::GrpcStdioServer;
use crate::server::Server;
use crate::wire::proto::provider_server::ProviderServer;

/// Largest message in both directions, as in Terraform's own providers; tonic's default is 4 MiB.
const MESSAGE_BYTES: usize = 256 << 20;

/// More than any `-parallelism`.
const STREAMS: u32 = 10_000;

/// The services of the process.
#[derive(Clone)]
pub(crate) struct Routes {
    provider: ProviderServer<Server>,
    controller: GrpcControllerServer<Control>,
    stdio: GrpcStdioServer<Control>,
    broker: GrpcBrokerServer<Control>,
    health: HealthServer<Control>,
}

impl Routes {
    pub(crate) fn new(server: Arc<Server>, end: CancellationToken) -> Self {
        let control = Control::new(end);
        Self {
            provider: ProviderServer::from_arc(server)
                .max_decoding_message_size(MESSAGE_BYTES)
                .max_encoding_message_size(MESSAGE_BYTES),
            controller: GrpcControllerServer::new(control.clone()),
            stdio: GrpcStdioServer::new(control.clone()),
            broker: GrpcBrokerServer::new(control.clone()),
            health: HealthServer::new(control),
        }
    }

    async fn answer(mut self, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
        let service = request.uri().path().trim_start_matches('/').split('/').next().unwrap_or_default();
        match service {
            "tfplugin6.Provider" => self.provider.call(request).await,
            "plugin.GRPCController" => self.controller.call(request).await,
            "plugin.GRPCStdio" => self.stdio.call(request).await,
            "plugin.GRPCBroker" => self.broker.call(request).await,
            "grpc.health.v1.Health" => self.health.call(request).await,
            _ => Ok(Status::unimplemented("no such service").into_http()),
        }
    }
}

/// Serves one connection until the client closes it, or until `end` fires and its calls are done.
pub(crate) async fn serve<S>(stream: S, routes: Routes, end: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request| routes.clone().answer(request));
    let connection = http2::Builder::new(TokioExecutor::new())
        .max_concurrent_streams(STREAMS)
        .adaptive_window(true)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let closed = tokio::select! {
        closed = connection.as_mut() => closed,
        () = end.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = closed {
        tracing::debug!(target: "sdk.proto", %error, "connection ended");
    }
}
