//! The provider itself, its data sources and functions.

use std::collections::BTreeSet;

use prost::Message;
use serde_json::json;
use tonic::Code;

use crate::support::proto::diagnostic::Severity;
use crate::support::proto::schema::Attribute;
use crate::support::proto::{
    call_function, configure_provider, get_metadata, get_resource_identity_schemas, plan_action, read_data_source,
    validate_provider_config,
};
use crate::support::{Process, Setup, from_wire, severity, to_wire};

#[tokio::test]
async fn item_21_the_schema_keeps_the_rules_that_terraform_checks_when_it_loads_one() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let schema = client.provider_schema().await;
    let block = |schema: &crate::support::proto::Schema| schema.block.clone().expect("a block");
    let provider = schema.provider.as_ref().expect("a provider schema");
    assert_eq!(block(provider).attributes.len(), 1);
    let thing = &schema.resource_schemas["conformance_thing"];
    assert_eq!(thing.version, 2);
    for attribute in block(thing).attributes {
        check(&attribute);
    }
    assert_eq!(schema.data_source_schemas.keys().collect::<Vec<_>>(), ["conformance_echo"]);
    assert_eq!(schema.functions["join"].parameters.len(), 1);

    let again = client.provider_schema().await;
    assert_eq!(schema, again);
    process.finish().await;
}

fn check(attribute: &Attribute) {
    let name = &attribute.name;
    assert_ne!(attribute.r#type.is_empty(), attribute.nested_type.is_none(), "{name}: one of type and nested type");
    assert!(attribute.required || attribute.optional || attribute.computed, "{name}");
    assert!(!(attribute.required && (attribute.optional || attribute.computed)), "{name}");
    assert!(attribute.deprecated || attribute.deprecation_message.is_empty(), "{name}");
    for inner in attribute.nested_type.iter().flat_map(|nested| &nested.attributes) {
        check(inner);
    }
}

#[tokio::test]
async fn item_21_metadata_agrees_with_the_schema() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let metadata: get_metadata::Response =
        client.unary("/tfplugin6.Provider/GetMetadata", get_metadata::Request {}).await.expect("an answer");
    let schema = client.provider_schema().await;
    assert_eq!(metadata.server_capabilities, schema.server_capabilities);
    assert!(metadata.server_capabilities.is_some_and(|capabilities| capabilities.plan_destroy));
    let names: BTreeSet<_> = metadata.resources.iter().map(|found| found.type_name.clone()).collect();
    assert_eq!(names, schema.resource_schemas.keys().cloned().collect());
    assert_eq!(metadata.functions[0].name, "join");

    let identities: get_resource_identity_schemas::Response = client
        .unary("/tfplugin6.Provider/GetResourceIdentitySchemas", get_resource_identity_schemas::Request {})
        .await
        .expect("an answer");
    let attribute = &identities.identity_schemas["conformance_thing"].identity_attributes[0];
    assert_eq!((attribute.name.as_str(), attribute.required_for_import), ("name", true));
    assert_eq!(identities.diagnostics, []);
    process.finish().await;
}

#[tokio::test]
async fn item_20_what_is_not_served_is_unimplemented() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let codes = [
        refusal::<_, plan_action::Response>(&client, "/tfplugin6.Provider/GetStates", plan_action::Request::default())
            .await,
        refusal::<_, plan_action::Response>(&client, "/tfplugin6.Provider/LockState", plan_action::Request::default())
            .await,
        refusal::<_, plan_action::Response>(&client, "/other.Service/Call", plan_action::Request::default()).await,
    ];
    assert_eq!(codes, [Some(Code::Unimplemented); 3]);
    process.finish().await;
}

async fn refusal<Q, A>(client: &crate::support::Client, path: &'static str, request: Q) -> Option<Code>
where
    Q: Message + Send + Sync + 'static,
    A: Message + Default + Send + Sync + 'static,
{
    client.unary::<Q, A>(path, request).await.err().map(|status| status.code())
}

#[tokio::test]
async fn the_provider_block_is_validated_and_configured_any_number_of_times() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let validate = validate_provider_config::Request { config: Some(to_wire(&json!({"region": ""}))) };
    let found: validate_provider_config::Response =
        client.unary("/tfplugin6.Provider/ValidateProviderConfig", validate).await.expect("an answer");
    assert_eq!(severity(&found.diagnostics), [Severity::Error]);
    assert_eq!(found.diagnostics[0].attribute.as_ref().map(|path| path.steps.len()), Some(1));

    let cases = [
        (json!({"region": "a"}), "1 by 1.11.4", 1),
        (json!({"region": "(unknown)"}), "2 by 1.11.4", 1),
        (json!({"region": "broken"}), "3 by 1.11.4", 2),
    ];
    for (config, expected, messages) in cases {
        let request = configure_provider::Request {
            terraform_version: "1.11.4".into(),
            config: Some(to_wire(&config)),
            client_capabilities: None,
        };
        let answer: configure_provider::Response =
            client.unary("/tfplugin6.Provider/ConfigureProvider", request).await.expect("an answer");
        assert_eq!(answer.diagnostics.len(), messages);
        assert_eq!(answer.diagnostics.last().map(|found| found.detail.as_str()), Some(expected));
    }
    process.finish().await;
}

#[tokio::test]
async fn item_49_a_data_source_answers_its_whole_object_or_an_error() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let cases = [
        ("conformance_echo", "hi", json!({"text": "hi", "loud": "HI"}), 0),
        ("conformance_echo", "panic", json!(null), 1),
        ("conformance_other", "hi", json!(null), 1),
    ];
    for (type_name, text, expected, errors) in cases {
        let request = read_data_source::Request {
            type_name: type_name.into(),
            config: Some(to_wire(&json!({"text": text, "loud": null}))),
            ..Default::default()
        };
        let answer: read_data_source::Response =
            client.unary("/tfplugin6.Provider/ReadDataSource", request).await.expect("an answer");
        assert_eq!(answer.diagnostics.len(), errors, "{type_name} {text}");
        assert_eq!(from_wire(answer.state.as_ref()), expected, "{type_name} {text}");
    }
    process.finish().await;
}

#[tokio::test]
async fn item_54_a_function_answers_a_result_or_an_error_at_its_argument() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let cases = [
        ("join", vec![json!("-"), json!("a"), json!("b")], Ok("a-b")),
        ("join", vec![json!("-")], Err(("nothing to join", Some(0)))),
        ("join", vec![], Err(("takes 1 arguments, not 0", None))),
        ("join", vec![json!("-"), json!(true)], Err(("must be a string", Some(1)))),
        ("split", vec![], Err(("This version of the provider has no function \"split\".", None))),
    ];
    for (name, arguments, expected) in cases {
        let request = call_function::Request { name: name.into(), arguments: arguments.iter().map(to_wire).collect() };
        let answer: call_function::Response =
            client.unary("/tfplugin6.Provider/CallFunction", request).await.expect("an answer");
        let error = answer.error.as_ref().map(|error| (error.text.as_str(), error.function_argument));
        let result = answer.result.as_ref().map(|result| from_wire(Some(result)));
        match expected {
            Ok(text) => assert_eq!((result, error), (Some(json!(text)), None)),
            Err(expected) => assert_eq!((result, error), (None, Some(expected))),
        }
    }
    process.finish().await;
}
