//! The provider's calls, one file each. A call never fails as gRPC call for what the provider did: it answers with
//! diagnostics, and with what is known of the object.

mod action;
mod apply;
mod configure;
mod data;
mod ephemeral;
mod function;
mod generate;
mod guard;
mod identity;
mod import;
mod list;
mod moved;
mod plan;
mod read;
mod schema;
mod secrets;
mod service;
mod stop;
mod stream;
mod upgrade;
mod validate;
mod verify;

pub(crate) use guard::message as panic_message;

use std::collections::BTreeMap;
use std::sync::Arc;

use stop::Stop;

use crate::wire::Answer;
use crate::{
    Action, AttrType, DataSource, Diagnostics, EphemeralResource, Function, IdentitySchema, ListResource, Nesting,
    Provider, Resource, Schema, Signature,
};

/// A provider with its schemas, asked for once.
pub(crate) struct Server {
    provider: Arc<dyn Provider>,
    address: String,
    schema: Schema,
    config: AttrType,
    resources: BTreeMap<String, Arc<Managed>>,
    data_sources: BTreeMap<String, Data>,
    ephemerals: BTreeMap<String, Opened>,
    lists: BTreeMap<String, Listed>,
    actions: BTreeMap<String, Acted>,
    functions: BTreeMap<String, Called>,
    stop: Stop,
}

/// A managed resource with its schemas.
struct Managed {
    resource: Arc<dyn Resource>,
    schema: Schema,
    ty: AttrType,
    identity: Option<Identity>,
}

/// A resource's identity.
struct Identity {
    schema: IdentitySchema,
    ty: AttrType,
}

/// A data source with its schema.
struct Data {
    source: Arc<dyn DataSource>,
    schema: Schema,
    ty: AttrType,
}

/// An ephemeral resource with its schema.
struct Opened {
    resource: Arc<dyn EphemeralResource>,
    schema: Schema,
    ty: AttrType,
}

/// A list resource with its schema.
struct Listed {
    resource: Arc<dyn ListResource>,
    schema: Schema,
    ty: AttrType,
}

/// An action with its schema.
struct Acted {
    action: Arc<dyn Action>,
    schema: Schema,
    ty: AttrType,
}

/// A function with its signature.
struct Called {
    function: Arc<dyn Function>,
    signature: Signature,
}

impl Server {
    pub(crate) fn new(provider: Arc<dyn Provider>) -> Self {
        let schema = provider.schema();
        let resources = provider.resources().into_iter();
        let data_sources = provider.data_sources().into_iter();
        let ephemerals = provider.ephemeral_resources().into_iter();
        let lists = provider.list_resources().into_iter();
        let actions = provider.actions().into_iter();
        let functions = provider.functions().into_iter();
        Self {
            address: provider.address(),
            config: object(&schema),
            schema,
            resources: resources
                .map(|resource| (resource.type_name().into(), Arc::new(Managed::new(resource))))
                .collect(),
            data_sources: data_sources.map(|source| (source.type_name().into(), Data::new(source))).collect(),
            ephemerals: ephemerals.map(|resource| (resource.type_name().into(), Opened::new(resource))).collect(),
            lists: lists.map(|resource| (resource.type_name().into(), Listed::new(resource))).collect(),
            actions: actions.map(|action| (action.type_name().into(), Acted::new(action))).collect(),
            functions: functions.map(|function| (function.name().into(), Called::new(function))).collect(),
            stop: Stop::default(),
            provider,
        }
    }

    pub(crate) fn provider(&self) -> &dyn Provider {
        &*self.provider
    }

    /// Ends what runs, for the end of the process.
    pub(crate) fn cancel(&self) {
        self.stop.stop();
    }

    fn managed(&self, name: &str) -> Result<Arc<Managed>, Diagnostics> {
        self.resources.get(name).cloned().ok_or_else(|| unknown("resource", name))
    }

    fn data(&self, name: &str) -> Result<&Data, Diagnostics> {
        self.data_sources.get(name).ok_or_else(|| unknown("data source", name))
    }

    fn list_resource(&self, name: &str) -> Result<&Listed, Diagnostics> {
        self.lists.get(name).ok_or_else(|| unknown("list resource", name))
    }

    fn action(&self, name: &str) -> Result<&Acted, Diagnostics> {
        self.actions.get(name).ok_or_else(|| unknown("action", name))
    }

    fn ephemeral(&self, name: &str) -> Result<&Opened, Diagnostics> {
        self.ephemerals.get(name).ok_or_else(|| unknown("ephemeral resource", name))
    }
}

impl Managed {
    fn new(resource: Arc<dyn Resource>) -> Self {
        let schema = resource.schema();
        let identity = resource.identity().map(|schema| {
            let types = schema.attributes.iter().map(|attribute| (attribute.name.clone(), attribute.ty.clone()));
            Identity { ty: AttrType::Object(types.collect()), schema }
        });
        Self { ty: object(&schema), schema, identity, resource }
    }

    fn identity_type(&self) -> Option<&AttrType> {
        self.identity.as_ref().map(|identity| &identity.ty)
    }

    fn answer(&self) -> Answer<'_> {
        Answer::new(&self.ty, self.identity_type())
    }
}

impl Data {
    fn new(source: Arc<dyn DataSource>) -> Self {
        let schema = source.schema();
        Self { ty: object(&schema), schema, source }
    }
}

impl Opened {
    fn new(resource: Arc<dyn EphemeralResource>) -> Self {
        let schema = resource.schema();
        Self { ty: object(&schema), schema, resource }
    }
}

impl Called {
    fn new(function: Arc<dyn Function>) -> Self {
        Self { signature: function.signature(), function }
    }
}

/// The type of a schema's whole value.
fn object(schema: &Schema) -> AttrType {
    AttrType::Nested { nesting: Nesting::Single, attributes: schema.attributes.clone() }
}

fn unknown(what: &str, name: &str) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let detail = format!("This version of the provider has no {what} {name:?}.");
    diagnostics.error(format!("Unknown {what}"), detail);
    diagnostics
}
