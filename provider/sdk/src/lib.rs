//! tfplugin-sdk: a Terraform provider as plain Rust types.

extern crate self as tfplugin_sdk;

mod attr;
mod diagnostics;
mod model;
mod number;
mod path;
mod schema;
mod value;

pub use attr::{Attr, AttrValue, DecodeError};
pub use diagnostics::{Diagnostic, Diagnostics, Severity};
pub use model::Model;
#[doc(hidden)]
pub use model::expect_object;
pub use number::{Number, ParseNumberError};
pub use path::{Path, Step};
pub use schema::{AttrType, Attribute, Nesting, Schema};
pub use tfplugin_sdk_derive::Model;
pub use value::{Dynamic, Value};
