//! The page: one file that holds everything, for screens large and small, light and dark.

use std::collections::{BTreeMap, BTreeSet};

use stellar_engine::{Action, Address};

use super::{Bar, Report, minutes, path::critical};

const STYLE: &str = include_str!("page.css");
/// Seconds between two marks of the time axis.
const STEPS: [f64; 12] = [1.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0];
/// Most marks of the time axis.
const MARKS: f64 = 10.0;
/// What took a smaller part of the whole is brief: such components share a line …
const BRIEF: f64 = 0.02;
/// … when there are more of them in a section than this.
const FEW: usize = 3;
/// So much slower than usual is worth a word.
const SLOW: f64 = 1.2;

/// The report as a page of HTML.
pub(super) fn page(report: &Report) -> String {
    let head = &report.head;
    let title = format!("{} · {}", head.stack, head.operation);
    let (badge, word) = if report.is_well() { ("well", "ended well") } else { ("bad", "not finished") };
    let mut out = String::new();
    let body = [
        format!("<h1>{} <span class=\"badge {badge}\">{word}</span></h1>", escape(&title)),
        format!(
            "<div class=\"soft\">{} · began {} · by <code>{}</code> from <code>{}</code></div>",
            escape(&head.region),
            escape(&report.began),
            escape(&head.by),
            escape(&head.from)
        ),
        tiles(report),
        failures(report),
        waiting(report),
        chain(report),
        timeline(report),
        retained(report),
        calls(report),
    ];
    out.push_str(&format!("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n{}\n\
         <footer>Written by terraform-provider-stellar {}. Times are minutes and seconds since the operation began.</footer>\n\
         </body>\n</html>\n",
        escape(&title),
        body.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n"),
        env!("CARGO_PKG_VERSION")));
    out
}

fn tiles(report: &Report) -> String {
    let done = report.bars.iter().filter(|bar| bar.failed.is_none() && bar.end.is_some()).count();
    let (calls, refused) = report.calls.iter().fold((0, 0), |(calls, no), each| (calls + each.1, no + each.2));
    let path: f64 = critical(report).iter().map(|bar| length(report, bar)).sum();
    let mut tiles = vec![
        (minutes(report.seconds), "in all".to_owned()),
        (minutes(path), "of it on the critical path".to_owned()),
        (done.to_string(), "components done".to_owned()),
    ];
    let broken = report.bars.len() - done;
    if broken > 0 {
        tiles.push((broken.to_string(), "failed or interrupted".to_owned()));
    }
    if !report.waiting.is_empty() {
        tiles.push((report.waiting.len().to_string(), "not begun".to_owned()));
    }
    let answer =
        if refused > 0 { format!("calls to AWS, {refused} refused or repeated") } else { "calls to AWS".to_owned() };
    tiles.push((calls.to_string(), answer));
    let tile =
        |(number, what): &(String, String)| format!("<div class=\"tile\"><b>{number}</b><span>{what}</span></div>");
    format!("<div class=\"tiles\">{}</div>", tiles.iter().map(tile).collect::<String>())
}

fn failures(report: &Report) -> String {
    let of_bar = |bar: &Bar| match (&bar.failed, bar.end) {
        (Some(why), _) => Some((bar.address.to_string(), why.clone())),
        (None, None) => Some((bar.address.to_string(), "interrupted".to_owned())),
        (None, Some(_)) => None,
    };
    let afterwards = report.trouble.iter().map(|why| ("census".to_owned(), why.clone()));
    let lines = report.bars.iter().filter_map(of_bar).chain(afterwards);
    let lines = lines.map(|(what, why)| format!("<li><code>{}</code>: {}</li>", escape(&what), escape(&why)));
    section("What went wrong", "bad", lines.collect())
}

fn waiting(report: &Report) -> String {
    let line = |(address, others): &(Address, Vec<Address>)| {
        let others: Vec<String> =
            others.iter().map(|other| format!("<code>{}</code>", escape(other.as_str()))).collect();
        let waits = if others.is_empty() { String::new() } else { format!(" waits for {}", others.join(", ")) };
        format!("<li><code>{}</code>{waits}</li>", escape(address.as_str()))
    };
    section("Not begun", "", report.waiting.iter().map(line).collect())
}

fn retained(report: &Report) -> String {
    let lines = report.retained.iter().map(|line| format!("<li>{}</li>", escape(line)));
    section("What stays on purpose", "", lines.collect())
}

fn section(title: &str, class: &str, lines: Vec<String>) -> String {
    if lines.is_empty() {
        return String::new();
    }
    format!("<h2>{title}</h2>\n<ul class=\"list {class}\">\n{}\n</ul>", lines.join("\n"))
}

/// The steps of the critical path that take their time.
fn chain(report: &Report) -> String {
    let path = critical(report);
    let shown = path.iter().filter(|bar| length(report, bar) >= 1.0);
    let row = |bar: &&Bar| {
        let took = length(report, bar);
        let usual = usually(bar);
        let slower =
            usual.filter(|usual| took > usual * SLOW).map(|usual| format!(" · {} slower", minutes(took - usual)));
        format!(
            "<tr><td><code>{}</code> <span class=\"soft\">{}</span></td><td class=\"n\">{}</td><td class=\"n\">{}</td>\
             <td class=\"n soft\">{}{}</td></tr>",
            escape(bar.address.as_str()),
            escape(&bar.noun),
            minutes(bar.begin),
            minutes(took),
            usual.map_or_else(|| "–".to_owned(), minutes),
            slower.map_or_else(String::new, |slower| format!("<b>{slower}</b>")),
        )
    };
    let rows: String = shown.map(row).collect();
    if rows.is_empty() {
        return String::new();
    }
    format!(
        "<h2>Critical path</h2>\n<p class=\"soft\">Each step waited for the one above it; the whole could only be faster if one of \
         these were.</p>\n<table><tr><th>component</th><th class=\"n\">began</th><th class=\"n\">took</th>\
         <th class=\"n\">usually</th></tr>{rows}</table>"
    )
}

/// Seconds that it usually takes, if that is long enough to be known.
fn usually(bar: &Bar) -> Option<f64> {
    (bar.expected >= 1.0).then(|| f64::from(bar.expected) * 60.0)
}

fn timeline(report: &Report) -> String {
    if report.bars.is_empty() {
        return String::new();
    }
    let span = report.seconds.max(1.0);
    let step = STEPS.into_iter().find(|step| span / step <= MARKS).unwrap_or(span);
    let path: BTreeSet<&Address> = critical(report).iter().map(|bar| &bar.address).collect();
    let mut sections: BTreeMap<&str, Vec<&Bar>> = BTreeMap::new();
    for bar in &report.bars {
        sections.entry(bar.address.section()).or_default().push(bar);
    }
    let mut sections: Vec<(&str, Vec<&Bar>)> = sections.into_iter().collect();
    sections.sort_by(|(_, a), (_, b)| first(a).total_cmp(&first(b)));
    let mut out = String::from("<h2>Timeline</h2>\n<div class=\"key\">");
    let keys =
        [("--crit", "critical path"), ("--bar", "work"), ("--rest", "deletion"), ("--bad", "failed or interrupted")];
    for (colour, what) in keys {
        out.push_str(&format!("<span><i style=\"background:var({colour})\"></i>{what}</span>"));
    }
    out.push_str(&format!("</div>\n<div style=\"--step:{:.4}%\">\n{}", step / span * 100.0, axis(span, step)));
    for (name, bars) in &sections {
        out.push_str(&heading(name, bars, span));
        let is_critical = |bar: &Bar| path.contains(&bar.address);
        let is_brief = |bar: &Bar| {
            bar.end.is_some() && bar.failed.is_none() && length(report, bar) < span * BRIEF && !is_critical(bar)
        };
        let (brief, told): (Vec<&Bar>, Vec<&Bar>) = bars.iter().copied().partition(|bar| is_brief(bar));
        let (brief, told) = if brief.len() > FEW { (brief, told) } else { (Vec::new(), bars.clone()) };
        for bar in told {
            out.push_str(&row(report, bar, is_critical(bar), span));
        }
        if !brief.is_empty() {
            out.push_str(&together(report, &brief, span));
        }
    }
    out.push_str("</div>");
    out
}

/// A section's name, and when something was done in it.
fn heading(name: &str, bars: &[&Bar], span: f64) -> String {
    let last = bars.iter().map(|bar| bar.end.unwrap_or(span)).fold(0.0, f64::max);
    format!(
        "<h3 class=\"row\"><span>{} <small>{} · {} – {}</small></span><span class=\"track\">{}</span></h3>\n",
        escape(name),
        bars.len(),
        minutes(first(bars)),
        minutes(last),
        mark("all", first(bars), last, span)
    )
}

/// One line for what took no time worth looking at, to be opened.
fn together(report: &Report, bars: &[&Bar], span: f64) -> String {
    let longest = bars.iter().map(|bar| length(report, bar)).fold(0.0, f64::max);
    let marks: String = bars.iter().map(|bar| mark("bar", bar.begin, bar.end.unwrap_or(span), span)).collect();
    let rows: String = bars.iter().map(|bar| row(report, bar, false, span)).collect();
    let class = if bars.iter().all(|bar| bar.action == Action::Delete) { "c brief delete" } else { "c brief" };
    format!(
        "<details class=\"{class}\"><summary class=\"row\"><span class=\"name\">{} brief ones, up to {}</span>\
         <span class=\"track\">{marks}</span></summary>\n{rows}</details>\n",
        bars.len(),
        minutes(longest),
    )
}

/// A stretch of time on a track.
fn mark(class: &str, begin: f64, end: f64, span: f64) -> String {
    let percent = |seconds: f64| (seconds / span * 100.0).clamp(0.0, 100.0);
    let (begin, end) = (percent(begin), percent(end));
    format!("<span class=\"{class}\" style=\"left:{begin:.3}%;width:{:.3}%\"></span>", end - begin)
}

fn first(bars: &[&Bar]) -> f64 {
    bars.iter().map(|bar| bar.begin).fold(f64::INFINITY, f64::min)
}

fn axis(span: f64, step: f64) -> String {
    let mut marks = String::new();
    let mut at = 0.0;
    // A label at the very end would not fit.
    while at < span * 0.96 {
        marks.push_str(&format!("<span style=\"left:{:.3}%\">{}</span>", at / span * 100.0, minutes(at)));
        at += step;
    }
    format!("<div class=\"axis\"><div></div><div>{marks}</div></div>\n")
}

fn row(report: &Report, bar: &Bar, is_critical: bool, span: f64) -> String {
    let percent = |seconds: f64| (seconds / span * 100.0).clamp(0.0, 100.0);
    let (begin, end) = (percent(bar.begin), percent(bar.end.unwrap_or(report.seconds)));
    let mut class = "c".to_owned();
    for (name, applies) in [
        ("crit", is_critical),
        ("delete", bar.action == Action::Delete),
        ("failed", bar.failed.is_some()),
        ("cut", bar.failed.is_none() && bar.end.is_none()),
    ] {
        if applies {
            class.push(' ');
            class.push_str(name);
        }
    }
    let took = length(report, bar);
    // Beside the bar, on the side that has room.
    let side = if end > 88.0 { format!("right:{:.3}%", 100.0 - begin) } else { format!("left:{end:.3}%") };
    let label = if took >= 1.0 {
        format!("<span class=\"took\" style=\"{side}\">{}</span>", minutes(took))
    } else {
        String::new()
    };
    let name = bar.address.as_str().split_once('/').map_or(bar.address.as_str(), |(_, rest)| rest);
    format!(
        "<details class=\"{class}\"><summary class=\"row\"><span class=\"name\">{}</span><span class=\"track\">{}{label}</span>\
         </summary><p>{}</p></details>\n",
        escape(name),
        mark("bar", bar.begin, bar.end.unwrap_or(report.seconds), span),
        story(report, bar),
    )
}

/// What one component's line says when it is opened.
fn story(report: &Report, bar: &Bar) -> String {
    let verb = match bar.action {
        Action::Create => "created",
        Action::Update => "changed",
        Action::Replace => "replaced",
        Action::Delete => "deleted",
        Action::Wait => "waited for",
    };
    let id = bar.id.as_ref().map(|id| format!(" <code>{}</code>", escape(id))).unwrap_or_default();
    let end = bar.end.unwrap_or(report.seconds);
    let mut text = format!(
        "{}{id}, {verb} · {} – {} ({})",
        escape(&bar.noun),
        minutes(bar.begin),
        minutes(end),
        minutes(end - bar.begin)
    );
    if bar.expected >= 1.0 {
        text.push_str(&format!(" · usually about {:.0} min", bar.expected));
    }
    let before = report.bars.iter().filter(|other| bar.after.contains(&other.address));
    let last = before.max_by(|a, b| a.end.unwrap_or_default().total_cmp(&b.end.unwrap_or_default()));
    if let Some(last) = last {
        let until = minutes(last.end.unwrap_or(report.seconds));
        text.push_str(&format!(" · waited for <code>{}</code> until {until}", escape(last.address.as_str())));
    }
    if let Some(why) = &bar.failed {
        text.push_str(&format!("<br>{}", escape(why)));
    }
    text
}

fn calls(report: &Report) -> String {
    if report.calls.is_empty() {
        return String::new();
    }
    let row = |(operation, calls, refused): &(String, u64, u64)| {
        let refused = if *refused > 0 { refused.to_string() } else { String::new() };
        format!(
            "<tr><td><code>{}</code></td><td class=\"n\">{calls}</td><td class=\"n\">{refused}</td></tr>",
            escape(operation)
        )
    };
    format!(
        "<h2>Calls to AWS</h2>\n<details><summary class=\"soft\">by operation</summary>\n<p class=\"soft\">Of the whole process in \
         this time, other stacks of the same run included. Refused: throttled, not yet possible, or an object that was looked for \
         and does not exist.</p>\n<table><tr><th>operation</th><th class=\"n\">calls</th><th class=\"n\">refused</th></tr>{}</table>\
         </details>",
        report.calls.iter().map(row).collect::<String>()
    )
}

fn length(report: &Report, bar: &Bar) -> f64 {
    bar.end.unwrap_or(report.seconds) - bar.begin
}

/// Text for HTML, also within attributes.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}
