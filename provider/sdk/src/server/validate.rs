//! ValidateResourceConfig.

use super::guard::guarded;
use super::{Managed, Server, secrets};
use crate::validators::Place;
use crate::wire::proto::validate_resource_config::{Request, Response};
use crate::wire::{capabilities, diagnostics, value};
use crate::{AttrType, Attribute, Diagnostics, Nesting, Path, Schema, ValidateRequest, Value};

impl Server {
    pub(super) async fn validate_resource(&self, request: Request) -> Response {
        let found = self.try_validate(request).await.unwrap_or_else(|fault| fault);
        Response { diagnostics: diagnostics(found) }
    }

    async fn try_validate(&self, request: Request) -> Result<Diagnostics, Diagnostics> {
        let managed = self.managed(&request.type_name)?;
        let Managed { resource, schema, ty, .. } = &*managed;
        let config = value(request.config.as_ref(), ty)?;
        secrets::hide(schema, &config);
        let capabilities = capabilities(request.client_capabilities);
        let mut found = Diagnostics::new();
        if !capabilities.write_only_attributes_allowed {
            refuse_write_only(&schema.attributes, &config, &mut found);
        }
        found.extend(attributes(schema, &config));
        found.extend(guarded(resource.validate(ValidateRequest { config, capabilities })).await?);
        Ok(found)
    }
}

/// What the attributes' own rules say of a configuration.
pub(super) fn attributes(schema: &Schema, config: &Value) -> Diagnostics {
    let mut found = Diagnostics::new();
    each(&schema.attributes, config, &Path::root(), &mut |attribute, place| {
        if place.value.is_null() || place.value.is_unknown() {
            return;
        }
        for broken in attribute.validators.iter().filter_map(|validator| validator.check(place).err()) {
            let detail = format!("{} {broken}.", place.path);
            found.attribute_error(place.path.clone(), format!("Invalid {}", attribute.name), detail);
        }
    });
    found
}

/// A client that does not know write-only attributes would store them.
fn refuse_write_only(attributes: &[Attribute], config: &Value, found: &mut Diagnostics) {
    each(attributes, config, &Path::root(), &mut |attribute, place| {
        if attribute.write_only && !place.value.is_null() {
            let detail =
                format!("{} is write-only, which needs Terraform 1.11 or OpenTofu 1.11, or newer.", place.path);
            found.attribute_error(place.path.clone(), "Write-only attributes are not supported", detail);
        }
    });
}

/// Visits every attribute of an object, at every depth. No path leads into a set: it ends at the set.
pub(super) fn each(
    attributes: &[Attribute],
    object: &Value,
    path: &Path,
    visit: &mut impl FnMut(&Attribute, &Place<'_>),
) {
    for attribute in attributes {
        let (path, value) = (path.attr(&attribute.name), object.get(&attribute.name));
        visit(attribute, &Place { value, path: &path, object });
        let AttrType::Nested { nesting, attributes } = &attribute.ty else {
            continue;
        };
        match (nesting, value) {
            (Nesting::Single, value) => each(attributes, value, &path, visit),
            (Nesting::Set, Value::List(items)) => items.iter().for_each(|item| each(attributes, item, &path, visit)),
            (_, Value::List(items)) => {
                for (index, item) in items.iter().enumerate() {
                    each(attributes, item, &path.index(index), visit);
                }
            }
            (_, Value::Map(entries)) => {
                for (key, item) in entries {
                    each(attributes, item, &path.key(key), visit);
                }
            }
            _ => {}
        }
    }
}
