//! `policy NAME`: what IAM must allow for a stack, without a configuration at hand.

use std::{process::ExitCode, sync::Arc};

use clap::ArgMatches;
use stellar_aws::access::Rights;
use stellar_engine::Error;

use super::{region, tell};
use crate::{cluster::of_claim, session::Session};

pub(super) async fn policy(session: Arc<Session>, options: &ArgMatches) -> Result<ExitCode, Error> {
    let text = |name: &str| options.get_one::<String>(name).cloned();
    let (name, wanted) = (text("NAME").unwrap_or_default(), text("rights").unwrap_or_default());
    let rights = Rights::NAMES.iter().find(|(known, _)| *known == wanted).map_or(Rights::All, |(_, rights)| *rights);
    let region = region(&session, options).await?;
    let policy = of_claim(&session, &region, &name, text("account"), rights).await?;
    for document in policy.documents() {
        tell(&document);
    }
    Ok(ExitCode::SUCCESS)
}
