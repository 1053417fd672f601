//! What is looked up: the newest minor version of a major one, whether the region has the instance classes, and what
//! the engine says of the parameters.

use std::collections::{BTreeMap, BTreeSet};

use stellar_aws::{
    Aws,
    rds::{
        parameters::{Definition, definitions},
        versions::newest,
    },
    unanswered_is_none,
};
use stellar_engine::Error;
use tfplugin_sdk::Attr;

use super::{DEFAULT_VERSION, Database, Engine, Facts, major};

/// Looks up what is missing; what is known stays, also when there is a newer version by now.
///
/// # Errors
/// Those of the calls; `Permanent`, with the attribute, when RDS does not offer the version or a class in the region, or
/// the version does not have a parameter or not take its value.
pub async fn facts(aws: &Aws, region: &str, config: &Database, facts: &mut Facts) -> Result<(), Error> {
    let engine = match &config.engine {
        Attr::Known(name) => Engine::of(name),
        Attr::Null => Engine::Postgres,
        Attr::Unknown => return Ok(()),
    };
    for class in classes(config) {
        check_class(aws, region, engine, class, facts).await?;
    }
    let version = match &config.version {
        Attr::Known(version) => version.as_str(),
        Attr::Null => DEFAULT_VERSION,
        Attr::Unknown => return Ok(()),
    };
    let family = engine.family(version);
    // A full version says all.
    if version == major(version) && !facts.releases.contains_key(&family) {
        // With the major version alone RDS installs its default.
        let release = unanswered_is_none(newest(aws, region, engine.name(), &family).await)?;
        facts.releases.extend(release.map(|release| (family.clone(), release)));
    }
    match &config.parameters {
        Attr::Known(wanted) if !wanted.is_empty() => check_parameters(aws, region, &family, wanted, facts).await,
        _ => Ok(()),
    }
}

/// The classes that the configuration names.
fn classes(config: &Database) -> BTreeSet<&String> {
    let replicas = config.replicas.known().and_then(|replicas| replicas.instance_class.known());
    config.instance_class.known().into_iter().chain(replicas).collect()
}

async fn check_class(aws: &Aws, region: &str, engine: Engine, class: &str, facts: &mut Facts) -> Result<(), Error> {
    let name = engine.name();
    let key = format!("{name}/{class}");
    if facts.classes.contains(&key) {
        return Ok(());
    }
    let Some(offered) = unanswered_is_none(aws.offers_database(region, name, class).await)? else { return Ok(()) };
    if !offered {
        let text = format!("database.instance_class: RDS does not offer {class} for {name} in {region}");
        return Err(Error::permanent(text));
    }
    facts.classes.insert(key);
    Ok(())
}

async fn check_parameters(
    aws: &Aws,
    region: &str,
    family: &str,
    wanted: &BTreeMap<String, String>,
    facts: &mut Facts,
) -> Result<(), Error> {
    let known = facts.parameters.entry(family.to_owned()).or_default();
    if wanted.keys().any(|name| !known.contains_key(name)) {
        let Some(mut all) = unanswered_is_none(definitions(aws, region, family).await)? else { return Ok(()) };
        known.extend(wanted.keys().filter_map(|name| all.remove_entry(name)));
    }
    let refused: Vec<String> = wanted.iter().filter_map(|(name, value)| refuse(family, known, name, value)).collect();
    if refused.is_empty() { Ok(()) } else { Err(Error::permanent(refused.join("; "))) }
}

/// Why the family does not take the parameter like this.
fn refuse(family: &str, known: &BTreeMap<String, Definition>, name: &str, value: &str) -> Option<String> {
    let path = format!("database.parameters[{name:?}]");
    match known.get(name) {
        None => Some(format!("{path}: the family {family} has no such parameter")),
        Some(definition) if !definition.modifiable => Some(format!("{path}: RDS sets this parameter by itself")),
        Some(definition) if !definition.allows(value) => {
            Some(format!("{path}: {value:?} is not among the allowed values, {}", definition.allowed))
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_refused_with_its_path_and_the_reason() {
        let definition =
            |modifiable| Definition { data_type: "integer".to_owned(), allowed: "6-8388607".to_owned(), modifiable };
        let known =
            BTreeMap::from([("max_connections".to_owned(), definition(true)), ("port".to_owned(), definition(false))]);
        let rows = [
            ("max_connections", "200", None),
            ("max_connections", "5", Some("6-8388607")),
            ("port", "5432", Some("by itself")),
            ("max_conections", "200", Some("no such parameter")),
        ];
        for (name, value, expected) in rows {
            let refused = refuse("postgres17", &known, name, value);
            match expected {
                None => assert_eq!(refused, None),
                Some(words) => {
                    let text = refused.unwrap_or_default();
                    assert!(text.contains(words) && text.contains(&format!("[{name:?}]")), "{text}");
                }
            }
        }
    }
}
