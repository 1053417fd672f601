//! A working directory and the CLI in it.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

/// A working directory with both providers of this crate as development overrides.
pub struct Workspace {
    dir: tempfile::TempDir,
}

/// Which CLI it is: OpenTofu or not, major, minor.
static VERSION: LazyLock<(bool, u32, u32)> = LazyLock::new(|| {
    let output = Command::new(cli()).arg("version").env("CHECKPOINT_DISABLE", "1").output().expect("the CLI runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let number = text.split_whitespace().find_map(|word| word.strip_prefix('v')).expect("a version");
    let mut parts = number.split('.').map(|part| part.parse().unwrap_or_default());
    let (major, minor) = (parts.next().expect("major"), parts.next().expect("minor"));
    (text.starts_with("OpenTofu"), major, minor)
});

fn cli() -> PathBuf {
    std::env::var_os("TF_ACC_TERRAFORM_PATH").unwrap_or_else(|| "terraform".into()).into()
}

/// True when the CLI has a feature since these minors of version 1; says so when it has not.
pub fn has(feature: &str, terraform: u32, tofu: Option<u32>) -> bool {
    let (is_tofu, major, minor) = *VERSION;
    let since = if is_tofu { tofu } else { Some(terraform) };
    let has = major > 1 || since.is_some_and(|since| minor >= since);
    if !has {
        eprintln!("skipped because the CLI has none: {feature}");
    }
    has
}

pub const APPLY: [&str; 3] = ["apply", "-auto-approve", "-no-color"];
/// Exit code 0: no changes; 2: changes.
pub const PLAN: [&str; 3] = ["plan", "-detailed-exitcode", "-no-color"];
pub const DESTROY: [&str; 3] = ["destroy", "-auto-approve", "-no-color"];

impl Workspace {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let conformance = PathBuf::from(env!("CARGO_BIN_EXE_conformance-provider"));
        let notes = conformance.with_file_name("examples/notes");
        assert!(notes.exists(), "build it first: cargo build --example notes");
        let link = |from, name: &str| std::os::unix::fs::symlink(from, dir.path().join(name)).expect("a link");
        link(notes, "terraform-provider-notes");
        link(conformance, "terraform-provider-conformance");
        std::fs::create_dir(dir.path().join("notes")).expect("writable");
        let here = dir.path().display();
        let overrides = ["notes", "conformance"].map(|name| format!("\"example/{name}\" = \"{here}\""));
        let overrides = overrides.join("\n");
        let config = format!("provider_installation {{\n  dev_overrides {{\n{overrides}\n}}\n}}\n");
        std::fs::write(dir.path().join("cli.tfrc"), config).expect("writable");
        Self { dir }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a configuration that uses `provider`.
    pub fn configure(&self, provider: &str, body: &str) {
        let source = format!("{provider} = {{ source = \"example/{provider}\" }}");
        let main = format!("terraform {{\n  required_providers {{\n    {source}\n  }}\n}}\n{body}\n");
        self.write("main.tf", &main);
    }

    /// Writes a configuration of notes, which stand in the folder `notes`.
    pub fn notes(&self, body: &str) {
        let folder = self.path("notes");
        self.configure("notes", &format!("provider \"notes\" {{\n  folder = \"{}\"\n}}\n{body}", folder.display()));
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("writable");
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("a file")
    }

    /// The text of a stored note.
    pub fn text(&self, note: &str) -> String {
        let stored: serde_json::Value = serde_json::from_str(&self.read(&format!("notes/{note}.json"))).expect("JSON");
        stored["text"].as_str().expect("a text").to_owned()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(cli());
        command
            .args(arguments)
            .current_dir(self.dir.path())
            .env("TF_CLI_CONFIG_FILE", self.path("cli.tfrc"))
            .env("TF_LOG_PATH", self.path("terraform.log"))
            .env("TF_LOG", "DEBUG")
            .env("CHECKPOINT_DISABLE", "1")
            .stdin(Stdio::null());
        command
    }

    /// Exit code and output.
    pub fn run(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let output = self.command(arguments).output().expect("the CLI runs");
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&text).into_owned())
    }

    #[track_caller]
    pub fn succeeds(&self, arguments: &[&str]) -> String {
        let (code, text) = self.run(arguments);
        assert_eq!(code, Some(0), "{arguments:?}: {text}");
        text
    }

    #[track_caller]
    pub fn fails(&self, arguments: &[&str], expected: &str) {
        let (code, text) = self.run(arguments);
        assert_eq!(code, Some(1), "{arguments:?}: {text}");
        // The CLI wraps long lines and draws a border.
        let words = text.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(expected), "{text}");
    }

    /// The CLI's log has none of the texts by which it blames a provider.
    #[track_caller]
    pub fn no_complaints(&self) {
        let log = self.read("terraform.log");
        assert!(log.contains("plugin process exited"), "the log tells how the provider ended");
        for complaint in ["failed to exit gracefully", "bug in the provider", "Provider produced"] {
            assert!(!log.contains(complaint), "{complaint}");
        }
    }
}
