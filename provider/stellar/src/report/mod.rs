//! What an operation did and how long it took: lines for the journal while it runs, a page to look at afterwards.

mod chronicle;
mod html;
mod path;

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

pub use chronicle::{Chronicle, Head};
use stellar_engine::{Action, Address};

/// Everything that the page of one operation shows. Times are seconds of AWS's time since its beginning.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Who did what.
    pub head: Head,
    /// When it began, as `2026-11-30 17:04:05 UTC`.
    pub began: String,
    /// How long it took.
    pub seconds: f64,
    /// The components on which it worked, in order of their beginning.
    pub bars: Vec<Bar>,
    /// Components that were not begun, with what they waited for.
    pub waiting: Vec<(Address, Vec<Address>)>,
    /// What stays on purpose.
    pub retained: Vec<String>,
    /// Operations of AWS: calls, and how many of them were refused or repeated.
    pub calls: Vec<(String, u64, u64)>,
    /// What went wrong after everything was done.
    pub trouble: Option<String>,
}

/// Work on one component.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// The component.
    pub address: Address,
    /// For people: `NAT gateway`.
    pub noun: String,
    /// What was to be done.
    pub action: Action,
    /// Id of the object, as far as known.
    pub id: Option<String>,
    /// When the work began.
    pub begin: f64,
    /// When it ended; `None` = it was interrupted.
    pub end: Option<f64>,
    /// Why it failed.
    pub failed: Option<String>,
    /// Typical minutes.
    pub expected: f32,
    /// The components before it.
    pub after: Vec<Address>,
}

impl Report {
    /// True when everything planned was done.
    pub fn is_well(&self) -> bool {
        self.trouble.is_none()
            && self.waiting.is_empty()
            && self.bars.iter().all(|bar| bar.failed.is_none() && bar.end.is_some())
    }

    /// Writes the page into the directory, whole or not at all; answers where.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn write(&self, directory: &Path) -> io::Result<PathBuf> {
        static WRITTEN: AtomicU64 = AtomicU64::new(0);
        fs::create_dir_all(directory)?;
        let stamp: String = self.began.chars().filter(char::is_ascii_digit).collect();
        let name = format!("{}-{stamp}-{}.html", self.head.stack, self.head.operation);
        let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
        let draft = directory.join(format!(".{name}.{}-{number}", std::process::id()));
        let path = directory.join(name);
        let written = fs::write(&draft, html::page(self)).and_then(|()| fs::rename(&draft, &path));
        if written.is_err() {
            // Nobody needs half a page.
            drop(fs::remove_file(&draft));
        }
        written.map(|()| path)
    }
}

/// `2026-11-30 17:04:05 UTC`.
pub fn clock(moment: SystemTime) -> String {
    let whole = moment.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let text = humantime::format_rfc3339_seconds(UNIX_EPOCH + std::time::Duration::from_secs(whole)).to_string();
    text.replace('T', " ").replace('Z', " UTC")
}

/// `9:05` for 545 seconds, `1:02:03` beyond an hour.
pub fn minutes(seconds: f64) -> String {
    // Never negative, and far below 2^53.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let whole = seconds.max(0.0).round() as u64;
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

#[cfg(test)]
mod tests;
