//! A provider for the protocol tests: its objects do what their attribute `mode` says.

mod deed;
mod list;
mod thing;
mod token;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tfplugin_sdk::{
    Action, Attr, AttrType, ConfigureRequest, DataSource, Diagnostics, EphemeralResource, Function, FunctionError,
    ListResource, Model, Parameter, Path, Provider, ReadDataRequest, ReadDataResponse, Resource, Schema, ServeError,
    Signature, Value, async_trait,
};

#[derive(Default)]
struct Conformance {
    configured: AtomicU32,
}

/// The provider block.
#[derive(Clone, Debug, Default, Schema)]
struct Config {
    /// Fails the configuration when "broken".
    region: Attr<String>,
}

/// Says something back.
#[derive(Clone, Debug, Default, Schema)]
struct Echo {
    #[attr(required)]
    text: Attr<String>,
    #[attr(computed)]
    loud: Attr<String>,
}

struct EchoSource;

/// `join(separator, parts...)`
struct Join;

#[async_trait]
impl Provider for Conformance {
    fn type_name(&self) -> &str {
        "conformance"
    }

    fn version(&self) -> &str {
        "0.0.0"
    }

    fn schema(&self) -> Schema {
        Schema::of::<Config>()
    }

    async fn validate(&self, config: Value) -> Diagnostics {
        let mut found = Diagnostics::new();
        if config.get("region").as_str() == Some("") {
            found.attribute_error(Path::root().attr("region"), "Empty region", "A region has a name.");
        }
        found
    }

    async fn configure(&self, request: ConfigureRequest) -> Diagnostics {
        let mut found = Diagnostics::new();
        if request.config.get("region").as_str() == Some("broken") {
            found.error("No such region", "broken");
        }
        let times = self.configured.fetch_add(1, Ordering::SeqCst) + 1;
        found.warning("Configured", format!("{times} by {}", request.terraform_version));
        found
    }

    fn resources(&self) -> Vec<Arc<dyn Resource>> {
        vec![Arc::new(thing::ThingResource)]
    }

    fn data_sources(&self) -> Vec<Arc<dyn DataSource>> {
        vec![Arc::new(EchoSource)]
    }

    fn ephemeral_resources(&self) -> Vec<Arc<dyn EphemeralResource>> {
        vec![Arc::new(token::TokenResource)]
    }

    fn list_resources(&self) -> Vec<Arc<dyn ListResource>> {
        vec![Arc::new(list::ThingList)]
    }

    fn actions(&self) -> Vec<Arc<dyn Action>> {
        vec![Arc::new(deed::Deed)]
    }

    fn functions(&self) -> Vec<Arc<dyn Function>> {
        vec![Arc::new(Join)]
    }
}

#[async_trait]
impl DataSource for EchoSource {
    fn type_name(&self) -> &str {
        "conformance_echo"
    }

    fn schema(&self) -> Schema {
        Schema::of::<Echo>()
    }

    async fn read(&self, request: ReadDataRequest) -> ReadDataResponse {
        let mut response = ReadDataResponse::default();
        match Echo::decode(&request.config, &Path::root()) {
            Ok(echo) if echo.text.known().map(String::as_str) == Some("panic") => {
                panic!("asked to")
            }
            Ok(mut echo) => {
                echo.loud = echo.text.clone().map(|text| text.to_uppercase());
                response.state = Some(echo.encode());
            }
            Err(error) => response.diagnostics = error.into(),
        }
        response
    }
}

#[async_trait]
impl Function for Join {
    fn name(&self) -> &str {
        "join"
    }

    fn signature(&self) -> Signature {
        let text = |name: &str| Parameter { name: name.into(), ..Parameter::default() };
        Signature {
            summary: "Joins texts".into(),
            parameters: vec![text("separator")],
            variadic: Some(text("parts")),
            result: AttrType::String,
            ..Signature::default()
        }
    }

    async fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let texts: Vec<&str> = arguments.iter().filter_map(Value::as_str).collect();
        match texts.split_first() {
            Some((separator, parts)) if !parts.is_empty() => Ok(parts.join(separator).into()),
            _ => Err(FunctionError { message: "nothing to join".into(), argument: Some(0) }),
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), ServeError> {
    tfplugin_sdk::serve(Conformance::default()).await
}
