//! Functions, `provider::stellar::…`: pure, and usable without a configured provider.

mod kubeconfig;
mod subnets;

use std::sync::Arc;

use tfplugin_sdk::{Function, FunctionError};

/// All of them.
pub fn all() -> Vec<Arc<dyn Function>> {
    vec![Arc::new(subnets::Subnets), Arc::new(kubeconfig::Kubeconfig)]
}

/// What is wrong with one argument, counted from 0.
fn wrong(argument: usize, message: impl Into<String>) -> FunctionError {
    FunctionError { message: message.into(), argument: Some(argument) }
}
