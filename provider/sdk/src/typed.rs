//! Functions from closures over typed arguments.

use std::marker::PhantomData;

use async_trait::async_trait;

use crate::{Attr, AttrType, AttrValue, Function, FunctionError, Parameter, Path, Signature, Value};

/// A [`Function`] from a closure: parameters and result have the types that the closure says.
///
/// ```
/// use tfplugin_sdk::{FunctionError, TypedFunction};
///
/// let slug = TypedFunction::new("slug", ["title", "longest"], |title: String, longest: i64| {
///     let longest = usize::try_from(longest).map_err(|_| FunctionError::at(1, "must not be negative"))?;
///     Ok(title.to_lowercase().replace(' ', "-").chars().take(longest).collect::<String>())
/// })
/// .summary("A title as part of an address");
/// ```
/// An argument of type `Attr<T>` may be null or unknown; without it Terraform refuses null, and answers itself for
/// unknown.
pub struct TypedFunction<F, A> {
    name: String,
    signature: Signature,
    call: F,
    arguments: PhantomData<fn(A)>,
}

/// A closure that can be called with arguments `A`, a tuple. Implemented for up to four arguments.
pub trait Call<A>: Send + Sync {
    /// Parameters without their names.
    fn parameters() -> Vec<Parameter>;

    /// Type of the result.
    fn result() -> AttrType;

    /// Reads the arguments, calls, and writes the result.
    ///
    /// # Errors
    /// When an argument has another type, or the closure fails.
    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError>;
}

impl<F, A> TypedFunction<F, A> {
    /// A function `name` with a name for each of the closure's parameters.
    pub fn new<const N: usize>(name: &str, names: [&str; N], call: F) -> Self
    where
        F: Call<A>,
    {
        let mut parameters = F::parameters();
        for (parameter, name) in parameters.iter_mut().zip(names) {
            parameter.name = name.into();
        }
        let signature = Signature { parameters, result: F::result(), ..Signature::default() };
        Self { name: name.into(), signature, call, arguments: PhantomData }
    }

    /// One line of documentation.
    #[must_use]
    pub fn summary(mut self, text: &str) -> Self {
        self.signature.summary = text.into();
        self
    }

    /// The documentation, in Markdown.
    #[must_use]
    pub fn description(mut self, text: &str) -> Self {
        self.signature.description = text.into();
        self
    }
}

#[async_trait]
impl<F: Call<A>, A> Function for TypedFunction<F, A> {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> Signature {
        self.signature.clone()
    }

    async fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        self.call.call(&arguments)
    }
}

fn parameter<T: AttrValue>() -> Parameter {
    Parameter { ty: T::attr_type(), allow_null: T::NULLABLE, allow_unknown: T::NULLABLE, ..Parameter::default() }
}

fn argument<T: AttrValue>(arguments: &[Value], index: usize) -> Result<T, FunctionError> {
    let value = arguments.get(index).unwrap_or(&Value::Null);
    let read = T::read(value, &Path::root()).map_err(|error| FunctionError::at(index, error.message))?;
    match read {
        Attr::Known(argument) => Ok(argument),
        _ => Err(FunctionError::at(index, "must be known in every part")),
    }
}

macro_rules! call {
    ($($argument:ident $index:tt),*) => {
        impl<F, R, $($argument),*> Call<($($argument,)*)> for F
        where
            F: Fn($($argument),*) -> Result<R, FunctionError> + Send + Sync,
            R: AttrValue,
            $($argument: AttrValue,)*
        {
            fn parameters() -> Vec<Parameter> {
                vec![$(parameter::<$argument>()),*]
            }

            fn result() -> AttrType {
                R::attr_type()
            }

            fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
                let _ = arguments;
                self($(argument::<$argument>(arguments, $index)?),*).map(|result| result.write())
            }
        }
    };
}

call!();
call!(A 0);
call!(A 0, B 1);
call!(A 0, B 1, C 2);
call!(A 0, B 1, C 2, D 3);

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[tokio::test]
    async fn a_closure_s_types_are_the_signature_and_its_errors_name_the_argument() {
        let repeat = TypedFunction::new("repeat", ["text", "times"], |text: String, times: Attr<i64>| {
            let times = times.into_known().unwrap_or(1);
            let times = usize::try_from(times).map_err(|_| FunctionError::at(1, "must not be negative"))?;
            Ok(vec![text; times])
        })
        .summary("Repeats");
        let signature = Function::signature(&repeat);
        let parameters: Vec<_> = signature.parameters.iter().map(|p| (p.name.as_str(), &p.ty, p.allow_null)).collect();
        assert_eq!(parameters, [("text", &AttrType::String, false), ("times", &AttrType::Number, true)]);
        assert_eq!(signature.result.to_json(), r#"["list","string"]"#);

        let cases = [
            (vec!["a".into(), 2_i64.into()], Ok(vec!["a", "a"].into())),
            (vec!["a".into(), Value::Null], Ok(vec!["a"].into())),
            (vec!["a".into(), Value::from(-1_i64)], Err((1, "must not be negative"))),
            (vec![true.into(), 1_i64.into()], Err((0, "must be a string, not a bool"))),
        ];
        for (arguments, expected) in cases {
            let found = Function::call(&repeat, arguments).await;
            let expected = expected.map_err(|(index, text)| FunctionError::at(index, text));
            assert_eq!(found, expected);
        }
    }

    #[tokio::test]
    async fn a_collection_with_an_unknown_part_is_refused_unless_its_elements_may_be() {
        let partly = || vec![Value::map([("k", Value::Unknown)])];
        let plain =
            TypedFunction::new("f", ["m"], |m: BTreeMap<String, String>| Ok(i64::try_from(m.len()).unwrap_or(0)));
        let found = Function::call(&plain, partly()).await;
        assert_eq!(found, Err(FunctionError::at(0, "must be known in every part")));
        let loose = TypedFunction::new("f", ["m"], |m: BTreeMap<String, Attr<String>>| Ok(m["k"].is_unknown()));
        assert_eq!(Function::call(&loose, partly()).await, Ok(true.into()));
    }
}
