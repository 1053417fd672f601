//! How Terraform reaches the provider: a local socket, mutual TLS, HTTP/2, and the services of a plugin process.

pub(crate) mod control;
pub(crate) mod http;
pub(crate) mod listener;
pub(crate) mod tls;

#[expect(dead_code, reason = "generated code")]
pub(crate) mod plugin {
    include!("../gen/plugin.rs");
}

#[expect(dead_code, reason = "generated code")]
pub(crate) mod health {
    include!("../gen/grpc.health.v1.rs");
}
