//! `stacks`: every stack of a region, whoever made it.

use std::{process::ExitCode, time::SystemTime};

use clap::ArgMatches;
use stellar_aws::claim::{Claims, Listed, Phase};
use stellar_engine::Error;

use super::{region, tell};
use crate::session::Session;

pub(super) async fn stacks(session: &Session, options: &ArgMatches) -> Result<ExitCode, Error> {
    let region = region(session, options).await?;
    let aws = session.aws().await?;
    let caller = session.caller(&aws, &region).await?;
    let listed = Claims::new(aws, &region).list().await?;
    if listed.is_empty() {
        tell(&format!("no stacks in {region} of account {}", caller.account));
        return Ok(ExitCode::SUCCESS);
    }
    let rows = listed.iter().map(|stack| row(stack, SystemTime::now()));
    for line in aligned(std::iter::once(["NAME", "PHASE", "AGE", "STATE OF WORK"].map(str::to_owned)).chain(rows)) {
        tell(&line);
    }
    Ok(ExitCode::SUCCESS)
}

fn row(stack: &Listed, now: SystemTime) -> [String; 4] {
    let age = now.duration_since(stack.created).unwrap_or_default();
    // The two largest units say enough: `3days 4h`.
    let age = humantime::format_duration(std::time::Duration::from_secs(age.as_secs())).to_string();
    let age = age.split(' ').take(2).collect::<Vec<_>>().join(" ");
    let work = match (stack.claim.held(), stack.claim.phase()) {
        (Some(_), _) => "an operation works on it, or died",
        (None, Phase::Ready) => "at rest",
        (None, Phase::Created) => "created; not seen by Terraform since",
        (None, _) => "unfinished; the same command again goes on",
    };
    [stack.name.clone(), stack.claim.phase().to_string(), age, work.to_owned()]
}

/// Columns two spaces apart.
fn aligned(rows: impl Iterator<Item = [String; 4]>) -> Vec<String> {
    let rows: Vec<[String; 4]> = rows.collect();
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or_default();
    let widths = [width(0), width(1), width(2), width(3)];
    let line = |row: &[String; 4]| {
        let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let rows = [["a", "bb", "c", "d"], ["aaa", "b", "c", "d"]].map(|row| row.map(str::to_owned));
        assert_eq!(aligned(rows.into_iter()), ["a    bb  c  d", "aaa  b   c  d"]);
    }
}
