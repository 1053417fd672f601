//! The binary at the command line: what is possible with stacks where Terraform's state does not help.
//!
//! Without a command the binary is a plugin, and only Terraform can talk to it.

mod destroy;
mod policy;
mod stacks;
mod watch;

use std::{
    io::{self, Write},
    process::ExitCode,
    sync::Arc,
};

use clap::{Arg, ArgAction, ArgMatches, Command};
use stellar_aws::{Settings, access::Rights};
use stellar_engine::Error;

use crate::{
    session::{Session, Setup},
    trouble,
};

/// The words that make a call a command; everything else is left to the plugin.
const COMMANDS: [&str; 9] = ["stacks", "destroy", "watch", "policy", "help", "--help", "-h", "--version", "-V"];

/// True when the arguments are for people and not from Terraform.
pub fn is_meant(first: Option<&str>) -> bool {
    first.is_some_and(|word| COMMANDS.contains(&word))
}

/// Runs the command of these arguments, the program's name first.
pub async fn run(arguments: impl Iterator<Item = String>) -> ExitCode {
    let matches = match command().try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => {
            let code = u8::try_from(error.exit_code()).unwrap_or(2);
            drop(error.print());
            return ExitCode::from(code);
        }
    };
    let done = match matches.subcommand() {
        Some(("stacks", options)) => stacks::stacks(&session(options), options).await,
        Some(("watch", options)) => watch::watch(session(options), options).await,
        Some(("policy", options)) => policy::policy(session(options), options).await,
        Some(("destroy", options)) => destroy::destroy(session(options), options).await,
        _ => Ok(ExitCode::SUCCESS),
    };
    done.unwrap_or_else(|error| {
        let (summary, detail) = trouble::explain("Failed", &error);
        tell(&format!("{summary}: {detail}"));
        ExitCode::FAILURE
    })
}

fn command() -> Command {
    let region = Arg::new("region").long("region").help("Region of the stacks [default: that of the environment]");
    let profile = Arg::new("profile").long("profile").help("Named profile of the shared configuration files");
    let name = Arg::new("NAME").required(true).help("Name of the stack");
    let confirm =
        Arg::new("confirm").long("confirm").value_name("NAME").help("The name once more, instead of typing it");
    let unprotected = Arg::new("unprotected")
        .long("ignore-deletion-protection")
        .action(ArgAction::SetTrue)
        .help("Destroy it although its configuration protects it from that");
    let once = Arg::new("once").long("once").action(ArgAction::SetTrue).help("Shows the present state and ends");
    let follow = Arg::new("follow")
        .long("follow")
        .action(ArgAction::SetTrue)
        .conflicts_with("once")
        .help("Waits for the next operation, again and again");
    let rights = Arg::new("rights")
        .long("rights")
        .value_parser(Rights::NAMES.map(|(name, _)| name))
        .default_value("all")
        .help("What for");
    let account = Arg::new("account").long("account").help("Account of the stack [default: that of the credentials]");
    Command::new("terraform-provider-stellar")
        .version(env!("CARGO_PKG_VERSION"))
        .about("A Terraform provider. Terraform starts it by itself; these commands are for stacks without a state.")
        .subcommand_required(true)
        .subcommand(
            Command::new("stacks")
                .about("Lists every stack of a region: phase, age, and whether an operation works on it")
                .args([region.clone(), profile.clone()]),
        )
        .subcommand(
            Command::new("destroy")
                .about("Destroys a stack from what its claim remembers, with the guards of `terraform destroy`")
                .args([name.clone(), confirm, unprotected, region.clone(), profile.clone()]),
        )
        .subcommand(
            Command::new("watch")
                .about("Shows what an apply or destroy does right now, until it ends")
                .after_help(
                    "Exit codes: 0 the operation ended well, 1 it failed or its process died, 2 there is no such stack, \
                     3 it is still running (with --once).",
                )
                .args([name.clone(), once, follow, region.clone(), profile.clone()]),
        )
        .subcommand(
            Command::new("policy")
                .about("Prints what IAM must allow for a stack: as its claim remembers it, or with every section")
                .args([name, rights, account, region, profile]),
        )
}

/// The environment's credentials, as Terraform's providers find them.
fn session(options: &ArgMatches) -> Arc<Session> {
    let text = |name: &str| options.get_one::<String>(name).cloned();
    let settings = Settings { region: text("region"), profile: text("profile"), ..Settings::default() };
    let session = Session::default();
    session.configure(Setup { settings: Some(settings), ..Setup::default() });
    Arc::new(session)
}

/// A line for the user. Nobody reads on when it cannot be written.
fn tell(text: &str) {
    drop(writeln!(io::stdout(), "{text}"));
}

/// The region of the options, else the environment's.
async fn region(session: &Session, options: &ArgMatches) -> Result<String, Error> {
    let aws = session.aws().await?;
    let named = options.get_one::<String>("region").map(String::as_str).or(aws.default_region());
    named.map(str::to_owned).ok_or_else(|| Error::permanent("no region: give --region, or set AWS_REGION"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_for_people_are_commands() {
        let rows = [
            (None, false),
            (Some("-debug"), false),
            (Some("stacks"), true),
            (Some("destroy"), true),
            (Some("watch"), true),
            (Some("policy"), true),
            (Some("--help"), true),
        ];
        for (word, expected) in rows {
            assert_eq!(is_meant(word), expected, "{word:?}");
        }
        command().debug_assert();
    }
}
