//! `destroy NAME`: a stack goes although no Terraform state knows it any more.

use std::{
    io::{self, BufRead, Write},
    process::ExitCode,
    sync::Arc,
};

use clap::ArgMatches;
use stellar_engine::Error;
use tfplugin_sdk::{CancellationToken, Capabilities, Diagnostics, ImportRequest, Resource, Severity};

use super::{region, tell};
use crate::{cluster::ClusterResource, session::Session};

pub(super) async fn destroy(session: Arc<Session>, options: &ArgMatches) -> Result<ExitCode, Error> {
    let name = options.get_one::<String>("NAME").cloned().unwrap_or_default();
    let region = region(&session, options).await?;
    let cluster = ClusterResource::new(session);
    let id = Some(format!("{region}/{name}"));
    let (identity, cancel, capabilities) = (None, CancellationToken::new(), Capabilities::default());
    let imported = cluster.import(ImportRequest { id, identity, cancel, capabilities }).await;
    let Some(state) = imported.state.filter(|_| !imported.diagnostics.has_errors()) else {
        print(&imported.diagnostics);
        return Ok(ExitCode::FAILURE);
    };
    let confirmed = match options.get_one::<String>("confirm") {
        Some(typed) => *typed == name,
        None => ask(&name, &region),
    };
    if !confirmed {
        tell("The name does not match; nothing was touched.");
        return Ok(ExitCode::FAILURE);
    }
    let cancel = CancellationToken::new();
    let stop = cancel.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            tell("stopping; run the same command again to go on");
            stop.cancel();
        }
    });
    let response =
        cluster.destroy_without_state(state, imported.private, options.get_flag("unprotected"), cancel).await;
    print(&response.diagnostics);
    if response.diagnostics.has_errors() {
        return Ok(ExitCode::FAILURE);
    }
    tell(&format!("The stack {name} is destroyed."));
    Ok(ExitCode::SUCCESS)
}

fn ask(name: &str, region: &str) -> bool {
    drop(write!(io::stdout(), "Everything of the stack {name} in {region} will be deleted. Type its name: "));
    drop(io::stdout().flush());
    let mut typed = String::new();
    io::stdin().lock().read_line(&mut typed).is_ok() && typed.trim() == name
}

fn print(diagnostics: &Diagnostics) {
    for each in diagnostics.iter() {
        let kind = if each.severity == Severity::Error { "Error" } else { "Warning" };
        tell(&format!("{kind}: {}\n{}\n", each.summary, each.detail));
    }
}
