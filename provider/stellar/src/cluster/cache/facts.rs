//! Whether ElastiCache offers what the configuration asks for: engine versions and parameters.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stellar_aws::{
    Aws,
    elasticache::offer::{self, Parameter},
    unanswered_is_none,
};
use stellar_engine::Error;

use super::{Cache, engine::Engine};

/// What was found to be on offer, so that it is asked for once. Nothing else follows from it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// Engine and version.
    pub offered: Option<(String, String)>,
    /// The family and the parameters that it has, with their values.
    pub parameters: Option<(String, BTreeMap<String, String>)>,
}

/// Checks engine, version and parameters, where they differ from those checked last. Values that are not known yet
/// are left to the apply.
///
/// # Errors
/// Those of the look-ups; [`stellar_engine::ErrorClass::Permanent`] for what ElastiCache does not offer.
pub async fn facts(aws: &Aws, region: &str, config: &Cache, facts: &mut Facts) -> Result<(), Error> {
    let Ok(engine) = Engine::of(config) else { return Ok(()) };
    let wanted = (engine.name.clone(), engine.version.clone());
    if facts.offered.as_ref() != Some(&wanted)
        && let Some(versions) = unanswered_is_none(offer::versions(aws, region, &engine.name).await)?
    {
        exists(&engine, &versions, region)?;
        facts.offered = Some(wanted);
    }
    let (Some(parameters), Some(family)) = (config.parameters.known(), engine.family()) else { return Ok(()) };
    let wanted = (family, parameters.clone());
    if !parameters.is_empty()
        && facts.parameters.as_ref() != Some(&wanted)
        && let Some(known) = unanswered_is_none(offer::parameters(aws, region, &wanted.0).await)?
    {
        check(&wanted.0, parameters, &known)?;
        facts.parameters = Some(wanted);
    }
    Ok(())
}

fn exists(engine: &Engine, offered: &[(String, String)], region: &str) -> Result<(), Error> {
    // A version is listed as 8.0 or in full.
    let prefix = format!("{}.", engine.version);
    if offered.iter().any(|(version, _)| *version == engine.version || version.starts_with(&prefix)) {
        return Ok(());
    }
    let versions: Vec<&str> = offered.iter().map(|(version, _)| version.as_str()).collect();
    Err(Error::permanent(format!(
        "cache.version: ElastiCache has no {} {} in {region}; it has: {}",
        engine.name,
        engine.version,
        versions.join(", ")
    )))
}

fn check(family: &str, wanted: &BTreeMap<String, String>, known: &BTreeMap<String, Parameter>) -> Result<(), Error> {
    for (name, value) in wanted {
        let path = format!("cache.parameters[{name:?}]");
        match known.get(name) {
            None => return Err(Error::permanent(format!("{path}: the family {family} has no such parameter"))),
            Some(parameter) if !parameter.modifiable => {
                return Err(Error::permanent(format!(
                    "{path}: ElastiCache does not let anybody change this parameter"
                )));
            }
            Some(parameter) if !allows(&parameter.allowed, value) => {
                let allowed = &parameter.allowed;
                return Err(Error::permanent(format!("{path}: {value:?} is not allowed; allowed is {allowed}")));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Whether the value is among the alternatives, each a range (`0-100`, `-5-10`, `20-`) or a word; anything is
/// without them.
fn allows(allowed: &str, value: &str) -> bool {
    let is_it = |alternative: &str| match range(alternative) {
        Some((least, most)) => {
            value.parse().is_ok_and(|number: i128| number >= least && most.is_none_or(|most| number <= most))
        }
        None => alternative == value,
    };
    allowed.is_empty() || allowed.split(',').any(|alternative| is_it(alternative.trim()))
}

/// The bounds of a range; the upper one may be open.
fn range(text: &str) -> Option<(i128, Option<i128>)> {
    // The first sign may belong to the number.
    let hyphen = text.get(1..)?.find('-')? + 1;
    let (least, most) = (text.get(..hyphen)?.parse().ok()?, text.get(hyphen + 1..)?);
    match most {
        "" => Some((least, None)),
        most => Some((least, Some(most.parse().ok()?))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_held_against_what_is_allowed() {
        let rows = [
            ("0-100", "100", true),
            ("0-100", "101", false),
            ("0-100", "many", false),
            ("1-", "65000", true),
            ("1-", "0", false),
            ("0,20-", "0", true),
            ("0,20-", "300", true),
            ("0,20-", "19", false),
            ("-5-10", "-2", true),
            ("-5-", "-6", false),
            ("yes,no", "yes", true),
            ("yes,no", "YES", false),
            ("allkeys-lru,volatile-lru", "allkeys-lru", true),
            ("", "anything", true),
        ];
        for (allowed, value, expected) in rows {
            assert_eq!(allows(allowed, value), expected, "{allowed} {value}");
        }
    }

    #[test]
    fn what_is_not_on_offer_is_told_with_its_path() {
        let parameter = |allowed: &str, modifiable| Parameter { allowed: allowed.to_owned(), modifiable };
        let known = BTreeMap::from([
            ("maxmemory-policy".to_owned(), parameter("noeviction,allkeys-lru", true)),
            ("appendonly".to_owned(), parameter("yes,no", false)),
        ]);
        let rows = [
            ("maxmemory-policy", "noeviction", None),
            ("maxmemory-policy", "lru", Some("\"lru\" is not allowed")),
            ("appendonly", "yes", Some("does not let anybody")),
            ("max-memory", "1", Some("valkey8 has no such parameter")),
        ];
        for (name, value, expected) in rows {
            let wanted = BTreeMap::from([(name.to_owned(), value.to_owned())]);
            let message = check("valkey8", &wanted, &known).err().map(|error| error.message);
            assert_eq!(message.is_some(), expected.is_some(), "{name}");
            let holds = |part: &str| message.as_ref().is_some_and(|m| m.contains(part) && m.contains(name));
            assert!(expected.is_none_or(holds), "{message:?}");
        }
        let engine = |version: &str| Engine { name: "valkey".to_owned(), version: version.to_owned() };
        let offered = [("7.2".to_owned(), "valkey7".to_owned()), ("8.0.1".to_owned(), "valkey8".to_owned())];
        assert_eq!(exists(&engine("8.0"), &offered, "r"), Ok(()));
        assert!(exists(&engine("8.9"), &offered, "r").is_err_and(|error| error.message.contains("7.2, 8.0.1")));
    }
}
