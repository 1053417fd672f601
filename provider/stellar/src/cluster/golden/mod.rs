//! What must not change by accident: component addresses and derived names are kept in users' states and
//! accounts, where another address or name means another object.
//!
//! `tests/golden/<profile>.json` are configurations, `tests/golden/<profile>.txt` the components that they
//! expand into. A line that disappears from a text file or changes is a break: an existing object would
//! be replaced. New lines are new components. `UPDATE_GOLDEN=1 cargo test` writes the text files anew.

mod limits;
mod proof;

use std::{env, fs, path::PathBuf};

use serde_json::Value;
use stellar_engine::{Component, Graph};

use super::{facts::Facts, model::Cluster, stack::expand, state, validate::validate};

const CLAIM: &str = "0123456789abcdef0123456789abcdef";

const HEADER: &str = "\
# address, kind and derived name (`-`: none) of every component of the configuration beside this file.
# Frozen: an address or a name that changes makes Terraform replace the object of a living stack.
# Written by UPDATE_GOLDEN=1 cargo test; the claim in it is 0123456789abcdef0123456789abcdef.
";

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

/// The configuration of that name.
fn profile(name: &str) -> Value {
    let text = fs::read_to_string(file(&format!("{name}.json"))).expect("a configuration");
    serde_json::from_str(&text).expect("JSON")
}

fn model(config: &Value) -> Cluster {
    let value = state::from_json(config).expect("of the schema's shape");
    state::decode(&value).expect("of the model's shape")
}

fn graph(config: &Value, claim: &str) -> Graph {
    let config = model(config);
    let messages: Vec<String> = validate(&config).iter().map(|d| format!("{:?}: {}", d.path, d.summary)).collect();
    assert_eq!(messages, [""; 0], "the configuration is refused");
    let facts = Facts { account: "123456789012".to_owned(), partition: "aws".to_owned(), ..Facts::default() };
    expand(&config, claim, "us-east-1", &facts).expect("a graph")
}

/// The name that the stack gives to the object; `None` where AWS or the user names it.
fn derived_name(component: &Component) -> Option<&str> {
    // An add-on's name says which add-on it is.
    let name = ["name", "identifier", "alias"].iter().find_map(|field| component.desired[*field].as_str());
    name.filter(|_| component.kind != "eks/addon")
}

#[test]
fn addresses_and_names_stay_as_they_are() {
    for name in ["complete", "minimum"] {
        let graph = graph(&profile(name), CLAIM);
        let line = |c: &Component| format!("{} {} {}\n", c.address, c.kind, derived_name(c).unwrap_or("-"));
        let mut lines: Vec<String> = graph.iter().map(line).collect();
        lines.sort_unstable();
        let found = format!("{HEADER}{}", lines.concat());
        let path = file(&format!("{name}.txt"));
        if env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&path, &found).expect("writable");
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        let missing = |here: &str, there: &str| -> Vec<String> {
            let there: Vec<&str> = there.lines().collect();
            here.lines().filter(|line| !there.contains(line)).map(str::to_owned).collect()
        };
        let (gone, new) = (missing(&expected, &found), missing(&found, &expected));
        assert!(found == expected, "{}: gone {gone:#?}, new {new:#?}", path.display());
    }
}

#[test]
fn a_configuration_survives_the_record_of_the_claim() {
    for name in ["complete", "minimum"] {
        let config = state::from_json(&profile(name)).expect("of the schema's shape");
        assert_eq!(state::from_json(&state::json(&config)), Ok(config), "{name}");
    }
}

#[test]
fn the_settings_of_roles_hold_for_every_role() {
    let graph = graph(&profile("complete"), CLAIM);
    let roles: Vec<&Component> = graph.iter().filter(|c| c.kind == "iam/role").collect();
    assert_eq!(roles.len(), 6);
    for role in roles {
        assert_eq!(role.desired["path"], "/platform/", "{}", role.address);
        let boundary = &role.desired["permissions_boundary"];
        assert_eq!(boundary, "arn:aws:iam::123456789012:policy/boundary", "{}", role.address);
    }
}
