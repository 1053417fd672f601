//! The provider's binary.

use terraform_provider_stellar::Stellar;

#[tokio::main]
async fn main() -> Result<(), tfplugin_sdk::ServeError> {
    tfplugin_sdk::serve(Stellar::default()).await
}
