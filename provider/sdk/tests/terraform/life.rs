//! The life of a resource.

use crate::workspace::{APPLY, DESTROY, PLAN, Workspace};

fn note(workspace: &Workspace, name: &str, text: &str, more: &str) {
    workspace
        .notes(&format!("resource \"notes_note\" \"this\" {{\n  name = \"{name}\"\n  text = \"{text}\"\n  {more}\n}}"));
}

#[test]
#[ignore = "needs a CLI"]
fn item_57_a_note_is_applied_updated_replaced_imported_and_destroyed() {
    let workspace = Workspace::new();
    note(&workspace, "first", "one", "");
    workspace.succeeds(&APPLY);
    assert_eq!(workspace.text("first"), "one");
    workspace.succeeds(&PLAN);

    note(&workspace, "first", "twö", "labels = [{ name = \"b\" }, { name = \"a\" }]");
    assert!(workspace.succeeds(&APPLY).contains("0 added, 1 changed, 0 destroyed"));
    assert_eq!(workspace.text("first"), "twö");
    workspace.succeeds(&PLAN);

    note(&workspace, "second", "twö", "");
    assert!(workspace.succeeds(&APPLY).contains("1 added, 0 changed, 1 destroyed"));
    assert!(!workspace.path("notes/first.json").exists());

    workspace.succeeds(&["state", "rm", "notes_note.this"]);
    workspace.fails(&APPLY, "The note exists");
    workspace.fails(&["import", "-no-color", "notes_note.this", "No Such"], "is not a name of a note");
    workspace.fails(&["import", "-no-color", "notes_note.this", "missing"], "non-existent");
    workspace.succeeds(&["import", "notes_note.this", "second"]);
    workspace.succeeds(&PLAN);

    std::fs::remove_file(workspace.path("notes/second.json")).expect("a note");
    assert_eq!(workspace.run(&PLAN).0, Some(2), "what is gone is planned anew");
    workspace.succeeds(&APPLY);
    workspace.succeeds(&DESTROY);
    assert!(!workspace.path("notes/second.json").exists());
    workspace.no_complaints();
}

#[test]
#[ignore = "needs a CLI"]
fn a_default_is_planned_and_a_value_that_means_the_same_is_no_change() {
    let workspace = Workspace::new();
    note(&workspace, "a", "x", "");
    assert!(workspace.succeeds(&PLAN_ONLY).contains("\"yellow\""));
    workspace.succeeds(&APPLY);
    note(&workspace, "a", "x", "color = \"Yellow\"");
    workspace.succeeds(&PLAN);
    note(&workspace, "a", "x", "color = \"Red\"");
    let text = workspace.succeeds(&APPLY);
    assert!(text.contains("\"yellow\" -> \"Red\""), "{text}");
    let changes_id = |line: &str| line.trim_start().starts_with("~ id ");
    assert!(!text.lines().any(changes_id), "an id that stays is not shown as changing: {text}");
    workspace.succeeds(&PLAN);
    workspace.no_complaints();
}

const PLAN_ONLY: [&str; 2] = ["plan", "-no-color"];

#[test]
#[ignore = "needs a CLI"]
fn what_the_rules_of_the_attributes_forbid_is_refused_with_its_attribute() {
    let workspace = Workspace::new();
    note(&workspace, "Not a name", "x", "");
    workspace.fails(&["validate", "-no-color"], "name must be made of a-z, 0-9 and -, and has 'N'.");
    note(&workspace, &"n".repeat(41), "x", "");
    workspace.fails(&["validate", "-no-color"], "name must have 1 to 40 characters, not 41.");
}

#[test]
#[ignore = "needs a CLI"]
fn a_state_of_an_older_schema_is_upgraded_and_one_of_a_newer_schema_refused() {
    let workspace = Workspace::new();
    note(&workspace, "a", "x", "");
    workspace.succeeds(&APPLY);
    let state = workspace.read("terraform.tfstate");

    let older = state.replace("\"schema_version\": 1", "\"schema_version\": 0").replace("\"text\":", "\"body\":");
    assert_ne!(older, state);
    workspace.write("terraform.tfstate", &older);
    workspace.succeeds(&PLAN);

    workspace.write("terraform.tfstate", &state.replace("\"schema_version\": 1", "\"schema_version\": 7"));
    workspace.fails(&PLAN, "newer");
}

#[test]
#[ignore = "needs a CLI"]
fn item_57_every_kind_of_attribute_is_accepted() {
    let workspace = Workspace::new();
    let thing = |size: &str, port: u16| {
        workspace.configure(
            "conformance",
            &format!(
                r#"
                resource "conformance_thing" "this" {{
                  name  = "a"
                  size  = {size}
                  any   = {{ list = [1, "x", null], exact = 0.1 }}
                  tags  = {{ "a" = "b" }}
                  pools = {{ api = {{ min = 1 }}, ai = {{ min = 2, image = "i" }} }}
                  rules = [{{ port = {port} }}, {{ port = 443 }}]
                  gate {{
                    port = {port}
                  }}
                  gate {{
                    port = 1
                  }}
                  limits {{
                    max = 5
                  }}
                }}
                data "conformance_echo" "this" {{
                  text = conformance_thing.this.id
                }}
                output "pool" {{
                  value = conformance_thing.this.pools["ai"].arn
                }}
                "#
            ),
        );
    };
    for (size, port) in [("0.1", 80), ("9007199254740993", 80), ("1e30", 22), ("1 - 0.99", 22)] {
        thing(size, port);
        workspace.succeeds(&APPLY);
        workspace.succeeds(&PLAN);
    }
    workspace.succeeds(&DESTROY);
    workspace.no_complaints();
}
