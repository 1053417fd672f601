//! What a provider-defined function implements (Terraform 1.8, OpenTofu 1.7).

use async_trait::async_trait;

use crate::{AttrType, Value};

/// A pure function, called as `provider::<provider>::<name>(…)`. Works without a configured provider.
#[async_trait]
pub trait Function: Send + Sync {
    /// The name, without the provider's.
    fn name(&self) -> &str;

    /// Parameters and result.
    fn signature(&self) -> Signature;

    /// Calls it. There is one argument per parameter, then those of the variadic one.
    ///
    /// # Errors
    /// Shown to the user at the call, or at one argument of it.
    async fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError>;
}

/// Parameters and result of a [`Function`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signature {
    /// One line.
    pub summary: String,
    /// Markdown.
    pub description: String,
    /// The parameters.
    pub parameters: Vec<Parameter>,
    /// Takes any further arguments.
    pub variadic: Option<Parameter>,
    /// Type of the result.
    pub result: AttrType,
}

/// A parameter of a [`Function`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parameter {
    /// The name.
    pub name: String,
    /// Markdown.
    pub description: String,
    /// Type of the argument.
    pub ty: AttrType,
    /// Null is an argument; otherwise Terraform refuses it.
    pub allow_null: bool,
    /// Unknown is an argument; otherwise the result of such a call is unknown.
    pub allow_unknown: bool,
}

impl FunctionError {
    /// A failure of the whole call.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), argument: None }
    }

    /// A failure of one argument, counted from 0.
    pub fn at(argument: usize, message: impl Into<String>) -> Self {
        Self { message: message.into(), argument: Some(argument) }
    }
}

/// A failed call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FunctionError {
    /// What is wrong.
    pub message: String,
    /// The argument that it is about, counted from 0.
    pub argument: Option<usize>,
}
