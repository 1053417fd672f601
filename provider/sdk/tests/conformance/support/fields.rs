//! A schema as Terraform core sees it: read from the wire, not from this crate's types.

use super::proto::schema::nested_block::NestingMode as BlockNesting;
use super::proto::schema::object::NestingMode;
use super::proto::schema::{Attribute, Block, NestedBlock};
use super::{Json, proto};

/// An attribute or block.
pub struct Field {
    pub name: String,
    pub computed: bool,
    pub optional: bool,
    pub write_only: bool,
    pub block: bool,
    pub kind: Kind,
}

/// What an attribute holds.
pub enum Kind {
    /// A value whose type has no attributes; sets of them have no order.
    Leaf {
        set: bool,
    },
    Single(Vec<Field>),
    List(Vec<Field>),
    Set(Vec<Field>),
    Map(Vec<Field>),
}

pub fn fields(schema: &proto::Schema) -> Vec<Field> {
    block(schema.block.as_ref().expect("a schema has a block"))
}

fn block(block: &Block) -> Vec<Field> {
    block.attributes.iter().map(attribute).chain(block.block_types.iter().map(nested_block)).collect()
}

fn attribute(attribute: &Attribute) -> Field {
    let kind = match &attribute.nested_type {
        None => {
            let ty: Json = serde_json::from_slice(&attribute.r#type).expect("a type is JSON");
            Kind::Leaf { set: ty[0] == "set" }
        }
        Some(nested) => {
            let inner = nested.attributes.iter().map(self::attribute).collect();
            match nested.nesting() {
                NestingMode::Single => Kind::Single(inner),
                NestingMode::List => Kind::List(inner),
                NestingMode::Set => Kind::Set(inner),
                NestingMode::Map => Kind::Map(inner),
                NestingMode::Invalid => panic!("{}: no nesting", attribute.name),
            }
        }
    };
    Field {
        name: attribute.name.clone(),
        computed: attribute.computed,
        optional: attribute.optional,
        write_only: attribute.write_only,
        block: false,
        kind,
    }
}

fn nested_block(nested: &NestedBlock) -> Field {
    let inner = block(nested.block.as_ref().expect("a nested block has a block"));
    let kind = match nested.nesting() {
        BlockNesting::Single | BlockNesting::Group => Kind::Single(inner),
        BlockNesting::List => Kind::List(inner),
        BlockNesting::Set => Kind::Set(inner),
        BlockNesting::Map => Kind::Map(inner),
        BlockNesting::Invalid => panic!("{}: no nesting", nested.type_name),
    };
    Field { name: nested.type_name.clone(), computed: false, optional: true, write_only: false, block: true, kind }
}
