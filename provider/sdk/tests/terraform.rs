//! The example provider under the real Terraform CLI.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A working directory with the example provider as a development override.
struct Workspace {
    dir: tempfile::TempDir,
}

impl Workspace {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let example = PathBuf::from(env!("CARGO_BIN_EXE_conformance-provider")).with_file_name("examples/notes");
        assert!(example.exists(), "build it first: cargo build --example notes");
        std::os::unix::fs::symlink(example, dir.path().join("terraform-provider-notes")).expect("a link");
        let here = dir.path().display();
        let config = format!("provider_installation {{\n  dev_overrides {{ \"example/notes\" = \"{here}\" }}\n}}\n");
        std::fs::write(dir.path().join("cli.tfrc"), config).expect("writable");
        Self { dir }
    }

    fn note(&self) -> PathBuf {
        self.dir.path().join("note.txt")
    }

    fn write(&self, path: &Path, text: &str) {
        let main = format!(
            r#"
            terraform {{
              required_providers {{
                notes = {{ source = "example/notes" }}
              }}
            }}
            resource "notes_note" "this" {{
              path = "{}"
              text = "{text}"
            }}
            "#,
            path.display()
        );
        std::fs::write(self.dir.path().join("main.tf"), main).expect("writable");
    }

    /// Exit code and output.
    fn terraform(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let output = Command::new("terraform")
            .args(arguments)
            .current_dir(self.dir.path())
            .env("TF_CLI_CONFIG_FILE", self.dir.path().join("cli.tfrc"))
            .env("TF_LOG_PATH", self.dir.path().join("terraform.log"))
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
}

#[test]
#[ignore = "needs terraform on the PATH"]
fn terraform_applies_updates_replaces_imports_and_destroys() {
    let workspace = Workspace::new();
    let apply = ["apply", "-auto-approve", "-no-color"];
    let plan = ["plan", "-detailed-exitcode", "-no-color"];
    let read = |path: &Path| std::fs::read_to_string(path).expect("a note");

    workspace.write(&workspace.note(), "one");
    workspace.succeeds(&apply);
    assert_eq!(read(&workspace.note()), "one");
    workspace.succeeds(&plan);

    workspace.write(&workspace.note(), "twö");
    assert!(workspace.succeeds(&apply).contains("0 added, 1 changed, 0 destroyed"));
    assert_eq!(read(&workspace.note()), "twö");

    let moved = workspace.dir.path().join("moved.txt");
    workspace.write(&moved, "twö");
    assert!(workspace.succeeds(&apply).contains("1 added, 0 changed, 1 destroyed"));
    assert!(!workspace.note().exists());

    workspace.succeeds(&["state", "rm", "notes_note.this"]);
    let (code, text) = workspace.terraform(&apply);
    assert!(code == Some(1) && text.contains("The file exists"), "{text}");
    workspace.succeeds(&["import", "notes_note.this", &moved.display().to_string()]);
    workspace.succeeds(&plan);

    std::fs::remove_file(&moved).expect("a note");
    assert_eq!(workspace.terraform(&plan).0, Some(2), "what is gone is planned anew");
    workspace.succeeds(&apply);
    workspace.succeeds(&["destroy", "-auto-approve"]);
    assert!(!moved.exists());

    let log = std::fs::read_to_string(workspace.dir.path().join("terraform.log")).expect("a log");
    assert!(log.contains("plugin process exited"), "the log tells how the provider ended");
    for complaint in ["failed to exit gracefully", "bug in the provider", "Provider produced"] {
        assert!(!log.contains(complaint), "{complaint}");
    }
}
