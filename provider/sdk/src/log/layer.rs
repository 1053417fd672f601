//! One event, one line of JSON.
//!
//! Terraform's parser is strict: `@timestamp` has exactly six fractional digits, the three `@` keys are strings, and a
//! line stays under 64 KiB. What breaks a rule is shown as raw text, or crashes Terraform.

use std::fmt::Debug;
use std::io::Write;
use std::sync::Mutex;

use serde_json::{Map, Value as Json};
use time::format_description::StaticFormatDescription;
use time::macros::format_description;
use time::{OffsetDateTime, UtcDateTime};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::mask::masked;

const TIMESTAMP: StaticFormatDescription =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");

/// Longest text of one field, so that a line stays under 64 KiB.
const LONGEST_TEXT: usize = 16 << 10;

/// Longest line.
const LONGEST_LINE: usize = 60 << 10;

/// Writes lines to what `make` gives.
pub(super) struct Lines<F> {
    make: F,
    /// Lines of parallel tasks must not mix.
    turn: Mutex<()>,
}

impl<F> Lines<F> {
    pub(super) fn new(make: F) -> Self {
        Self { make, turn: Mutex::new(()) }
    }
}

/// The fields of a span, kept with it.
struct Fields(Map<String, Json>);

impl<F, W, S> Layer<S> for Lines<F>
where
    F: Fn() -> W + 'static,
    W: Write,
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Map::new();
        attributes.record(&mut Recorder(&mut fields));
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(Fields(fields));
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(Fields(fields)) = span.extensions_mut().get_mut() {
            values.record(&mut Recorder(fields));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Map::new();
        for span in context.event_scope(event).into_iter().flatten().collect::<Vec<_>>().into_iter().rev() {
            if let Some(Fields(inherited)) = span.extensions().get() {
                fields.extend(inherited.clone());
            }
        }
        event.record(&mut Recorder(&mut fields));
        let message = fields.remove("message");
        let line = line(event, message.as_ref().and_then(Json::as_str).unwrap_or_default(), fields);
        let _turn = self.turn.lock();
        // There is no other place to tell that the log cannot be written.
        let _ = (self.make)().write_all(line.as_bytes());
    }
}

fn line(event: &Event<'_>, message: &str, fields: Map<String, Json>) -> String {
    let metadata = event.metadata();
    let now = UtcDateTime::from(OffsetDateTime::now_utc());
    let head = [
        ("@level", level(*metadata.level()).to_owned()),
        ("@message", message.to_owned()),
        ("@module", metadata.target().replace("::", ".")),
        ("@timestamp", now.format(TIMESTAMP).unwrap_or_default()),
    ];
    let mut object: Map<String, Json> = head.into_iter().map(|(key, value)| (key.to_owned(), value.into())).collect();
    let mut line = Json::Object(object.clone()).to_string();
    object.extend(fields);
    let whole = Json::Object(object).to_string();
    if whole.len() <= LONGEST_LINE {
        line = whole;
    }
    line.push('\n');
    line
}

fn level(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        Level::INFO => "info",
        Level::DEBUG => "debug",
        Level::TRACE => "trace",
    }
}

/// Fields as JSON: numbers and bools as they are, everything else as masked text.
struct Recorder<'a>(&'a mut Map<String, Json>);

impl Recorder<'_> {
    fn text(&mut self, field: &Field, text: &str) {
        let mut text = masked(field.name(), text);
        if text.len() > LONGEST_TEXT {
            text.truncate(text.floor_char_boundary(LONGEST_TEXT));
            text.push('…');
        }
        self.0.insert(field.name().into(), text.into());
    }
}

impl Visit for Recorder<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.text(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().into(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().into(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().into(), value.into());
    }
}
