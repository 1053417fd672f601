//! Recurring times at which AWS does its work: `03:00-04:00` every day, `sun:04:00-sun:05:00` every week. UTC.

use std::str::FromStr;

use tfplugin_sdk::{Attr, Diagnostics, Path};

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const DAY: u32 = 24 * 60;
const WEEK: u32 = 7 * DAY;

/// A window: its start and length in minutes, and after how many minutes it comes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    start: u32,
    minutes: u32,
    every: u32,
}

/// A text that is no window.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a window such as \"03:00-04:00\" (daily) or \"sun:04:00-sun:05:00\" (weekly), in UTC")]
pub struct InvalidWindow(String);

impl FromStr for Window {
    type Err = InvalidWindow;

    fn from_str(text: &str) -> Result<Self, InvalidWindow> {
        let parse = || {
            let (from, to) = text.split_once('-')?;
            let ((start, every), (end, end_every)) = (moment(from)?, moment(to)?);
            let minutes = (end + every - start) % every;
            (every == end_every).then_some(Self { start, minutes, every })
        };
        parse().ok_or_else(|| InvalidWindow(text.to_owned()))
    }
}

/// `hh:mm` or `ddd:hh:mm`, as minutes since its day or week began, and the minutes of that day or week.
fn moment(text: &str) -> Option<(u32, u32)> {
    let (day, time) = match text.get(3..4) {
        Some(":") => (Some(text.get(..3)?), text.get(4..)?),
        _ => (None, text),
    };
    let (hours, minutes) = time.split_once(':')?;
    let two_digits = |part: &str, below: u32| {
        let number: u32 = part.parse().ok()?;
        let is_plain = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        (is_plain && number < below).then_some(number)
    };
    let minute = two_digits(hours, 24)? * 60 + two_digits(minutes, 60)?;
    match day {
        None => Some((minute, DAY)),
        Some(day) => {
            let number = (0..).zip(DAYS).find(|(_, name)| *name == day)?.0;
            Some((number * DAY + minute, WEEK))
        }
    }
}

impl Window {
    /// True when some moment is in both, on any day.
    pub fn overlaps(&self, other: &Self) -> bool {
        let starts = |window: &Self| (window.start..WEEK).step_by(window.every.max(1) as usize).collect::<Vec<_>>();
        let meets = |a: u32, b: u32| (b + WEEK - a) % WEEK < self.minutes || (a + WEEK - b) % WEEK < other.minutes;
        starts(self).into_iter().any(|a| starts(other).into_iter().any(|b| meets(a, b)))
    }
}

/// Checks a daily window of at least `least` minutes.
pub fn check_daily(value: &Attr<String>, least: u32, path: &Path, d: &mut Diagnostics) {
    check(value, DAY, "daily, such as \"03:00-04:00\"", least, path, d);
}

/// Checks a weekly window of at least `least` minutes.
pub fn check_weekly(value: &Attr<String>, least: u32, path: &Path, d: &mut Diagnostics) {
    check(value, WEEK, "weekly, such as \"sun:04:00-sun:05:00\"", least, path, d);
}

fn check(value: &Attr<String>, every: u32, kind: &str, least: u32, path: &Path, d: &mut Diagnostics) {
    let Attr::Known(text) = value else { return };
    let detail = match text.parse::<Window>() {
        Err(error) => format!("{error}."),
        Ok(window) if window.every != every => format!("{text:?} must be {kind}, in UTC."),
        Ok(window) if window.minutes < least => format!("{text:?} is shorter than {least} minutes."),
        Ok(_) => return,
    };
    d.attribute_error(path.clone(), "Invalid window", detail);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_read_as_aws_writes_them() {
        let rows = [
            ("03:00-04:00", Some((180, 60, DAY))),
            ("23:30-00:30", Some((1410, 60, DAY))),
            ("mon:00:00-mon:01:00", Some((0, 60, WEEK))),
            ("sun:23:30-mon:00:30", Some((WEEK - 30, 60, WEEK))),
            ("3:00-4:00", None),
            ("03:00", None),
            ("24:00-25:00", None),
            ("03:60-04:00", None),
            ("+3:00-04:00", None),
            ("day:03:00-day:04:00", None),
            ("Sun:04:00-Sun:05:00", None),
            ("sun:04:00-05:00", None),
            ("", None),
        ];
        for (text, expected) in rows {
            let window = expected.map(|(start, minutes, every)| Window { start, minutes, every });
            assert_eq!(text.parse().ok(), window, "{text}");
        }
    }

    #[test]
    fn windows_overlap_on_any_day() {
        let rows = [
            ("03:00-04:00", "sun:04:00-sun:05:00", false),
            ("03:00-04:01", "sun:04:00-sun:05:00", true),
            ("04:30-04:40", "wed:04:00-wed:05:00", true),
            ("23:30-00:30", "mon:00:00-mon:01:00", true),
            ("00:30-01:00", "sun:23:00-mon:00:30", false),
            ("00:00-01:00", "sun:23:00-mon:00:30", true),
        ];
        for (daily, weekly, expected) in rows {
            let (daily, weekly): (Window, Window) = (daily.parse().unwrap(), weekly.parse().unwrap());
            assert_eq!(daily.overlaps(&weekly), expected, "{daily:?} {weekly:?}");
            assert_eq!(weekly.overlaps(&daily), expected, "{weekly:?} {daily:?}");
        }
    }
}
