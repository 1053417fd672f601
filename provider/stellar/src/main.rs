//! The provider's binary.

use std::{env, process::ExitCode};

use terraform_provider_stellar::{Stellar, command};

// Two threads: the provider waits for AWS nearly all of its time, and every thread has a share of the memory to itself.
#[tokio::main(worker_threads = 2)]
async fn main() -> Result<ExitCode, tfplugin_sdk::ServeError> {
    if command::is_meant(env::args().nth(1).as_deref()) {
        return Ok(command::run(env::args()).await);
    }
    tfplugin_sdk::serve(Stellar::default()).await?;
    Ok(ExitCode::SUCCESS)
}
