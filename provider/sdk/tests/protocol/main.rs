//! The plugin protocol against a real provider process, over a real socket with real TLS.

mod apply;
mod debug;
mod ephemeral;
mod log;
mod plan;
mod process;
mod provider;
mod state;
mod support;
mod tls;
