//! `#[derive(Schema)]` for tfplugin-sdk.

mod field;

use field::Field;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields, Result, parse_macro_input};

/// Makes a struct a schema: every field, an `Attr<…>`, is an attribute of the same name.
///
/// The field's docstring is the attribute's description, the struct's docstring the object's. An attribute is optional
/// unless `#[attr(…)]` says otherwise:
///
/// | option | meaning |
/// |---|---|
/// | `required`, `optional`, `computed` | who sets it; `optional, computed` may go together |
/// | `sensitive`, `write_only`, `requires_replace` | as in `Attribute` |
/// | `deprecated = "use x instead"` | as in `Attribute` |
/// | `rename = "type"` | name in the configuration |
/// | `set` | a `Vec` is a set instead of a list |
/// | `block` | written as nested blocks instead of an attribute |
/// | `default = 5` | its value when it is not set; makes it `optional, computed` |
/// | `validate = validators::length(1..=10)` | a rule for its value; any number of them |
/// | `plan = plan::keep_prior()` | a rule for its planned value; any number of them |
#[proc_macro_derive(Schema, attributes(attr))]
pub fn derive_model(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand(&input).unwrap_or_else(Error::into_compile_error).into()
}

fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new_spanned(&input.ident, "a model is a struct"));
    };
    let Fields::Named(fields) = &data.fields else {
        return Err(Error::new_spanned(&input.ident, "a model has named fields"));
    };
    let fields = fields.named.iter().map(Field::parse).collect::<Result<Vec<_>>>()?;
    let ident = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    let description = field::docs(&input.attrs);
    let attributes = fields.iter().map(Field::attribute);
    let decoders = fields.iter().map(Field::decode);
    let encoders = fields.iter().map(Field::encode);
    Ok(quote! {
        impl #generics ::tfplugin_sdk::Model for #ident #arguments #bounds {
            fn description() -> ::std::string::String {
                #description.into()
            }
            fn attributes() -> ::std::vec::Vec<::tfplugin_sdk::Attribute> {
                ::std::vec![#(#attributes),*]
            }
            fn decode(
                value: &::tfplugin_sdk::Value,
                path: &::tfplugin_sdk::Path,
            ) -> ::std::result::Result<Self, ::tfplugin_sdk::DecodeError> {
                ::tfplugin_sdk::expect_object(value, path)?;
                ::std::result::Result::Ok(Self { #(#decoders),* })
            }
            fn encode(&self) -> ::tfplugin_sdk::Value {
                ::tfplugin_sdk::Value::map::<&str>([#(#encoders),*])
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_a_schema_does_not_compile() {
        let cases = [
            ("enum E {}", "a model is a struct"),
            ("struct S(Attr<String>);", "a model has named fields"),
            ("struct S { #[attr(maybe)] a: Attr<String> }", "unknown option `maybe`"),
            (
                "struct S { #[attr(required, computed)] a: Attr<String> }",
                "`required` excludes `optional` and `computed`",
            ),
            ("struct S { #[attr(write_only, computed)] a: Attr<String> }", "`write_only` excludes `computed`"),
            ("struct S { #[attr(required, default = 1)] a: Attr<i64> }", "`default` excludes `required`"),
            ("struct S { #[attr(block, default = 1)] a: Attr<i64> }", "`block` excludes `computed` and `default`"),
            ("struct S { #[attr(rename = \"A-b\")] a: Attr<String> }", "an attribute's name is made of a-z, 0-9 and _"),
            ("struct S { #[attr(deprecated)] a: Attr<String> }", "expected `=`"),
        ];
        for (source, expected) in cases {
            let input = syn::parse_str(source).expect(source);
            let error = expand(&input).expect_err(source);
            assert_eq!(error.to_string(), expected, "{source}");
        }
    }
}
