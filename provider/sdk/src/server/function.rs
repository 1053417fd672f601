//! CallFunction.

use super::guard::guarded;
use super::{Called, Server};
use crate::wire::proto::call_function::{Request, Response};
use crate::wire::proto::{self, DynamicValue};
use crate::wire::{Answer, value};
use crate::{Diagnostics, FunctionError, Value};

impl Server {
    /// A failed call has one message and no diagnostics.
    pub(super) async fn call_function(&self, request: Request) -> Response {
        match self.try_call(&request).await {
            Ok(result) => Response { result: Some(result), error: None },
            Err(error) => {
                let argument = error.argument.and_then(|argument| i64::try_from(argument).ok());
                let error = proto::FunctionError { text: error.message, function_argument: argument };
                Response { result: None, error: Some(error) }
            }
        }
    }

    async fn try_call(&self, request: &Request) -> Result<DynamicValue, FunctionError> {
        let unknown = || failure(format!("This version of the provider has no function {:?}.", request.name));
        let called = self.functions.get(&request.name).ok_or_else(unknown)?;
        let arguments = called.arguments(&request.arguments)?;
        let result = guarded(called.function.call(arguments)).await.map_err(|panic| failure(text(&panic)))??;
        let mut answer = Answer::new(&called.signature.result, None);
        let wire = answer.planned(Some(&result));
        let mut faults = Diagnostics::new();
        answer.report("the result", &mut faults);
        if faults.is_empty() { Ok(wire) } else { Err(failure(text(&faults))) }
    }
}

impl Called {
    fn arguments(&self, wire: &[DynamicValue]) -> Result<Vec<Value>, FunctionError> {
        let parameters = self.signature.parameters.iter().chain(self.signature.variadic.iter().cycle());
        let arguments: Vec<Value> = wire
            .iter()
            .zip(parameters)
            .enumerate()
            .map(|(index, (argument, parameter))| {
                value(Some(argument), &parameter.ty)
                    .map_err(|error| FunctionError { message: error.to_string(), argument: Some(index) })
            })
            .collect::<Result<_, _>>()?;
        let (expected, given) = (self.signature.parameters.len(), wire.len());
        if arguments.len() < given || given < expected {
            return Err(failure(format!("takes {expected} arguments, not {given}")));
        }
        Ok(arguments)
    }
}

fn failure(message: String) -> FunctionError {
    FunctionError { message, argument: None }
}

fn text(diagnostics: &Diagnostics) -> String {
    diagnostics.iter().map(|found| format!("{}: {}", found.summary, found.detail)).collect::<Vec<_>>().join("\n")
}
