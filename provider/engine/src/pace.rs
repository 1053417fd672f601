//! How long to wait before the next look: readiness is a value, not a sleep.

use std::time::Duration;

use tokio::time::Instant;

const FIRST: Duration = Duration::from_millis(300);
const SHORTEST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(15);
/// The next look comes after this share of the time waited so far: an object that takes ten minutes
/// is noticed at most twelve seconds late, one that takes ten seconds within half a second.
const SHARE: f64 = 0.02;
/// With an accelerated clock the intervals shrink, but not to a flood of requests.
const FLOOR: Duration = Duration::from_millis(20);

/// The least time of our own before a limit counts as passed: a busy machine needs as much for the work itself.
const LEAST: Duration = Duration::from_secs(60);

/// The relation of AWS's time to the local clock: 1 on AWS, more against an accelerated simulator.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    factor: f64,
}

impl Default for Pace {
    fn default() -> Self {
        Self { factor: 1.0 }
    }
}

impl Pace {
    /// A pace for a clock that runs `factor` times as fast; values below 1 count as 1.
    pub fn accelerated(factor: f64) -> Self {
        Self { factor: if factor.is_finite() { factor.max(1.0) } else { 1.0 } }
    }

    /// How many times as fast AWS's clock runs as ours; 1 on AWS.
    pub fn factor(self) -> f64 {
        self.factor
    }

    /// The time of AWS that has passed since `start`.
    pub fn since(self, start: Instant) -> Duration {
        start.elapsed().mul_f64(self.factor)
    }

    /// Whether a limit in AWS's time has passed. Against an accelerated simulator some seconds of our
    /// own time must have passed too: there, a busy machine's pause looks like minutes.
    pub fn passed(self, start: Instant, limit: Duration) -> bool {
        self.since(start) > limit && (self.factor <= 1.0 || start.elapsed() > LEAST)
    }

    /// What a limit in AWS's time takes on the local clock, with the same allowance as [`Pace::passed`].
    pub fn local(self, limit: Duration) -> Duration {
        if self.factor > 1.0 { limit.div_f64(self.factor).max(LEAST) } else { limit }
    }

    /// The local interval before the next look, given how long (in AWS's time) we have waited.
    pub fn interval(self, waited: Duration) -> Duration {
        let plain = if waited.is_zero() { FIRST } else { waited.mul_f64(SHARE).clamp(SHORTEST, LONGEST) };
        let jittered = plain.mul_f64(0.9 + 0.2 * fastrand::f64());
        let local = jittered.div_f64(self.factor);
        if self.factor > 1.0 { local.max(FLOOR) } else { local }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_grow_with_the_wait_within_bounds() {
        for (waited, low, high) in [(0, 270, 330), (1, 450, 550), (100, 1800, 2200), (3600, 13500, 16500)] {
            let interval = Pace::default().interval(Duration::from_secs(waited)).as_millis();
            assert!((low..=high).contains(&interval), "{waited} s: {interval} ms");
        }
        assert!(Pace::accelerated(600.0).interval(Duration::from_secs(1)) >= FLOOR);
    }

    #[test]
    fn a_limit_shrinks_with_the_clock_but_leaves_time_for_the_work() {
        let hour = Duration::from_secs(3600);
        for (factor, seconds) in [(1.0, 3600), (10.0, 360), (600.0, 60)] {
            assert_eq!(Pace::accelerated(factor).local(hour), Duration::from_secs(seconds), "factor {factor}");
        }
    }
}
