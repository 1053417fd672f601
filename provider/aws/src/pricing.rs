//! Prices from AWS's Price List API: on demand, in USD, before discounts and taxes.
//!
//! Source: AWS Billing User Guide, "Finding services and products using the Price List Query API".

use std::collections::BTreeSet;

use aws_sdk_pricing::types::{Filter, FilterType};
use serde_json::Value;
use stellar_engine::Error;

use crate::{Aws, call};

/// What is sold: enough to find one price.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sku {
    /// Service code: `AmazonEC2`.
    pub service: &'static str,
    /// The region where it is used.
    pub region: String,
    /// The usage type without the region's prefix: `NatGateway-Hours`.
    pub usage: String,
    /// Further attributes that must be equal.
    pub attributes: Vec<(&'static str, String)>,
}

impl Sku {
    /// One line, the same for the same thing: the key of a cache.
    pub fn key(&self) -> String {
        let attributes: Vec<String> = self.attributes.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("{} {} {} {}", self.service, self.region, self.usage, attributes.join(" "))
    }
}

impl Aws {
    /// The price of one unit in USD; `None` when the list has none or several.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn price(&self, sku: &Sku) -> Result<Option<f64>, Error> {
        let pricing = self.pricing(endpoint(&sku.region));
        let region = [("regionCode", sku.region.clone())];
        let filters: Vec<Filter> =
            sku.attributes.iter().chain(&region).filter_map(|(field, value)| filter(field, value)).collect();
        let request = || {
            let pages = pricing.get_products().service_code(sku.service).set_filters(Some(filters.clone()));
            pages.into_paginator().items().send().collect::<Result<Vec<_>, _>>()
        };
        let products = call("pricing:GetProducts", request).await?;
        let products = products.iter().filter_map(|text| serde_json::from_str(text).ok());
        Ok(only_price(products, &sku.usage))
    }
}

fn filter(field: &str, value: &str) -> Option<Filter> {
    Filter::builder().r#type(FilterType::TermMatch).field(field).value(value).build().ok()
}

/// The API has three endpoints, each with the prices of all regions.
fn endpoint(region: &str) -> &'static str {
    match region.split('-').next() {
        Some("eu" | "me" | "af" | "il") => "eu-central-1",
        Some("ap") => "ap-south-1",
        _ => "us-east-1",
    }
}

/// The first price of the products of this usage type, if they agree on one.
fn only_price(products: impl Iterator<Item = Value>, usage: &str) -> Option<f64> {
    let is_usage = |product: &Value| {
        let found = product["product"]["attributes"]["usagetype"].as_str().unwrap_or_default();
        // In most regions a prefix such as `EUC1-` stands before it.
        found == usage || found.strip_suffix(usage).is_some_and(|prefix| prefix.ends_with('-'))
    };
    let prices: BTreeSet<String> = products.filter(is_usage).filter_map(|product| first_price(&product)).collect();
    match prices.len() {
        1 => prices.first()?.parse().ok(),
        _ => None,
    }
}

/// The price of the first unit on demand, as text with all its digits.
fn first_price(product: &Value) -> Option<String> {
    let terms = product["terms"]["OnDemand"].as_object()?;
    let dimensions = terms.values().next()?["priceDimensions"].as_object()?;
    let first =
        dimensions.values().find(|dimension| dimension["beginRange"].as_str().is_none_or(|from| from == "0"))?;
    first["pricePerUnit"]["USD"].as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn product(usage: &str, usd: &str) -> Value {
        let dimension = |from: &str, usd: &str| json!({"beginRange": from, "pricePerUnit": {"USD": usd}});
        json!({
            "product": {"attributes": {"usagetype": usage}},
            "terms": {"OnDemand": {"t": {"priceDimensions": {"b": dimension("1000", "0.001"), "a": dimension("0", usd)}}}},
        })
    }

    #[test]
    fn a_price_counts_when_it_is_the_only_one() {
        let hours = "NatGateway-Hours";
        let rows = [
            (vec![product("EUC1-NatGateway-Hours", "0.0520000000")], Some(0.052)),
            (vec![product("NatGateway-Hours", "0.045"), product("NatGateway-Bytes", "0.045")], Some(0.045)),
            (vec![product("NatGateway-Hours", "0.045"), product("USE1-NatGateway-Hours", "0.045")], Some(0.045)),
            (vec![product("NatGateway-Hours", "0.045"), product("USE1-NatGateway-Hours", "0.05")], None),
            (vec![product("XNatGateway-Hours", "0.045")], None),
            (vec![json!({})], None),
            (vec![], None),
        ];
        for (products, expected) in rows {
            assert_eq!(only_price(products.clone().into_iter(), hours), expected, "{products:?}");
        }
    }

    #[test]
    fn prices_are_asked_where_there_is_an_endpoint() {
        let rows = [("us-west-2", "us-east-1"), ("eu-north-1", "eu-central-1"), ("ap-southeast-2", "ap-south-1")];
        for (region, expected) in rows {
            assert_eq!(endpoint(region), expected);
        }
    }
}
