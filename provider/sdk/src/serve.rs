//! The life of a provider process: handshake, connections, end.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::server::Server;
use crate::transport::http::{self, Routes};
use crate::transport::listener::{Listener, Place, Stream};
use crate::transport::tls::{Tls, TlsError};
use crate::{Provider, debug, log};

/// Proves to a provider that a plugin client started it; a constant of Terraform's protocol.
const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");

const NOTICE: &str = "This binary is a plugin. These are not meant to be executed directly.\n\
                      Please execute the program that consumes these plugins, which will\n\
                      load any plugins automatically\n";

/// How long calls may take to end after Shutdown; Terraform kills the process after two seconds.
const GRACE: Duration = Duration::from_secs(1);

/// How often a process looks whether its parent still lives.
const PARENT_INTERVAL: Duration = Duration::from_secs(1);

/// Why serving failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// No socket could be opened.
    #[error("no socket could be opened")]
    Socket(#[source] io::Error),
    /// The signals could not be heeded.
    #[error("signals could not be listened for")]
    Signals(#[source] io::Error),
    /// TLS could not be set up.
    #[error("TLS could not be set up")]
    Tls(#[from] TlsError),
    /// The handshake could not be written.
    #[error("the handshake could not be written to standard output")]
    Handshake(#[source] io::Error),
}

/// Serves a provider: the whole `main` of its binary.
///
/// As a plugin the process ends when Terraform says so or is gone, without returning: what calls still do then must not
/// hold it. Started by hand, it says what it is and exits with 1. With the argument `-debug` it serves any number of
/// clients, prints how to reach it, and returns on Ctrl-C.
///
/// # Errors
/// When the transport cannot be set up.
pub async fn serve(provider: impl Provider) -> Result<(), ServeError> {
    let debug = std::env::args().skip(1).any(|argument| argument == "-debug" || argument == "--debug");
    if !debug && env(COOKIE.0).as_deref() != Some(COOKIE.1) {
        // Nothing is left to tell when even this cannot be written.
        let _ = io::stderr().write_all(NOTICE.as_bytes());
        process::exit(1);
    }
    log::init(&provider);
    let server = Arc::new(Server::new(Arc::new(provider)));
    if debug {
        return debug::serve(server).await;
    }
    plugin(server).await?;
    process::exit(0)
}

/// Serves the one client that started the process.
async fn plugin(server: Arc<Server>) -> Result<(), ServeError> {
    let end = CancellationToken::new();
    heed_signals(server.clone()).map_err(ServeError::Signals)?;
    end_with_parent(end.clone());
    let tls = env("PLUGIN_CLIENT_CERT").map(|certificate| Tls::new(&certificate)).transpose()?;
    let listener = Listener::bind(&place()).await.map_err(ServeError::Socket)?;
    handshake(&listener, tls.as_ref()).map_err(ServeError::Handshake)?;
    accept(listener, tls, server, end).await;
    Ok(())
}

/// Takes connections until `end` fires, then gives their calls a moment to finish.
pub(crate) async fn accept(listener: Listener, tls: Option<Tls>, server: Arc<Server>, end: CancellationToken) {
    let routes = Routes::new(server.clone(), end.clone());
    let tls = tls.map(Arc::new);
    let connections = TaskTracker::new();
    loop {
        let stream = tokio::select! {
            stream = listener.accept() => stream,
            () = end.cancelled() => break,
        };
        match stream {
            Ok(stream) => {
                connections.spawn(connection(stream, tls.clone(), routes.clone(), end.clone()));
            }
            Err(error) => {
                tracing::warn!(target: "sdk.proto", %error, "a connection failed");
                // Out of file descriptors, most likely: do not spin.
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    server.cancel();
    connections.close();
    if tokio::time::timeout(GRACE, connections.wait()).await.is_err() {
        tracing::warn!(target: "sdk.proto", "ended with calls still running");
    }
}

async fn connection(stream: Box<dyn Stream>, tls: Option<Arc<Tls>>, routes: Routes, end: CancellationToken) {
    let Some(tls) = tls else {
        return http::serve(stream, routes, end).await;
    };
    match tls.accept(stream).await {
        Ok(stream) => http::serve(stream, routes, end).await,
        Err(error) => tracing::warn!(target: "sdk.proto", %error, "a client was refused"),
    }
}

/// A terminal sends Ctrl-C to the whole process group; only Terraform decides what it means, and says so by StopProvider.
/// Whoever ends a job sends SIGTERM, to the group or to each process: it stops what runs, as StopProvider does, and the
/// process stays until Terraform has its answers.
#[cfg(unix)]
fn heed_signals(server: Arc<Server>) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupts = signal(SignalKind::interrupt())?;
    let mut terminations = signal(SignalKind::terminate())?;
    tokio::spawn(async move { while interrupts.recv().await.is_some() {} });
    tokio::spawn(async move {
        while terminations.recv().await.is_some() {
            server.cancel();
        }
    });
    Ok(())
}

#[cfg(not(unix))]
fn heed_signals(_: Arc<Server>) -> io::Result<()> {
    tokio::spawn(async { while tokio::signal::ctrl_c().await.is_ok() {} });
    Ok(())
}

/// Ends the process when Terraform is gone without having said so.
fn end_with_parent(end: CancellationToken) {
    #[cfg(unix)]
    {
        use std::os::unix::process::parent_id;
        let parent = parent_id();
        tokio::spawn(async move {
            let mut interval = tokio::time::interval(PARENT_INTERVAL);
            while parent_id() == parent {
                interval.tick().await;
            }
            end.cancel();
        });
    }
    #[cfg(not(unix))]
    drop(end);
}

/// Where the client wants the socket.
fn place() -> Place {
    let port = |name| env(name).and_then(|text| text.parse::<u16>().ok());
    Place {
        dir: env("PLUGIN_UNIX_SOCKET_DIR").map(PathBuf::from),
        group: env("PLUGIN_UNIX_SOCKET_GROUP"),
        ports: port("PLUGIN_MIN_PORT").zip(port("PLUGIN_MAX_PORT")).map(|(first, last)| first..=last),
    }
}

/// The one line on standard output: `core|protocol|network|address|grpc|certificate`.
///
/// The protocol is 6 whatever the client offers: a client that knows no 6 then says so itself. The seventh field is only
/// for clients that ask; older ones cannot parse it.
fn handshake(listener: &Listener, tls: Option<&Tls>) -> io::Result<()> {
    let certificate = tls.map(|tls| STANDARD_NO_PAD.encode(tls.certificate())).unwrap_or_default();
    let multiplex = if env("PLUGIN_MULTIPLEX_GRPC").is_some() { "|false" } else { "" };
    let mut out = io::stdout().lock();
    writeln!(out, "1|6|{}|{}|grpc|{certificate}{multiplex}", listener.network(), listener.address())?;
    out.flush()
}

/// A variable that is set and not empty.
fn env(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
