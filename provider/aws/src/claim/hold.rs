//! Who works on a stack right now: at most one holder.
//!
//! A hold is the stream `hold/<n>`, which only one can create. Its holder writes a heartbeat into it, and ends it with
//! `hold/<n>/released`. Whether a foreign holder lives is observed, never computed from clocks of two machines: it is dead
//! when nothing new arrived for a while of our own time.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use stellar_engine::{Error, ErrorClass, Fence, Pace};
use tokio::{task::JoinSet, time::Instant};

use super::{Claim, Claims, parse};
use crate::together::Together;

/// A heartbeat comes this often, in AWS's time.
const BEAT: Duration = Duration::from_secs(15);
/// So long without one, and its holder counts as dead.
const SILENCE: Duration = Duration::from_secs(45);
/// The same against an accelerated simulator, in our own time: a flood of heartbeats helps nobody.
const LEAST_BEAT: Duration = Duration::from_secs(1);
const LEAST_SILENCE: Duration = Duration::from_secs(3);
/// How often a foreign hold is looked at.
const LOOK: Duration = Duration::from_secs(3);
const LEAST_LOOK: Duration = Duration::from_millis(200);

/// How a heartbeat begins; the seconds follow.
const ALIVE: &str = "alive after ";

/// How a foreign hold ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Its holder has finished.
    Released,
    /// Its holder is gone without a word.
    Silent,
}

/// The right to change a stack, until it is released or dropped.
#[derive(Debug)]
pub struct Hold {
    claims: Claims,
    stack: String,
    number: u64,
    beat: JoinSet<()>,
}

impl Claim {
    /// The newest hold's number, released or not.
    pub fn last_hold(&self) -> Option<u64> {
        self.hold.map(|(number, _)| number)
    }

    /// The newest hold's number, if it has not been released.
    pub fn held(&self) -> Option<u64> {
        self.hold.and_then(|(number, released)| (!released).then_some(number))
    }

    /// The newest hold that was released. It stays the same when an operation dies and others take over from it.
    pub fn last_released(&self) -> u64 {
        self.released
    }
}

impl Claims {
    /// Takes the hold after the newest one known; its heartbeat begins at once.
    ///
    /// # Errors
    /// [`ErrorClass::Exists`] when somebody else took it in between; those of the calls.
    pub async fn hold(&self, stack: &str, claim: &mut Claim, pace: Pace) -> Result<Hold, Error> {
        let number = claim.hold.map_or(0, |(n, _)| n) + 1;
        self.create_stream(stack, &stream(number)).await?;
        claim.hold = Some((number, false));
        let mut beat = JoinSet::new();
        beat.spawn(heartbeat(self.clone(), stack.to_owned(), number, scaled(pace, BEAT, LEAST_BEAT)));
        Ok(Hold { claims: self.clone(), stack: stack.to_owned(), number, beat })
    }

    /// Waits until a foreign hold ends.
    ///
    /// # Errors
    /// Those of the calls.
    pub async fn wait_for(&self, stack: &str, number: u64, pace: Pace) -> Result<Ended, Error> {
        let mut last = None;
        let mut since = Instant::now();
        loop {
            match self.newest_hold(stack).await {
                Ok(newest) if !has_ended(number, newest) => {}
                // Also with the claim itself, at the end of a destroy.
                Err(error) if error.class != ErrorClass::Absent => return Err(error),
                Ok(_) | Err(_) => return Ok(Ended::Released),
            }
            let heard = self.last_event(stack, &stream(number)).await?;
            if heard != last {
                (last, since) = (heard, Instant::now());
            }
            if since.elapsed() >= scaled(pace, SILENCE, LEAST_SILENCE) {
                return Ok(Ended::Silent);
            }
            tokio::time::sleep(scaled(pace, LOOK, LEAST_LOOK)).await;
        }
    }

    /// For how many seconds the holder has been at work, as it said last; `None` before it has said anything.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn working_for(&self, stack: &str, number: u64) -> Result<Option<u64>, Error> {
        let heard = self.last_event(stack, &stream(number)).await?;
        Ok(heard.and_then(|(_, text)| text.strip_prefix(ALIVE)?.split(' ').next()?.parse().ok()))
    }

    /// When the holder was last heard of, in milliseconds since 1970, by AWS's clock.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn last_heard(&self, stack: &str, number: u64) -> Result<Option<i64>, Error> {
        Ok(self.last_event(stack, &stream(number)).await?.map(|(at, _)| at))
    }

    /// The newest hold, and whether it was released.
    async fn newest_hold(&self, stack: &str) -> Result<Option<(u64, bool)>, Error> {
        Ok(newest(&self.streams_of(stack, Some("hold/")).await?))
    }
}

impl Hold {
    /// The number of this hold; its journal has it too.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// For the deletions that happen under it.
    pub fn fence(&self) -> HoldFence {
        let looks = Arc::default();
        HoldFence { claims: self.claims.clone(), stack: self.stack.clone(), number: self.number, looks }
    }

    /// Gives it up. When that fails, the next one waits until it counts as silent.
    pub async fn release(mut self) {
        self.beat.shutdown().await;
        if let Err(error) = self.claims.ensure_stream(&self.stack, &format!("{}/released", stream(self.number))).await {
            tracing::warn!(stack = self.stack, %error, "the hold could not be released");
        }
    }
}

/// Asks whether a hold is still the newest; deletions that begin at the same time share an answer.
#[derive(Clone, Debug)]
pub struct HoldFence {
    claims: Claims,
    stack: String,
    number: u64,
    looks: Arc<Together<Result<Option<(u64, bool)>, Error>>>,
}

#[async_trait]
impl Fence for HoldFence {
    async fn check(&self) -> Result<(), Error> {
        let (claims, stack) = (self.claims.clone(), self.stack.clone());
        let look = async move { claims.newest_hold(&stack).await };
        match self.looks.read(self.stack.clone(), look).await? {
            Some((newest, _)) if newest == self.number => Ok(()),
            _ => Err(Error::new(
                ErrorClass::Foreign,
                "another apply has taken the stack over, since this one was not heard of for a while; nothing more is deleted here",
            )),
        }
    }
}

/// The newest hold among these streams, and whether it was released.
pub(super) fn newest(streams: &[String]) -> Option<(u64, bool)> {
    let number = streams.iter().filter_map(|name| parse(name, "hold")).map(|(n, _)| n).max()?;
    Some((number, streams.iter().any(|name| *name == format!("{}/released", stream(number)))))
}

/// The newest hold among these streams that was released; when only unreleased ones are left, the one before the oldest.
pub(super) fn released(streams: &[String]) -> u64 {
    let holds = || streams.iter().filter_map(|name| parse(name, "hold"));
    let released = holds().filter(|(_, rest)| *rest == "released").map(|(number, _)| number).max();
    let oldest = || holds().map(|(number, _)| number).min().unwrap_or_default();
    released.unwrap_or_else(|| oldest().saturating_sub(1))
}

/// Whether a hold has ended, from the newest one that is listed. Lists may lag behind, so that none, or an older one, says
/// nothing.
fn has_ended(number: u64, newest: Option<(u64, bool)>) -> bool {
    newest.is_some_and(|(newest, released)| newest > number || (newest == number && released))
}

fn stream(number: u64) -> String {
    format!("hold/{number:06}")
}

fn scaled(pace: Pace, plain: Duration, least: Duration) -> Duration {
    plain.div_f64(pace.factor()).max(least.min(plain))
}

/// Writes until it is stopped; a beat that fails is simply missing.
async fn heartbeat(claims: Claims, stack: String, number: u64, every: Duration) {
    let began = Instant::now();
    loop {
        let text = format!("{ALIVE}{} s", began.elapsed().as_secs());
        if let Err(error) = claims.write(&stack, &stream(number), vec![text]).await {
            tracing::debug!(stack, %error, "a heartbeat could not be written");
        }
        tokio::time::sleep(every).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_hold_counts_and_its_release_ends_it() {
        let rows: [(&[&str], Option<(u64, bool)>, u64); 7] = [
            (&[], None, 0),
            (&["owner/000001", "phase/000003/ready"], None, 0),
            (&["hold/000001"], Some((1, false)), 0),
            (&["hold/000001", "hold/000001/released"], Some((1, true)), 1),
            (&["hold/000002", "hold/000001", "hold/000001/released"], Some((2, false)), 1),
            (&["hold/000003", "hold/000002", "hold/000001", "hold/000001/released"], Some((3, false)), 1),
            (&["hold/000009", "hold/000008"], Some((9, false)), 7),
        ];
        for (streams, expected, last) in rows {
            let streams: Vec<String> = streams.iter().map(|s| (*s).to_owned()).collect();
            assert_eq!((newest(&streams), released(&streams)), (expected, last), "{streams:?}");
        }
    }

    #[test]
    fn only_a_release_or_a_newer_hold_ends_one() {
        let rows = [(None, false), (Some((1, true)), false), (Some((2, false)), false), (Some((2, true)), true)];
        for (newest, expected) in rows.into_iter().chain([(Some((3, false)), true)]) {
            assert_eq!(has_ended(2, newest), expected, "{newest:?}");
        }
    }

    #[test]
    fn an_accelerated_clock_leaves_room_for_a_busy_machine() {
        for (factor, beat, silence) in [(1.0, 15_000, 45_000), (10.0, 1_500, 4_500), (600.0, 1_000, 3_000)] {
            let pace = Pace::accelerated(factor);
            assert_eq!(scaled(pace, BEAT, LEAST_BEAT).as_millis(), beat, "{factor}");
            assert_eq!(scaled(pace, SILENCE, LEAST_SILENCE).as_millis(), silence, "{factor}");
        }
    }
}
