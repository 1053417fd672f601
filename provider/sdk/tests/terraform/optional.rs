//! What newer CLIs have.

use crate::workspace::{APPLY, DESTROY, PLAN, Workspace, has};

const ONE: &str = "resource \"notes_note\" \"one\" {\n  name = \"one\"\n  text = \"first\"\n}";

#[test]
#[ignore = "needs a CLI"]
fn functions_and_data_sources_answer() {
    if !has("provider functions", 8, Some(7)) {
        return;
    }
    let workspace = Workspace::new();
    workspace.notes(&format!(
        "{ONE}\ndata \"notes_note\" \"one\" {{\n  name = notes_note.one.name\n}}\n\
         output \"all\" {{\n  value = \"${{provider::notes::slug(\"Buy Milk!\")}} ${{data.notes_note.one.text}}\"\n}}"
    ));
    assert!(workspace.succeeds(&APPLY).contains("\"buy-milk first\""));
    workspace.notes("output \"no\" {\n  value = provider::notes::slug(\"!\")\n}");
    workspace.fails(&PLAN, "has no letter or digit");
    workspace.no_complaints();
}

#[test]
#[ignore = "needs a CLI"]
fn a_state_moves_from_one_resource_type_to_another() {
    if !has("moved between types", 8, Some(10)) {
        return;
    }
    let workspace = Workspace::new();
    workspace.notes("resource \"notes_draft\" \"one\" {\n  name = \"one\"\n  text = \"first\"\n}");
    workspace.succeeds(&APPLY);
    workspace.notes(&format!("{ONE}\nmoved {{\n  from = notes_draft.one\n  to   = notes_note.one\n}}"));
    let text = workspace.succeeds(&APPLY);
    assert!(text.contains("0 added, 0 changed, 0 destroyed"), "{text}");
    workspace.succeeds(&PLAN);
    workspace.no_complaints();
}

#[test]
#[ignore = "needs a CLI"]
fn an_ephemeral_value_feeds_a_write_only_attribute_and_leaves_no_trace() {
    if !has("ephemeral resources and write-only attributes", 11, Some(11)) {
        return;
    }
    let workspace = Workspace::new();
    workspace.notes(
        "ephemeral \"notes_lock\" \"one\" {\n  name = \"one\"\n}\n\
         resource \"notes_note\" \"one\" {\n  name = \"one\"\n  text = \"first\"\n  \
         passphrase = ephemeral.notes_lock.one.token\n}",
    );
    workspace.succeeds(&APPLY);
    assert!(workspace.read("notes/one.json").contains("\"sealed\": true"));
    assert!(!workspace.path("notes/one.lock").exists(), "the lock is closed");
    let state = workspace.read("terraform.tfstate");
    assert!(!state.contains("one-"), "no token in the state: {state}");
    workspace.succeeds(&PLAN);
    workspace.succeeds(&DESTROY);
    workspace.no_complaints();
}

#[test]
#[ignore = "needs a CLI"]
fn an_object_is_imported_by_its_identity() {
    if !has("import by identity", 12, Some(12)) {
        return;
    }
    let workspace = Workspace::new();
    workspace.write("notes/one.json", r#"{"text": "first", "color": "yellow"}"#);
    workspace.notes(&format!("{ONE}\nimport {{\n  to       = notes_note.one\n  identity = {{ name = \"one\" }}\n}}"));
    let text = workspace.succeeds(&APPLY);
    assert!(text.contains("1 imported, 0 added, 0 changed, 0 destroyed"), "{text}");
    workspace.succeeds(&PLAN);
    workspace.no_complaints();
}

#[test]
#[ignore = "needs a CLI"]
fn an_action_is_invoked_and_tells_its_progress() {
    if !has("actions", 14, None) {
        return;
    }
    let workspace = Workspace::new();
    let action = "action \"notes_export\" \"all\" {\n  config {\n    file = \"all.txt\"\n  }\n}";
    workspace.notes(&format!("{ONE}\n{action}"));
    workspace.succeeds(&APPLY);
    let text = workspace.succeeds(&["apply", "-auto-approve", "-no-color", "-invoke=action.notes_export.all"]);
    assert!(text.contains("exported one"), "{text}");
    assert_eq!(workspace.read("notes/all.txt"), "one: first\n");
    workspace.no_complaints();
}

#[test]
#[ignore = "needs a CLI"]
fn a_query_lists_what_exists_and_writes_its_configuration() {
    if !has("terraform query", 14, None) {
        return;
    }
    let workspace = Workspace::new();
    for (name, text) in [("one", "first"), ("only", "second"), ("two", "third")] {
        workspace.write(&format!("notes/{name}.json"), &format!(r#"{{"text": "{text}", "color": "yellow"}}"#));
    }
    workspace.notes("");
    let query = "list \"notes_note\" \"all\" {\n  provider         = notes\n  include_resource = true\n  \
                 config {\n    prefix = \"o\"\n  }\n}";
    workspace.write("main.tfquery.hcl", query);
    let text = workspace.succeeds(&["query", "-no-color", "-generate-config-out=generated.tf"]);
    assert!(text.contains("name=one") && text.contains("name=only") && !text.contains("name=two"), "{text}");
    let generated = workspace.read("generated.tf");
    assert!(generated.contains("text") && !generated.contains("bytes"), "{generated}");

    let text = workspace.succeeds(&APPLY);
    assert!(text.contains("2 imported, 0 added, 0 changed, 0 destroyed"), "{text}");
    workspace.succeeds(&PLAN);
    workspace.no_complaints();
}
