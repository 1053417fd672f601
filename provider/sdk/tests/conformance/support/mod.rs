//! A client of the plugin protocol, written from the protocol's documents and not from this crate's server.

mod client;
mod core;
mod fields;
pub mod oracle;
mod process;
mod tls;
mod values;

pub use self::core::{Core, Stored};
pub use client::{ApplyAnswer, Client, severity};
pub use fields::fields;
pub use process::{PATIENCE, Process, Setup, binary, example, faulty, stellar};
pub use tls::{ClientKey, handshake};
pub use values::{Json, UNKNOWN, from_wire, object, to_wire};

#[allow(dead_code, reason = "generated code; `expect` does not see inside")]
pub mod proto {
    include!("../../../src/gen/tfplugin6.rs");
}

#[allow(dead_code, reason = "generated code; `expect` does not see inside")]
pub mod plugin {
    include!("../../../src/gen/plugin.rs");
}

#[allow(dead_code, reason = "generated code; `expect` does not see inside")]
pub mod health {
    include!("../../../src/gen/grpc.health.v1.rs");
}
