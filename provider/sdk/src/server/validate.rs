//! ValidateResourceConfig.

use super::guard::guarded;
use super::{Managed, Server};
use crate::wire::proto::validate_resource_config::{Request, Response};
use crate::wire::{capabilities, diagnostics, value};
use crate::{Attribute, Diagnostics, Path, ValidateRequest, Value};

impl Server {
    pub(super) async fn validate_resource(&self, request: Request) -> Response {
        let found = self.try_validate(request).await.unwrap_or_else(|fault| fault);
        Response { diagnostics: diagnostics(found) }
    }

    async fn try_validate(&self, request: Request) -> Result<Diagnostics, Diagnostics> {
        let Managed { resource, schema, ty, .. } = self.managed(&request.type_name)?;
        let config = value(request.config.as_ref(), ty)?;
        let capabilities = capabilities(request.client_capabilities);
        let mut found = Diagnostics::new();
        if !capabilities.write_only_attributes_allowed {
            refuse_write_only(&schema.attributes, &config, &Path::root(), &mut found);
        }
        found.extend(guarded(resource.validate(ValidateRequest { config, capabilities })).await?);
        Ok(found)
    }
}

/// A client that does not know write-only attributes would store them.
fn refuse_write_only(attributes: &[Attribute], config: &Value, path: &Path, found: &mut Diagnostics) {
    for attribute in attributes {
        let (path, value) = (path.attr(&attribute.name), config.get(&attribute.name));
        if attribute.write_only && !value.is_null() {
            let detail = format!("{path} is write-only, which needs Terraform 1.11 or OpenTofu 1.11, or newer.");
            found.attribute_error(path, "Write-only attributes are not supported", detail);
            continue;
        }
        let crate::AttrType::Nested { attributes, .. } = &attribute.ty else {
            continue;
        };
        match value {
            Value::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    refuse_write_only(attributes, item, &path.index(index), found);
                }
            }
            Value::Map(entries) if !attribute.is_single() => {
                for (key, item) in entries {
                    refuse_write_only(attributes, item, &path.key(key), found);
                }
            }
            value => refuse_write_only(attributes, value, &path, found),
        }
    }
}
