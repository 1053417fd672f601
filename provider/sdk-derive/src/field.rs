//! One field of a model: its options, and the code for it.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::meta::ParseNestedMeta;
use syn::{Attribute, Error, Expr, ExprLit, Ident, Lit, LitStr, Meta, Result, Type};

/// A field with its `#[attr(…)]` options.
pub struct Field {
    ident: Ident,
    ty: Type,
    name: String,
    description: String,
    required: bool,
    optional: bool,
    computed: bool,
    sensitive: bool,
    write_only: bool,
    requires_replace: bool,
    set: bool,
    block: bool,
    default: Option<Expr>,
    validators: Vec<Expr>,
    modifiers: Vec<Expr>,
    deprecated: Option<String>,
}

impl Field {
    /// Reads the options and checks that they make sense together.
    pub fn parse(field: &syn::Field) -> Result<Self> {
        let Some(ident) = field.ident.clone() else {
            return Err(Error::new_spanned(field, "a model has named fields"));
        };
        let mut parsed = Self {
            name: ident.to_string().trim_start_matches("r#").into(),
            ty: field.ty.clone(),
            description: docs(&field.attrs),
            ident,
            required: false,
            optional: false,
            computed: false,
            sensitive: false,
            write_only: false,
            requires_replace: false,
            set: false,
            block: false,
            default: None,
            validators: Vec::new(),
            modifiers: Vec::new(),
            deprecated: None,
        };
        for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("attr")) {
            attribute.parse_nested_meta(|meta| parsed.option(&meta))?;
        }
        // Terraform lets a provider fill in only what may be computed.
        let defaulted = parsed.default.is_some() && !parsed.required;
        parsed.computed |= defaulted;
        parsed.optional |= defaulted || (!parsed.required && !parsed.computed);
        parsed.check()?;
        Ok(parsed)
    }

    fn option(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        let option = meta.path.to_token_stream().to_string();
        match option.as_str() {
            "required" => self.required = true,
            "optional" => self.optional = true,
            "computed" => self.computed = true,
            "sensitive" => self.sensitive = true,
            "write_only" => self.write_only = true,
            "requires_replace" => self.requires_replace = true,
            "set" => self.set = true,
            "block" => self.block = true,
            "default" => self.default = Some(meta.value()?.parse()?),
            "validate" => self.validators.push(meta.value()?.parse()?),
            "plan" => self.modifiers.push(meta.value()?.parse()?),
            "deprecated" => self.deprecated = Some(meta.value()?.parse::<LitStr>()?.value()),
            "rename" => self.name = meta.value()?.parse::<LitStr>()?.value(),
            _ => return Err(meta.error(format!("unknown option `{option}`"))),
        }
        Ok(())
    }

    /// The combinations that Terraform refuses when it loads a schema.
    fn check(&self) -> Result<()> {
        let refuse = |text: &str| Err(Error::new_spanned(&self.ident, text));
        let lower = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if self.required && (self.optional || self.computed) {
            refuse("`required` excludes `optional` and `computed`")
        } else if self.write_only && self.computed {
            refuse("`write_only` excludes `computed`")
        } else if self.default.is_some() && self.required {
            refuse("`default` excludes `required`")
        } else if self.block && self.computed {
            refuse("`block` excludes `computed` and `default`")
        } else if !self.name.bytes().all(lower) {
            refuse("an attribute's name is made of a-z, 0-9 and _")
        } else {
            Ok(())
        }
    }

    /// An expression of type `Attribute`.
    pub fn attribute(&self) -> TokenStream {
        let Self {
            ty,
            name,
            description,
            required,
            optional,
            computed,
            sensitive,
            write_only,
            requires_replace,
            block,
            ..
        } = self;
        let (validators, modifiers) = (&self.validators, &self.modifiers);
        let default = match &self.default {
            Some(value) => quote! {
                ::std::option::Option::Some(::tfplugin_sdk::Attr::encode(&<#ty as ::std::convert::From<_>>::from(#value)))
            },
            None => quote!(::std::option::Option::None),
        };
        let deprecated = match &self.deprecated {
            Some(text) => quote!(::std::option::Option::Some(#text.into())),
            None => quote!(::std::option::Option::None),
        };
        let mut attr_type = quote!(<#ty as ::tfplugin_sdk::AttrValue>::attr_type());
        if self.set {
            attr_type = quote!(#attr_type.into_set());
        }
        quote! {
            ::tfplugin_sdk::Attribute {
                name: #name.into(),
                description: #description.into(),
                required: #required,
                optional: #optional,
                computed: #computed,
                sensitive: #sensitive,
                write_only: #write_only,
                requires_replace: #requires_replace,
                default: #default,
                validators: ::std::vec![#(#validators),*],
                modifiers: ::std::vec![#(#modifiers),*],
                block: #block,
                deprecated: #deprecated,
                ty: #attr_type,
            }
        }
    }

    /// The field's initialiser in `decode`. `Attr::decode` also refuses a field that is not an `Attr`.
    pub fn decode(&self) -> TokenStream {
        let Self { ident, name, .. } = self;
        quote!(#ident: ::tfplugin_sdk::Attr::decode(value.get(#name), &path.attr(#name))?)
    }

    /// The field's entry in `encode`.
    pub fn encode(&self) -> TokenStream {
        let Self { ident, name, .. } = self;
        quote!((#name, self.#ident.encode()))
    }
}

/// The docstring, without the space after each `///`.
pub fn docs(attributes: &[Attribute]) -> String {
    let lines: Vec<String> = attributes.iter().filter_map(doc_line).collect();
    lines.join("\n").trim().into()
}

fn doc_line(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(meta) = &attribute.meta else {
        return None;
    };
    let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &meta.value else {
        return None;
    };
    let text = text.value();
    meta.path.is_ident("doc").then(|| text.strip_prefix(' ').unwrap_or(&text).trim_end().into())
}
