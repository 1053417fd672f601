//! Failure and interruption.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::workspace::{APPLY, DESTROY, PLAN, Workspace};

fn thing(workspace: &Workspace, mode: &str) {
    let body = format!("resource \"conformance_thing\" \"this\" {{\n  name = \"a\"\n  mode = \"{mode}\"\n}}");
    workspace.configure("conformance", &body);
}

#[test]
#[ignore = "needs a CLI"]
fn a_create_that_fails_late_is_tainted_and_replaced() {
    let workspace = Workspace::new();
    thing(&workspace, "fail after");
    workspace.fails(&APPLY, "Cannot finish");
    thing(&workspace, "ok");
    assert!(workspace.succeeds(&APPLY).contains("1 added, 0 changed, 1 destroyed"));
    thing(&workspace, "panic");
    workspace.fails(&APPLY, "The provider panicked");
    thing(&workspace, "ok");
    workspace.succeeds(&PLAN);
    workspace.succeeds(&DESTROY);
}

#[test]
#[ignore = "needs a CLI"]
fn a_broken_promise_is_named_as_the_provider_s_fault() {
    let workspace = Workspace::new();
    thing(&workspace, "other name");
    workspace.fails(&APPLY, "The plan showed another value of name, and after the apply it is different.");
    let log = workspace.read("terraform.log");
    assert!(!log.contains("Provider produced inconsistent result"), "the provider said it before Terraform");
}

#[test]
#[ignore = "needs a CLI"]
fn item_57_ctrl_c_ends_an_apply_and_keeps_what_it_made() {
    let workspace = Workspace::new();
    thing(&workspace, "hang");
    // Without a path the log goes to standard error, where it can be followed.
    let mut command = workspace.command(&APPLY);
    command.env_remove("TF_LOG_PATH").stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the CLI runs");
    let mut log = BufReader::new(child.stderr.take().expect("piped")).lines().map_while(Result::ok);
    assert!(log.any(|line| line.contains("the apply hangs")), "the apply reaches the provider");
    let sent = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(sent.expect("kill runs").success());
    let rest: Vec<String> = log.collect();
    assert_eq!(child.wait().expect("an end").code(), Some(1), "{rest:?}");
    assert!(rest.iter().any(|line| line.contains("it exists in part")), "the provider's error is shown: {rest:?}");
    assert!(!rest.iter().any(|line| line.contains("failed to exit gracefully")), "{rest:?}");

    let state = workspace.read("terraform.tfstate");
    assert!(state.contains("\"tainted\""), "{state}");
    thing(&workspace, "ok");
    assert!(workspace.succeeds(&APPLY).contains("1 added, 0 changed, 1 destroyed"));
    workspace.no_complaints();
}
