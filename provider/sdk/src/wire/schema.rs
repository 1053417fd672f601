//! Schemas and function signatures.

use super::proto::{self, StringKind, schema as wire};
use crate::{AttrType, Attribute, IdentitySchema, Nesting, Parameter, Schema, Signature};

pub(crate) fn schema(schema: &Schema) -> proto::Schema {
    let mut block = block(&schema.attributes, &schema.description);
    block.version = schema.version;
    proto::Schema { version: schema.version, block: Some(block) }
}

pub(crate) fn action(described: &Schema) -> proto::ActionSchema {
    proto::ActionSchema { schema: Some(schema(described)) }
}

fn block(attributes: &[Attribute], description: &str) -> wire::Block {
    let (blocks, attributes): (Vec<_>, Vec<_>) = attributes.iter().partition(|attribute| attribute.block);
    wire::Block {
        attributes: attributes.into_iter().map(attribute).collect(),
        block_types: blocks.into_iter().filter_map(nested_block).collect(),
        description: description.into(),
        description_kind: StringKind::Markdown.into(),
        ..wire::Block::default()
    }
}

/// A block is required by its least number. What is no nested type cannot be a block, and the schema check says so.
fn nested_block(described: &Attribute) -> Option<wire::NestedBlock> {
    use wire::nested_block::NestingMode;
    let AttrType::Nested { nesting, attributes } = &described.ty else {
        return None;
    };
    let least = i64::from(described.required);
    let (nesting, min_items, max_items) = match nesting {
        // Terraform wants both ends to be equal.
        Nesting::Single => (NestingMode::Single, least, least),
        Nesting::List => (NestingMode::List, least, 0),
        Nesting::Set => (NestingMode::Set, least, 0),
        Nesting::Map => (NestingMode::Map, 0, 0),
    };
    let mut block = block(attributes, &described.description);
    block.deprecated = described.deprecated.is_some();
    block.deprecation_message = described.deprecated.clone().unwrap_or_default();
    Some(wire::NestedBlock {
        type_name: described.name.clone(),
        block: Some(block),
        nesting: nesting.into(),
        min_items,
        max_items,
    })
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
