//! Recurring times at which AWS does its work: `03:00-04:00` every day, `sun:04:00-sun:05:00` every week. UTC.
//!
//! RDS and ElastiCache want a daily window, for backups, and a weekly one, for maintenance, that do not overlap. Where only one
//! of them is given they choose the other without a look at it, and then refuse the two.

use std::{fmt, str::FromStr};

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
    /// Whether it comes every day; otherwise every week.
    pub fn is_daily(&self) -> bool {
        self.every == DAY
    }

    /// Its length.
    pub fn minutes(&self) -> u32 {
        self.minutes
    }

    /// True when some moment is in both, on any day.
    pub fn overlaps(&self, other: &Self) -> bool {
        let starts = |window: &Self| (window.start..WEEK).step_by(window.every.max(1) as usize).collect::<Vec<_>>();
        let meets = |a: u32, b: u32| (b + WEEK - a) % WEEK < self.minutes || (a + WEEK - b) % WEEK < other.minutes;
        starts(self).into_iter().any(|a| starts(other).into_iter().any(|b| meets(a, b)))
    }

    /// The hour after it: every day for a weekly window, on Sundays for a daily one. `None` if that overlaps all the same.
    fn beside(&self) -> Option<Self> {
        let end = (self.start + self.minutes) % DAY;
        let (start, every) = if self.is_daily() { (6 * DAY + end, WEEK) } else { (end, DAY) };
        let hour = Self { start, minutes: 60, every };
        (!self.overlaps(&hour)).then_some(hour)
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = |minute: u32| {
            let (day, hour, minute) = (minute / DAY % 7, minute % DAY / 60, minute % 60);
            let day = if self.is_daily() { String::new() } else { format!("{}:", DAYS[day as usize]) };
            format!("{day}{hour:02}:{minute:02}")
        };
        write!(f, "{}-{}", moment(self.start), moment(self.start + self.minutes))
    }
}

/// For a creation: the window that is wanted, or else one beside the `other` that is, so that what AWS would choose cannot
/// overlap it.
pub(crate) fn or_beside(wanted: Option<&String>, other: Option<&String>) -> Option<String> {
    wanted.cloned().or_else(|| Some(parse(other)?.beside()?.to_string()))
}

/// For a change: where the window that AWS has chosen, `found`, has to go, since the `other` one that is wanted overlaps it.
pub(crate) fn displaced(found: Option<&String>, wanted: Option<&String>, other: Option<&String>) -> Option<String> {
    let (found, other) = (parse(found)?, parse(other)?);
    (wanted.is_none() && found.overlaps(&other)).then(|| Some(other.beside()?.to_string())).flatten()
}

fn parse(text: Option<&String>) -> Option<Window> {
    text?.parse().ok()
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

    #[test]
    fn what_nobody_has_chosen_makes_way() {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let rows = [
            // wanted, the other, for a creation
            ("", "", ""),
            ("", "nonsense", ""),
            ("03:00-04:00", "sun:04:00-sun:05:00", "03:00-04:00"),
            ("", "sun:04:00-sun:05:00", "05:00-06:00"),
            ("", "sat:23:30-sun:00:30", "00:30-01:30"),
            ("", "23:00-00:00", "sun:00:00-sun:01:00"),
            ("", "22:00-23:30", "sun:23:30-mon:00:30"),
            ("", "01:00-00:30", ""),
        ];
        for (wanted, other, expected) in rows {
            assert_eq!(or_beside(text(wanted).as_ref(), text(other).as_ref()), text(expected), "{wanted} {other}");
        }
        let rows = [
            // found, wanted, the other, for a change
            ("04:30-05:00", "", "sun:04:00-sun:05:00", "05:00-06:00"),
            ("sun:04:30-sun:05:00", "", "04:00-05:00", "sun:05:00-sun:06:00"),
            ("03:00-04:00", "", "sun:04:00-sun:05:00", ""),
            ("04:30-05:00", "02:00-03:00", "sun:04:00-sun:05:00", ""),
            ("04:30-05:00", "", "", ""),
            ("", "", "sun:04:00-sun:05:00", ""),
        ];
        for (found, wanted, other, expected) in rows {
            let moved = displaced(text(found).as_ref(), text(wanted).as_ref(), text(other).as_ref());
            assert_eq!(moved, text(expected), "{found} {wanted} {other}");
        }
    }

    #[test]
    fn windows_are_written_as_they_are_read() {
        for text in ["03:00-04:00", "23:30-00:30", "sun:23:30-mon:00:30", "mon:00:00-mon:01:00"] {
            assert_eq!(text.parse::<Window>().unwrap().to_string(), text);
        }
    }
}
