//! The example provider under the real Terraform CLI, or the one that TF_ACC_TERRAFORM_PATH names.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A working directory with both providers of this crate as development overrides.
struct Workspace {
    dir: tempfile::TempDir,
}

impl Workspace {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let conformance = PathBuf::from(env!("CARGO_BIN_EXE_conformance-provider"));
        let notes = conformance.with_file_name("examples/notes");
        assert!(notes.exists(), "build it first: cargo build --example notes");
        let link = |from, name: &str| std::os::unix::fs::symlink(from, dir.path().join(name)).expect("a link");
        link(notes, "terraform-provider-notes");
        link(conformance, "terraform-provider-conformance");
        let here = dir.path().display();
        let overrides = ["notes", "conformance"].map(|name| format!("\"example/{name}\" = \"{here}\""));
        let overrides = overrides.join("\n");
        let config = format!("provider_installation {{\n  dev_overrides {{\n{overrides}\n}}\n}}\n");
        std::fs::write(dir.path().join("cli.tfrc"), config).expect("writable");
        Self { dir }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a configuration that uses `provider`.
    fn configure(&self, provider: &str, body: &str) {
        let source = format!("{provider} = {{ source = \"example/{provider}\" }}");
        let main = format!("terraform {{\n  required_providers {{\n    {source}\n  }}\n}}\n{body}\n");
        std::fs::write(self.path("main.tf"), main).expect("writable");
    }

    fn note(&self, path: &Path, text: &str) {
        let path = path.display();
        self.configure(
            "notes",
            &format!("resource \"notes_note\" \"this\" {{\n  path = \"{path}\"\n  text = \"{text}\"\n}}"),
        );
    }

    /// Exit code and output.
    fn terraform(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let cli = std::env::var_os("TF_ACC_TERRAFORM_PATH").unwrap_or_else(|| "terraform".into());
        let output = Command::new(cli)
            .args(arguments)
            .current_dir(self.dir.path())
            .env("TF_CLI_CONFIG_FILE", self.path("cli.tfrc"))
            .env("TF_LOG_PATH", self.path("terraform.log"))
            .env("TF_LOG", "DEBUG")
            .env("CHECKPOINT_DISABLE", "1")
            .output()
            .expect("terraform runs");
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&text).into_owned())
    }

    #[track_caller]
    fn succeeds(&self, arguments: &[&str]) -> String {
        let (code, text) = self.terraform(arguments);
        assert_eq!(code, Some(0), "{arguments:?}: {text}");
        text
    }

    /// Terraform's log has none of the texts by which it blames a provider.
    #[track_caller]
    fn no_complaints(&self) {
        let log = std::fs::read_to_string(self.path("terraform.log")).expect("a log");
        assert!(log.contains("plugin process exited"), "the log tells how the provider ended");
        for complaint in ["failed to exit gracefully", "bug in the provider", "Provider produced"] {
            assert!(!log.contains(complaint), "{complaint}");
        }
    }
}

const APPLY: [&str; 3] = ["apply", "-auto-approve", "-no-color"];
/// Exit code 0: no changes; 2: changes.
const PLAN: [&str; 3] = ["plan", "-detailed-exitcode", "-no-color"];
const DESTROY: [&str; 3] = ["destroy", "-auto-approve", "-no-color"];

#[test]
#[ignore = "needs terraform on the PATH"]
fn terraform_applies_updates_replaces_imports_and_destroys() {
    let workspace = Workspace::new();
    let (first, second) = (workspace.path("first.txt"), workspace.path("second.txt"));
    let read = |path: &Path| std::fs::read_to_string(path).expect("a note");

    workspace.note(&first, "one");
    workspace.succeeds(&APPLY);
    assert_eq!(read(&first), "one");
    workspace.succeeds(&PLAN);

    workspace.note(&first, "twö");
    assert!(workspace.succeeds(&APPLY).contains("0 added, 1 changed, 0 destroyed"));
    assert_eq!(read(&first), "twö");

    workspace.note(&second, "twö");
    assert!(workspace.succeeds(&APPLY).contains("1 added, 0 changed, 1 destroyed"));
    assert!(!first.exists());

    workspace.succeeds(&["state", "rm", "notes_note.this"]);
    let (code, text) = workspace.terraform(&APPLY);
    assert!(code == Some(1) && text.contains("The file exists"), "{text}");
    workspace.succeeds(&["import", "notes_note.this", &second.display().to_string()]);
    workspace.succeeds(&PLAN);

    std::fs::remove_file(&second).expect("a note");
    assert_eq!(workspace.terraform(&PLAN).0, Some(2), "what is gone is planned anew");
    workspace.succeeds(&APPLY);
    workspace.succeeds(&DESTROY);
    assert!(!second.exists());
    workspace.no_complaints();
}

#[test]
#[ignore = "needs terraform on the PATH"]
fn terraform_accepts_every_kind_of_attribute() {
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

#[test]
#[ignore = "needs terraform on the PATH"]
fn a_create_that_fails_late_is_tainted_and_replaced() {
    let workspace = Workspace::new();
    let thing = |mode: &str| {
        let body = format!("resource \"conformance_thing\" \"this\" {{\n  name = \"a\"\n  mode = \"{mode}\"\n}}");
        workspace.configure("conformance", &body);
    };
    thing("fail after");
    assert!(workspace.terraform(&APPLY).1.contains("Cannot finish"));
    thing("ok");
    assert!(workspace.succeeds(&APPLY).contains("1 added, 0 changed, 1 destroyed"));
    thing("panic");
    assert!(workspace.terraform(&APPLY).1.contains("The provider panicked"));
    thing("ok");
    workspace.succeeds(&PLAN);
    workspace.succeeds(&DESTROY);
}
