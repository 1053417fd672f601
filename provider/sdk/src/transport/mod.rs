//! How Terraform reaches the provider: a local socket, mutual TLS, HTTP/2, and the services of a plugin process.

pub(crate) mod control;
pub(crate) mod http;
pub(crate) mod listener;
pub(crate) mod tls;

#[allow(dead_code, reason = "generated code; `expect` does not see inside")]
pub(crate) mod plugin {
    include!("../gen/plugin.rs");
}

#[allow(dead_code, reason = "generated code; `expect` does not see inside")]
pub(crate) mod health {
    include!("../gen/grpc.health.v1.rs");
}
