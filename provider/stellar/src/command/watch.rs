//! `watch NAME`: what an operation does right now, from any machine that may read the stack's claim.

mod progress;
mod screen;
#[cfg(test)]
mod tests;
mod tree;

use std::{process::ExitCode, sync::Arc, time::Duration};

use clap::ArgMatches;
use stellar_aws::claim::{Claim, Ended, Line, Phase};
use stellar_engine::{Error, ErrorClass};
use tokio::{task::JoinHandle, time::Instant};

use self::{progress::Progress, screen::Screen};
use super::{region, tell};
use crate::{cluster::Onlooker, session::Session};

/// How often the journal is read.
const LOOK: Duration = Duration::from_secs(2);
/// The same against an accelerated simulator.
const LEAST_LOOK: Duration = Duration::from_millis(200);
/// Looks for the last lines after an operation has let go: what was written last is not at once read by everybody.
const LAST_LOOKS: u32 = 3;

/// Exit codes, beside 0: ended well.
const FAILED: u8 = 1;
const NO_STACK: u8 = 2;
const RUNNING: u8 = 3;

pub(super) async fn watch(session: Arc<Session>, options: &ArgMatches) -> Result<ExitCode, Error> {
    let name = options.get_one::<String>("NAME").cloned().unwrap_or_default();
    let (once, follow) = (options.get_flag("once"), options.get_flag("follow"));
    let region = region(&session, options).await?;
    let onlooker = Onlooker::new(session, &region).await?;
    let mut seen = None;
    let mut said = false;
    loop {
        let claim = onlooker.claims().find(&name).await?;
        match (&claim, claim.as_ref().and_then(Claim::last_hold)) {
            (None, _) if !follow => {
                tell(&format!(
                    "There is no stack {name} in {region}. `terraform-provider-stellar stacks` lists those that exist."
                ));
                return Ok(ExitCode::from(NO_STACK));
            }
            (Some(_), None) if !follow => {
                tell(&format!("Nothing has worked on the stack {name} yet."));
                return Ok(ExitCode::SUCCESS);
            }
            (Some(claim), Some(number)) if seen != Some(number) => {
                let is_over = claim.held().is_none();
                // Whoever waits for the next operation has not asked for the last one.
                if !(follow && is_over && seen.is_none()) {
                    let code = Watch::new(&onlooker, &name, number).run(once, is_over).await?;
                    if !follow {
                        return Ok(ExitCode::from(code));
                    }
                }
                (seen, said) = (Some(number), false);
            }
            _ => {}
        }
        if !said {
            tell(&format!("waiting for the next operation on {name}; Ctrl-C ends this"));
            said = true;
        }
        tokio::time::sleep(pause()).await;
    }
}

/// One operation that is watched.
struct Watch<'a> {
    onlooker: &'a Onlooker,
    name: &'a str,
    number: u64,
    progress: Progress,
    /// Seconds of the operation, and when that was.
    clock: (u64, Instant),
    token: Option<String>,
}

impl<'a> Watch<'a> {
    fn new(onlooker: &'a Onlooker, name: &'a str, number: u64) -> Self {
        let clock = (0, Instant::now());
        Self { onlooker, name, number, progress: Progress::default(), clock, token: None }
    }

    /// Shows it until it ends; answers the exit code.
    async fn run(mut self, once: bool, is_over: bool) -> Result<u8, Error> {
        let mut screen = Screen::new(once);
        let title = format!("{} in {}", self.name, self.onlooker.region());
        let ended = (!is_over && !once).then(|| self.wait());
        if !is_over {
            let claims = self.onlooker.claims();
            let heard = claims.working_for(self.name, self.number).await?.unwrap_or_default();
            // Its seconds are the holder's own.
            self.clock.0 = in_aws_time(heard);
        }
        loop {
            let is_last = is_over || once || ended.as_ref().is_some_and(JoinHandle::is_finished);
            let mut fresh = self.read().await?;
            for _ in 0..LAST_LOOKS {
                if !is_last || once || self.progress.end.is_some() || (is_over && !fresh.is_empty()) {
                    break;
                }
                tokio::time::sleep(pause()).await;
                fresh.extend(self.read().await?);
            }
            screen.show(&tree::lines(&title, &self.progress, self.now()), &fresh);
            if let Some((well, _)) = &self.progress.end {
                return Ok(if *well { 0 } else { FAILED });
            }
            if is_last {
                return match ended {
                    Some(ended) => self.verdict(ended.await.unwrap_or(Ok(Ended::Silent))).await,
                    None if is_over => self.verdict(Ok(Ended::Released)).await,
                    None => Ok(RUNNING),
                };
            }
            tokio::time::sleep(pause()).await;
        }
    }

    /// Waits beside the reading until the holder lets go.
    fn wait(&self) -> JoinHandle<Result<Ended, Error>> {
        let (claims, name, number) = (self.onlooker.claims().clone(), self.name.to_owned(), self.number);
        tokio::spawn(async move { claims.wait_for(&name, number, Session::pace()).await })
    }

    /// Reads what is new in the journal.
    async fn read(&mut self) -> Result<Vec<String>, Error> {
        let token = self.token.take();
        let (lines, token) = self.onlooker.claims().read_journal(self.name, self.number, token).await?;
        self.token = token;
        let lines: Vec<String> = lines.into_iter().map(|(_, text)| text).collect();
        let mut begins = false;
        for text in &lines {
            let line = Line::parse(text);
            begins |= matches!(line, Line::Begin { .. });
            self.progress.line(line);
        }
        // The record of what is wanted is written before the first line.
        if begins && let Some(claim) = self.onlooker.claims().find(self.name).await? {
            let graph = self.onlooker.graph(self.name, &claim).await?;
            self.progress.know(graph, self.onlooker.kinds());
        }
        if self.progress.at > self.now() {
            self.clock = (self.progress.at, Instant::now());
        }
        Ok(lines)
    }

    /// Seconds of the operation at this moment.
    fn now(&self) -> u64 {
        match self.progress.end {
            Some(_) => self.progress.at,
            None => self.clock.0 + Session::pace().since(self.clock.1).as_secs(),
        }
    }

    /// How an operation ended that did not say so.
    async fn verdict(&self, ended: Result<Ended, Error>) -> Result<u8, Error> {
        let gone = |error: &Error| error.class == ErrorClass::Absent;
        match ended {
            Ok(Ended::Silent) => {
                tell(
                    "Nothing was heard of it for a while: its process has probably died. The same apply again goes on.",
                );
                Ok(FAILED)
            }
            Err(error) if !gone(&error) => Err(error),
            _ => match self.onlooker.claims().find(self.name).await? {
                None => {
                    tell(&format!("The stack {} is destroyed.", self.name));
                    Ok(0)
                }
                Some(claim) if matches!(claim.phase(), Phase::Ready | Phase::Created) => Ok(0),
                Some(claim) => {
                    tell(&format!("The operation has ended; the stack is in phase {}.", claim.phase()));
                    Ok(FAILED)
                }
            },
        }
    }
}

fn pause() -> Duration {
    let factor = Session::pace().factor();
    LOOK.div_f64(factor).max(LEAST_LOOK)
}

/// Our seconds in AWS's time.
fn in_aws_time(seconds: u64) -> u64 {
    Duration::from_secs(seconds).mul_f64(Session::pace().factor()).as_secs()
}
