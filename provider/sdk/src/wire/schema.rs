//! Schemas and function signatures.

use super::proto::{self, StringKind, schema as wire};
use crate::{AttrType, Attribute, IdentitySchema, Nesting, Parameter, Schema, Signature};

pub(crate) fn schema(schema: &Schema) -> proto::Schema {
    let block = wire::Block {
        version: schema.version,
        attributes: schema.attributes.iter().map(attribute).collect(),
        description: schema.description.clone(),
        description_kind: StringKind::Markdown.into(),
        ..wire::Block::default()
    };
    proto::Schema { version: schema.version, block: Some(block) }
}

fn attribute(attribute: &Attribute) -> wire::Attribute {
    // Exactly one of type and nested type: Terraform refuses both.
    let (r#type, nested_type) = match &attribute.ty {
        AttrType::Nested { nesting, attributes } => (Vec::new(), Some(nested(*nesting, attributes))),
        ty => (ty.to_json().into(), None),
    };
    wire::Attribute {
        name: attribute.name.clone(),
        r#type,
        nested_type,
        description: attribute.description.clone(),
        description_kind: StringKind::Markdown.into(),
        required: attribute.required,
        optional: attribute.optional,
        computed: attribute.computed,
        sensitive: attribute.sensitive,
        write_only: attribute.write_only,
        deprecated: attribute.deprecated.is_some(),
        deprecation_message: attribute.deprecated.clone().unwrap_or_default(),
    }
}

fn nested(nesting: Nesting, attributes: &[Attribute]) -> wire::Object {
    use wire::object::NestingMode;
    let nesting = match nesting {
        Nesting::Single => NestingMode::Single,
        Nesting::List => NestingMode::List,
        Nesting::Set => NestingMode::Set,
        Nesting::Map => NestingMode::Map,
    };
    wire::Object {
        attributes: attributes.iter().map(attribute).collect(),
        nesting: nesting.into(),
        ..wire::Object::default()
    }
}

pub(crate) fn identity_schema(schema: &IdentitySchema) -> proto::ResourceIdentitySchema {
    let attributes = schema.attributes.iter().map(|attribute| proto::resource_identity_schema::IdentityAttribute {
        name: attribute.name.clone(),
        r#type: attribute.ty.to_json().into(),
        required_for_import: attribute.required,
        optional_for_import: attribute.optional,
        description: attribute.description.clone(),
    });
    proto::ResourceIdentitySchema { version: schema.version, identity_attributes: attributes.collect() }
}

pub(crate) fn function(signature: &Signature) -> proto::Function {
    proto::Function {
        parameters: signature.parameters.iter().map(parameter).collect(),
        variadic_parameter: signature.variadic.as_ref().map(parameter),
        r#return: Some(proto::function::Return { r#type: signature.result.to_json().into() }),
        summary: signature.summary.clone(),
        description: signature.description.clone(),
        description_kind: StringKind::Markdown.into(),
        deprecation_message: String::new(),
    }
}

fn parameter(parameter: &Parameter) -> proto::function::Parameter {
    proto::function::Parameter {
        name: parameter.name.clone(),
        r#type: parameter.ty.to_json().into(),
        allow_null_value: parameter.allow_null,
        allow_unknown_values: parameter.allow_unknown,
        description: parameter.description.clone(),
        description_kind: StringKind::Markdown.into(),
    }
}
