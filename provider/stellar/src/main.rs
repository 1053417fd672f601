//! The provider's binary.

use std::{env, process::ExitCode};

use terraform_provider_stellar::{Stellar, command};
use tokio::runtime::Builder;

/// The provider waits for AWS nearly all of its time, and every thread has a share of the memory to itself.
const THREADS: usize = 2;
/// Room for the nested state machines of an operation, which an unoptimized build copies from frame to frame. Only what is
/// touched takes memory.
const STACK: usize = 16 << 20;

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let runtime = Builder::new_multi_thread().worker_threads(THREADS).thread_stack_size(STACK).enable_all().build()?;
    runtime.block_on(async {
        if command::is_meant(env::args().nth(1).as_deref()) {
            return Ok(command::run(env::args()).await);
        }
        tfplugin_sdk::serve(Stellar::default()).await?;
        Ok(ExitCode::SUCCESS)
    })
}
