//! GetProviderSchema, GetMetadata, GetResourceIdentitySchemas, GetFunctions.

use super::Server;
use crate::wire::proto::get_metadata::{FunctionMetadata, TypeMetadata};
use crate::wire::proto::{
    ServerCapabilities, get_functions, get_metadata, get_provider_schema, get_resource_identity_schemas,
};
use crate::wire::{action, function, identity_schema, schema};

/// The same in schema and metadata. Destroys are planned, so that a resource can refuse them in time. The schema is
/// optional: every call works without it.
const CAPABILITIES: ServerCapabilities = ServerCapabilities {
    plan_destroy: true,
    get_provider_schema_optional: true,
    move_resource_state: true,
    generate_resource_config: true,
};

impl Server {
    pub(super) fn provider_schema(&self) -> get_provider_schema::Response {
        let resources = self.resources.iter();
        let data_sources = self.data_sources.iter();
        let ephemerals = self.ephemerals.iter();
        get_provider_schema::Response {
            provider: Some(schema(&self.schema)),
            resource_schemas: resources.map(|(name, managed)| (name.clone(), schema(&managed.schema))).collect(),
            data_source_schemas: data_sources.map(|(name, data)| (name.clone(), schema(&data.schema))).collect(),
            ephemeral_resource_schemas: ephemerals
                .map(|(name, opened)| (name.clone(), schema(&opened.schema)))
                .collect(),
            list_resource_schemas: self
                .lists
                .iter()
                .map(|(name, listed)| (name.clone(), schema(&listed.schema)))
                .collect(),
            action_schemas: self.actions.iter().map(|(name, acted)| (name.clone(), action(&acted.schema))).collect(),
            functions: self.function_signatures().functions,
            server_capabilities: Some(CAPABILITIES),
            ..get_provider_schema::Response::default()
        }
    }

    pub(super) fn metadata(&self) -> get_metadata::Response {
        let types = |name: &String| TypeMetadata { type_name: name.clone() };
        get_metadata::Response {
            server_capabilities: Some(CAPABILITIES),
            resources: self.resources.keys().map(types).collect(),
            data_sources: self.data_sources.keys().map(types).collect(),
            ephemeral_resources: self.ephemerals.keys().map(types).collect(),
            list_resources: self.lists.keys().map(types).collect(),
            actions: self.actions.keys().map(types).collect(),
            functions: self.functions.keys().map(|name| FunctionMetadata { name: name.clone() }).collect(),
            ..get_metadata::Response::default()
        }
    }

    pub(super) fn identity_schemas(&self) -> get_resource_identity_schemas::Response {
        let schemas = self.resources.iter().filter_map(|(name, managed)| {
            managed.identity.as_ref().map(|identity| (name.clone(), identity_schema(&identity.schema)))
        });
        get_resource_identity_schemas::Response { identity_schemas: schemas.collect(), diagnostics: Vec::new() }
    }

    pub(super) fn function_signatures(&self) -> get_functions::Response {
        let functions = self.functions.iter();
        get_functions::Response {
            functions: functions.map(|(name, called)| (name.clone(), function(&called.signature))).collect(),
            diagnostics: Vec::new(),
        }
    }
}
