//! The rules that need no resource of a certain kind, for every provider at hand: that of faults, the example, and the
//! one that STELLAR_PROVIDER names.

use std::path::PathBuf;

use serde_json::json;
use tonic::Code;

use crate::support::proto::{
    RawState, get_metadata, get_resource_identity_schemas, import_resource_state, plan_action, schema,
    upgrade_resource_state,
};
use crate::support::{Process, Setup, example, faulty, fields, from_wire, stellar};

fn providers() -> Vec<PathBuf> {
    [faulty(), example()].into_iter().chain(stellar()).collect()
}

#[tokio::test]
async fn item_03_04_09_12_each_provider_starts_and_ends_as_terraform_wants_it() {
    for program in providers() {
        let mut process = Process::start(Setup::of(program.clone())).await;
        assert_eq!(process.fields.len(), 6, "{program:?}");
        assert_eq!((process.fields[0].as_str(), process.fields[1].as_str()), ("1", "6"));
        let client = process.client().await;
        assert!(client.provider_schema().await.provider.is_some());
        let started = std::time::Instant::now();
        client.shutdown().await;
        assert!(process.wait().await.success());
        assert!(started.elapsed().as_secs() < 2 && !process.socket().exists());
    }
}

#[tokio::test]
async fn item_01_20_each_provider_refuses_to_be_started_by_hand_and_serves_no_state_store() {
    for program in providers() {
        let output = tokio::process::Command::new(&program).env_clear().output().await.expect("it runs");
        assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{program:?}");
        let process = Process::start(Setup::of(program)).await;
        let client = process.client().await;
        let refused = client
            .unary::<_, plan_action::Response>("/tfplugin6.Provider/GetStates", plan_action::Request::default())
            .await;
        assert_eq!(refused.map_err(|status| status.code()), Err(Code::Unimplemented));
        process.finish().await;
    }
}

#[tokio::test]
async fn item_21_each_provider_s_schemas_are_ones_that_terraform_loads() {
    for program in providers() {
        let process = Process::start(Setup::of(program.clone())).await;
        let client = process.client().await;
        let answer = client.provider_schema().await;
        let actions = answer.action_schemas.values().filter_map(|action| action.schema.as_ref());
        let schemas = answer
            .resource_schemas
            .values()
            .chain(answer.data_source_schemas.values())
            .chain(answer.ephemeral_resource_schemas.values())
            .chain(answer.list_resource_schemas.values())
            .chain(&answer.provider)
            .chain(actions);
        for schema in schemas {
            assert!(schema.version >= 0);
            block(schema.block.as_ref().expect("a block"), false);
        }
        for name in answer.list_resource_schemas.keys() {
            assert!(answer.resource_schemas.contains_key(name), "{name} lists a managed resource");
        }
        let request = get_resource_identity_schemas::Request {};
        let identities: get_resource_identity_schemas::Response =
            client.unary("/tfplugin6.Provider/GetResourceIdentitySchemas", request).await.expect("an answer");
        for name in answer.list_resource_schemas.keys() {
            assert!(identities.identity_schemas.contains_key(name), "{name} has an identity");
        }
        let metadata: get_metadata::Response =
            client.unary("/tfplugin6.Provider/GetMetadata", get_metadata::Request {}).await.expect("an answer");
        assert_eq!(metadata.server_capabilities, answer.server_capabilities);
        assert_eq!(metadata.actions.len(), answer.action_schemas.len());
        assert_eq!(metadata.ephemeral_resources.len(), answer.ephemeral_resource_schemas.len());
        process.finish().await;
    }
}

/// The rules by which Terraform refuses a schema.
fn block(block: &schema::Block, in_set: bool) {
    let name = |name: &str| name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    for found in &block.attributes {
        attribute(found, in_set);
    }
    for nested in &block.block_types {
        let unique = block.attributes.iter().all(|attribute| attribute.name != nested.type_name);
        assert!(name(&nested.type_name) && unique, "{}", nested.type_name);
        let set = nested.nesting() == schema::nested_block::NestingMode::Set;
        self::block(nested.block.as_ref().expect("a block"), in_set || set);
    }
}

fn attribute(found: &schema::Attribute, in_set: bool) {
    let name = &found.name;
    assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'), "{name}");
    assert_ne!(found.r#type.is_empty(), found.nested_type.is_none(), "{name}: one of type and nested type");
    assert!(found.required || found.optional || found.computed, "{name}");
    assert!(!(found.required && (found.optional || found.computed)), "{name}");
    assert!(found.deprecated || found.deprecation_message.is_empty(), "{name}");
    assert!(!(found.write_only && (found.computed || in_set)), "{name}");
    assert!(!(in_set && found.r#type == b"\"dynamic\""), "{name}");
    if let Some(nested) = &found.nested_type {
        let set = nested.nesting() == schema::object::NestingMode::Set;
        nested.attributes.iter().for_each(|inner| attribute(inner, in_set || set));
    }
}

#[tokio::test]
async fn item_28_each_provider_drops_what_a_state_has_too_much_and_fills_in_what_it_lacks() {
    for program in providers() {
        let process = Process::start(Setup::of(program)).await;
        let client = process.client().await;
        for (type_name, schema) in client.provider_schema().await.resource_schemas {
            let raw = RawState { json: r#"{"name": "a", "removed_long_ago": [1]}"#.into(), ..RawState::default() };
            let request = upgrade_resource_state::Request {
                type_name: type_name.clone(),
                version: schema.version,
                raw_state: Some(raw),
            };
            let answer: upgrade_resource_state::Response =
                client.unary("/tfplugin6.Provider/UpgradeResourceState", request).await.expect("an answer");
            assert_eq!(answer.diagnostics, [], "{type_name}");
            let state = from_wire(answer.upgraded_state.as_ref());
            assert_eq!(state.as_object().map(serde_json::Map::len), Some(fields(&schema).len()), "{type_name}");
        }
        process.finish().await;
    }
}

#[tokio::test]
async fn item_29_each_provider_names_both_versions_of_a_state_that_it_cannot_read() {
    for program in providers() {
        let process = Process::start(Setup::of(program)).await;
        let client = process.client().await;
        for (type_name, schema) in client.provider_schema().await.resource_schemas {
            let raw = RawState { json: json!({}).to_string().into(), ..RawState::default() };
            let request =
                upgrade_resource_state::Request { type_name, version: schema.version + 7, raw_state: Some(raw) };
            let answer: upgrade_resource_state::Response =
                client.unary("/tfplugin6.Provider/UpgradeResourceState", request).await.expect("an answer");
            let detail = &answer.diagnostics[0].detail;
            let both = [schema.version, schema.version + 7].iter().all(|version| detail.contains(&version.to_string()));
            assert!(both, "{detail}");
        }
        process.finish().await;
    }
}

#[tokio::test]
async fn item_48_each_provider_answers_an_unknown_type_with_an_error() {
    for program in providers() {
        let process = Process::start(Setup::of(program)).await;
        let client = process.client().await;
        let request =
            import_resource_state::Request { type_name: "no_such".into(), id: "a".into(), ..Default::default() };
        let answer: import_resource_state::Response =
            client.unary("/tfplugin6.Provider/ImportResourceState", request).await.expect("an answer");
        assert_eq!(answer.diagnostics[0].summary, "Unknown resource");
        process.finish().await;
    }
}
