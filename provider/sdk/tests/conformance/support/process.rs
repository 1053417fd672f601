//! A provider process, started as Terraform starts one.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::net::{TcpStream, UnixStream};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use super::{Client, ClientKey};

const COOKIE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

/// Nothing here takes that long; a test that waits longer has failed.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The provider of faults.
pub fn faulty() -> PathBuf {
    env!("CARGO_BIN_EXE_conformance-provider").into()
}

/// The example provider; cargo builds examples before it runs tests.
pub fn example() -> PathBuf {
    let path = faulty().with_file_name("examples/notes");
    assert!(path.exists(), "build it first: cargo build --example notes");
    path
}

/// The provider that STELLAR_PROVIDER names; says so when there is none.
pub fn stellar() -> Option<PathBuf> {
    let path = std::env::var_os("STELLAR_PROVIDER").map(PathBuf::from);
    if path.is_none() {
        eprintln!("skipped because STELLAR_PROVIDER is not set: terraform-provider-stellar");
    }
    path
}

/// The provider of faults, with a clean environment.
pub fn binary() -> Command {
    start(&faulty())
}

fn start(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().kill_on_drop(true).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// How to start a provider.
pub struct Setup {
    pub program: PathBuf,
    pub env: Vec<(&'static str, String)>,
    pub tls: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self { program: faulty(), env: Vec::new(), tls: true }
    }
}

impl Setup {
    pub fn env(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.env.push((name, value.into()));
        self
    }

    pub fn of(program: PathBuf) -> Self {
        Self { program, ..Self::default() }
    }

    pub fn plain() -> Self {
        Self { tls: false, ..Self::default() }
    }
}

/// A started provider and what it announced.
pub struct Process {
    pub child: Child,
    pub fields: Vec<String>,
    pub key: ClientKey,
    /// Holds the socket.
    _dir: TempDir,
    stdout: Lines<BufReader<ChildStdout>>,
}

impl Process {
    pub async fn start(setup: Setup) -> Self {
        let dir = tempfile::tempdir().expect("a directory for the socket");
        let key = ClientKey::new();
        let mut command = start(&setup.program);
        command.env("TF_PLUGIN_MAGIC_COOKIE", COOKIE).env("TMPDIR", dir.path());
        command.env("PLUGIN_PROTOCOL_VERSIONS", "6,5");
        if setup.tls {
            command.env("PLUGIN_CLIENT_CERT", &key.pem);
        }
        command.envs(setup.env);
        let mut child = command.spawn().expect("the provider starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("piped")).lines();
        let line = timeout(PATIENCE, stdout.next_line()).await.expect("a handshake in time");
        let line = line.expect("readable").expect("a handshake line");
        let fields = line.split('|').map(str::to_owned).collect();
        Self { child, fields, key, _dir: dir, stdout }
    }

    pub fn socket(&self) -> PathBuf {
        PathBuf::from(&self.fields[3])
    }

    /// The certificate in the handshake.
    pub fn certificate(&self) -> Vec<u8> {
        STANDARD_NO_PAD.decode(&self.fields[5]).expect("unpadded base64")
    }

    pub async fn connect(&self) -> UnixStream {
        UnixStream::connect(self.socket()).await.expect("the socket accepts")
    }

    /// A client as Terraform would be one.
    pub async fn client(&self) -> Client {
        if self.fields[2] == "tcp" {
            return Client::new(TcpStream::connect(&self.fields[3]).await.expect("the port accepts")).await;
        }
        let socket = self.connect().await;
        if self.fields[5].is_empty() {
            return Client::new(socket).await;
        }
        let version = &rustls::version::TLS13;
        let tls = super::handshake(socket, &self.certificate(), Some(&self.key), version).await;
        Client::new(tls.expect("the announced client is accepted")).await
    }

    /// Waits for the end of the process.
    pub async fn wait(&mut self) -> ExitStatus {
        timeout(PATIENCE, self.child.wait()).await.expect("an end in time").expect("a status")
    }

    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().expect("a running process").to_string();
        let sent = std::process::Command::new("kill").args([&format!("-{name}"), &pid]).status();
        assert!(sent.expect("kill runs").success());
    }

    /// Ends the provider and returns the rest of standard output and the whole of standard error.
    pub async fn finish(mut self) -> (String, String) {
        self.client().await.shutdown().await;
        let mut stderr = String::new();
        let mut pipe = self.child.stderr.take().expect("piped");
        timeout(PATIENCE, pipe.read_to_string(&mut stderr)).await.expect("an end in time").expect("text");
        let rest = self.stdout.next_line().await.expect("readable").unwrap_or_default();
        (rest, stderr)
    }
}
