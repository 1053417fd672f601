//! Where a stack comes from: account, caller, backend and workspace. The same origin may finish
//! what it began; another one may not take it over unasked.

use std::{env, fs, path::Path};

use sha2::{Digest, Sha256};
use stellar_aws::Caller;

/// A digest of the origin, 32 hexadecimal digits: it goes into a tag and must not show a backend's settings.
pub fn origin(caller: &Caller) -> String {
    let text = format!("{}|{}|{}|{}", caller.account, role(&caller.arn), backend(), workspace());
    Sha256::digest(text).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// The caller without its session: `assumed-role/deploy/session-1` and `…/session-2` are one origin.
fn role(arn: &str) -> &str {
    match arn.find(":assumed-role/") {
        Some(_) => arn.rsplit_once('/').map_or(arn, |(role, _)| role),
        None => arn,
    }
}

/// What `terraform init` wrote about the backend, else host and directory.
fn backend() -> String {
    if let Ok(slug) = env::var("TFC_WORKSPACE_SLUG") {
        return slug;
    }
    let initialised = fs::read(Path::new(".terraform").join("terraform.tfstate")).ok();
    let settings: Option<serde_json::Value> = initialised.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    match settings.as_ref().map(|s| &s["backend"]).filter(|backend| backend["type"].is_string()) {
        Some(backend) => format!("{}{}", backend["type"], backend["config"]),
        None => host_and_directory(),
    }
}

/// Where the operation was begun, for people: nothing of a backend's settings.
pub fn place() -> String {
    let place = env::var("TFC_WORKSPACE_SLUG").unwrap_or_else(|_| host_and_directory());
    match workspace() {
        workspace if workspace == "default" => place,
        workspace => format!("{place} ({workspace})"),
    }
}

fn host_and_directory() -> String {
    let host = fs::read_to_string("/etc/hostname").unwrap_or_default();
    let directory = env::current_dir().unwrap_or_default();
    format!("{}:{}", host.trim(), directory.display())
}

fn workspace() -> String {
    let file = || fs::read_to_string(Path::new(".terraform").join("environment")).ok();
    env::var("TF_WORKSPACE").ok().or_else(file).map_or_else(|| "default".to_owned(), |name| name.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_of_one_role_are_one_origin() {
        let rows = [
            ("arn:aws:sts::1:assumed-role/deploy/run-1", "arn:aws:sts::1:assumed-role/deploy"),
            ("arn:aws:iam::1:user/ann", "arn:aws:iam::1:user/ann"),
        ];
        for (arn, expected) in rows {
            assert_eq!(role(arn), expected);
        }
    }
}
