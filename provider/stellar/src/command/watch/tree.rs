//! The progress of an operation as lines on a screen: sections, and below them what runs, failed and waits. Pure.

use std::collections::BTreeMap;

use stellar_engine::Address;

use super::progress::{Progress, State};
use crate::report::minutes;

/// How a line is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// A heading.
    Head,
    /// Something runs.
    Running,
    /// Done, or waiting.
    Quiet,
    /// Everything below is done.
    Well,
    /// Something failed.
    Bad,
}

/// How wide names are before times line up anyway.
const NAME: usize = 34;
/// How many waiting components are named in one line.
const NAMED: usize = 3;

/// The lines at the moment `now` (seconds since the operation began).
pub fn lines(title: &str, progress: &Progress, now: u64) -> Vec<(Tone, String)> {
    let mut lines = head(title, progress, now);
    for (section, addresses) in progress.sections() {
        lines.extend(below(section, &addresses, progress, now));
    }
    lines.extend(progress.other.iter().map(|text| (Tone::Quiet, text.clone())));
    if let Some((well, text)) = &progress.end {
        let (tone, how) = if *well { (Tone::Well, "ended well") } else { (Tone::Bad, "failed") };
        let operation = progress.head.as_ref().map_or("it", |(_, operation, _)| operation.as_str());
        lines.push((tone, format!("{operation} {how} after {}: {text}", clock(progress.at))));
    }
    lines
}

fn head(title: &str, progress: &Progress, now: u64) -> Vec<(Tone, String)> {
    let (done, all) = progress.count();
    let Some((version, operation, about)) = &progress.head else {
        return vec![(Tone::Head, format!("{title} · {} · waiting for the journal", clock(now)))];
    };
    let mut first = format!("{title} · {operation} · {} · {done} of {all} done", clock(now));
    let left = progress.left(now);
    if progress.end.is_none() && left >= 30 {
        first.push_str(&format!(" · about {} min left", left.div_ceil(60)));
    }
    let whence = about.split_once(" by ").map_or(about.as_str(), |(_, whence)| whence);
    vec![(Tone::Head, first), (Tone::Quiet, format!("by {whence}, stellar {version}"))]
}

fn below(section: &str, addresses: &[&Address], progress: &Progress, now: u64) -> Vec<(Tone, String)> {
    let done = addresses.iter().filter(|address| progress.state(address) == State::Done).count();
    let all = addresses.len();
    if done == all {
        return vec![(Tone::Well, format!("✓ {section}  {all} done"))];
    }
    let mut lines = vec![(Tone::Head, format!("  {section}  {done} of {all} done"))];
    let mut waiting: BTreeMap<Option<&Address>, Vec<&str>> = BTreeMap::new();
    for address in addresses {
        let name = short(address);
        match progress.state(address) {
            State::Done => {}
            State::Running => {
                let usual = progress.expected(address);
                let of = if usual > 0 { format!(" of about {}", clock(usual)) } else { String::new() };
                lines
                    .push((Tone::Running, format!("    ▶ {name:NAME$} {}{of}", clock(progress.elapsed(address, now)))));
            }
            State::Failed(why) => {
                let after = clock(progress.elapsed(address, now));
                lines.push((Tone::Bad, format!("    ✗ {name:NAME$} {after}  {why}")));
            }
            State::Waiting => waiting.entry(progress.waits_for(address)).or_default().push(name),
        }
    }
    for (other, names) in waiting {
        let what = other.map_or("their turn", |other| relative(other, section));
        // What is waited for comes first: the end of a line is cut on a narrow screen.
        lines.push((
            Tone::Quiet,
            match names.as_slice() {
                [name] => format!("    · {name} waits for {what}"),
                _ => format!("    · {} wait for {what}: {}", names.len(), listed(&names)),
            },
        ));
    }
    lines
}

/// The first few names.
fn listed(names: &[&str]) -> String {
    let mut listed = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    if names.len() > NAMED {
        listed.push_str(", …");
    }
    listed
}

/// Without its section.
fn short(address: &Address) -> &str {
    address.as_str().split_once('/').map_or(address.as_str(), |(_, name)| name)
}

/// As it is called from within a section.
fn relative<'a>(address: &'a Address, section: &str) -> &'a str {
    if address.section() == section { short(address) } else { address.as_str() }
}

fn clock(seconds: u64) -> String {
    // Exact below 2^53 seconds.
    #[allow(clippy::cast_precision_loss)]
    let seconds = seconds as f64;
    minutes(seconds)
}
