//! `subnets(cidr, zones)`: the blocks that a cluster's network would have.

use std::collections::BTreeMap;

use tfplugin_sdk::{AttrType, Function, FunctionError, Parameter, Signature, Value, async_trait};

use super::wrong;
use crate::cluster::network::{Cidr, InvalidCidr, MAX_ZONES, layout};

/// The function `subnets`.
pub struct Subnets;

#[async_trait]
impl Function for Subnets {
    fn name(&self) -> &str {
        "subnets"
    }

    fn signature(&self) -> Signature {
        let blocks = || AttrType::List(Box::new(AttrType::String));
        let tiers = ["public", "private", "database"].map(|tier| (tier.to_owned(), blocks()));
        Signature {
            summary: "The subnets of a cluster's network".to_owned(),
            description: "How `stellar_cluster` divides the VPC's block: an object with the lists `public`, `private` and \
                          `database`, each with one block per zone. For peerings, firewalls and routes that have to know \
                          the blocks before the network exists."
                .to_owned(),
            parameters: vec![
                parameter("cidr", "The VPC's IPv4 block: `10.0.0.0/16`.", AttrType::String),
                parameter("zones", "Number of zones, 1 to 6.", AttrType::Number),
            ],
            variadic: None,
            result: AttrType::Object(BTreeMap::from(tiers)),
        }
    }

    async fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let cidr = arguments.first().and_then(Value::as_str).unwrap_or_default();
        let block: Cidr = cidr.parse().map_err(|error: InvalidCidr| wrong(0, error.to_string()))?;
        let zones = arguments.get(1).and_then(Value::as_number).and_then(tfplugin_sdk::Number::as_i64);
        let zones = zones.and_then(|zones| usize::try_from(zones).ok()).filter(|zones| (1..=MAX_ZONES).contains(zones));
        let zones = zones.ok_or_else(|| wrong(1, format!("zones is a whole number from 1 to {MAX_ZONES}")))?;
        let found = layout(block, zones);
        let found = found.ok_or_else(|| wrong(0, format!("{cidr} has no room for the subnets: a /22 is the least")))?;
        let texts = |blocks: &[Cidr]| Value::from(blocks.iter().map(Cidr::to_string).collect::<Vec<_>>());
        Ok(Value::map([
            ("public", texts(&found.public)),
            ("private", texts(&found.private)),
            ("database", texts(&found.database)),
        ]))
    }
}

fn parameter(name: &str, description: &str, ty: AttrType) -> Parameter {
    Parameter { name: name.to_owned(), description: description.to_owned(), ty, ..Parameter::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_blocks_are_those_of_the_network() {
        let answer = Subnets.call(vec!["10.0.0.0/16".into(), 2_i64.into()]).await.expect("fits");
        assert_eq!(answer.get("private"), &Value::from(vec!["10.0.0.0/19", "10.0.32.0/19"]));
        assert_eq!(answer.get("public"), &Value::from(vec!["10.0.192.0/22", "10.0.196.0/22"]));
        assert_eq!(answer.get("database"), &Value::from(vec!["10.0.224.0/22", "10.0.228.0/22"]));
    }

    #[tokio::test]
    async fn what_does_not_fit_is_told_at_its_argument() {
        let rows = [
            ("10.0.0.1/16", Value::from(2_i64), 0),
            ("ten", Value::from(2_i64), 0),
            ("10.0.0.0/28", Value::from(2_i64), 0),
            ("10.0.0.0/16", Value::from(0_i64), 1),
            ("10.0.0.0/16", Value::from(7_i64), 1),
            ("10.0.0.0/16", Value::from(1.5), 1),
        ];
        for (cidr, zones, argument) in rows {
            let error = Subnets.call(vec![cidr.into(), zones]).await.expect_err(cidr);
            assert_eq!(error.argument, Some(argument), "{cidr}: {error}");
        }
    }
}
