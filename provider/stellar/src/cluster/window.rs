//! Windows as users write them: `03:00-04:00` every day, `sun:04:00-sun:05:00` every week. UTC.

use stellar_aws::Window;
use tfplugin_sdk::{Attr, Diagnostics, Path};

/// Checks a daily window of at least `least` minutes.
pub fn check_daily(value: &Attr<String>, least: u32, path: &Path, d: &mut Diagnostics) {
    check(value, true, "daily, such as \"03:00-04:00\"", least, path, d);
}

/// Checks a weekly window of at least `least` minutes.
pub fn check_weekly(value: &Attr<String>, least: u32, path: &Path, d: &mut Diagnostics) {
    check(value, false, "weekly, such as \"sun:04:00-sun:05:00\"", least, path, d);
}

/// True when two known windows have a moment in common; AWS refuses a daily and a weekly one that do.
pub fn overlap(daily: &Attr<String>, weekly: &Attr<String>) -> bool {
    let parse = |window: &Attr<String>| window.known().and_then(|text| text.parse::<Window>().ok());
    matches!((parse(daily), parse(weekly)), (Some(daily), Some(weekly)) if daily.overlaps(&weekly))
}

fn check(value: &Attr<String>, daily: bool, kind: &str, least: u32, path: &Path, d: &mut Diagnostics) {
    let Attr::Known(text) = value else { return };
    let detail = match text.parse::<Window>() {
        Err(error) => format!("{error}."),
        Ok(window) if window.is_daily() != daily => format!("{text:?} must be {kind}, in UTC."),
        Ok(window) if window.minutes() < least => format!("{text:?} is shorter than {least} minutes."),
        Ok(_) => return,
    };
    d.attribute_error(path.clone(), "Invalid window", detail);
}
