//! `-debug`: a provider that outlives Terraform, for debuggers.
//!
//! Terraform finds it by TF_REATTACH_PROVIDERS, speaks to it without TLS, and with `Test` neither stops nor kills it.

use std::io::{self, Write};
use std::sync::Arc;

use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::serve::{ServeError, accept};
use crate::server::Server;
use crate::transport::listener::{Listener, Place};

/// Serves any number of clients until Ctrl-C.
pub(crate) async fn serve(server: Arc<Server>) -> Result<(), ServeError> {
    let listener = Listener::bind(&Place::default()).await.map_err(ServeError::Socket)?;
    announce(&server.provider().address(), &listener).map_err(ServeError::Handshake)?;
    let end = CancellationToken::new();
    let interrupted = end.clone();
    tokio::spawn(async move {
        // Without a handler there is no other way to end than a kill.
        let _ = tokio::signal::ctrl_c().await;
        interrupted.cancel();
    });
    accept(listener, None, server, end).await;
    Ok(())
}

fn announce(address: &str, listener: &Listener) -> io::Result<()> {
    let reattach = json!({
        address: {
            "Protocol": "grpc",
            "ProtocolVersion": 6,
            "Pid": std::process::id(),
            "Test": true,
            "Addr": { "Network": listener.network(), "String": listener.address() },
        }
    });
    let quoted = reattach.to_string().replace('\'', r#"'"'"'"#);
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "Provider started. To attach Terraform CLI, set the TF_REATTACH_PROVIDERS environment variable with:"
    )?;
    writeln!(out, "\n\tTF_REATTACH_PROVIDERS='{quoted}'\n")?;
    out.flush()
}
