//! Takes down what happens while it happens.

use std::{collections::BTreeMap, sync::Mutex, time::SystemTime};

use stellar_aws::{
    Counted,
    claim::{Line, Pen, Word},
};
use stellar_engine::{Action, Address, Error, Event, EventKind, Graph, Kinds, Outcome, Plan};
use tokio::time::Instant;

use super::{Bar, Report, clock};
use crate::session::Session;

/// Who does what.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Head {
    /// The stack's name.
    pub stack: String,
    /// Its region.
    pub region: String,
    /// `create`, `update` or `destroy`.
    pub operation: String,
    /// ARN of the caller.
    pub by: String,
    /// Workspace, or host and directory.
    pub from: String,
}

/// One operation while it runs.
#[derive(Debug)]
pub struct Chronicle {
    pen: Pen,
    began: (Instant, SystemTime),
    calls: Counted,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    head: Head,
    plan: BTreeMap<Address, (Action, f32)>,
    works: Vec<Work>,
}

/// Work on a component, as its events tell it.
#[derive(Debug)]
struct Work {
    address: Address,
    kind: &'static str,
    begin: f64,
    end: Option<f64>,
    id: Option<String>,
    failed: Option<String>,
}

impl Chronicle {
    /// Begins now.
    pub fn new(pen: Pen) -> Self {
        let began = (Instant::now(), SystemTime::now());
        Self { pen, began, calls: stellar_aws::counted(), state: Mutex::default() }
    }

    /// Says in the journal what will be done.
    pub fn begin(&self, head: Head, plan: &Plan) {
        let Head { stack, region, operation, by, from } = &head;
        let about = format!("{stack} in {region} by {by} from {from}");
        let version = env!("CARGO_PKG_VERSION").to_owned();
        self.pen.line(Line::Begin { version, operation: operation.clone(), about });
        for line in Line::plan(plan.changes.iter().map(|change| (change.action, &change.address))) {
            self.pen.line(line);
        }
        let mut state = self.state();
        state.head = head;
        state.plan =
            plan.changes.iter().map(|change| (change.address.clone(), (change.action, change.minutes))).collect();
    }

    /// Takes an event down.
    pub fn note(&self, event: &Event) {
        let at = self.now();
        let mut state = self.state();
        let work = state.work(event, at);
        let took = |work: &Work| whole(at - work.begin);
        let what = match &event.what {
            EventKind::Started => Word::Started,
            EventKind::Created(id) => {
                work.id = Some(id.clone());
                Word::Created(id.clone())
            }
            EventKind::Updating(fields) => Word::Updating(fields.join(", ")),
            EventKind::Deleting => Word::Deleting,
            EventKind::Swept(what) => Word::Swept(what.clone()),
            EventKind::HeldBack(why) => Word::HeldBack(why.clone()),
            EventKind::Finished => {
                work.end = Some(at);
                Word::Finished(took(work))
            }
            EventKind::Failed(why) => {
                work.end = Some(at);
                work.failed = Some(why.clone());
                Word::Failed(took(work), why.clone())
            }
        };
        drop(state);
        self.pen.line(Line::Event { at: whole(at), address: event.address.clone(), what });
    }

    /// Adds lines to the journal.
    pub fn say(&self, lines: &[String]) {
        self.pen.lines(lines);
    }

    /// Says in the journal how it ended, and answers what the page needs. `desired` and `prior` say what waited for what.
    /// `trouble` came after everything was done.
    pub fn end(
        &self,
        outcome: &Outcome,
        trouble: Option<&Error>,
        kinds: &Kinds,
        desired: &Graph,
        prior: &Graph,
    ) -> Report {
        let at = self.now();
        let state = self.state();
        let before = |address: &Address| -> Vec<Address> {
            match state.plan.get(address) {
                Some((Action::Delete, _)) => prior.dependents(address).cloned().collect(),
                _ => desired.dependencies(address).cloned().collect(),
            }
        };
        let failures: BTreeMap<&Address, String> =
            outcome.failures.iter().map(|f| (&f.address, crate::trouble::what_aws_said(&f.error))).collect();
        let bar = |work: &Work| {
            let (action, expected) = state.plan.get(&work.address).copied().unwrap_or((Action::Update, 0.0));
            Bar {
                address: work.address.clone(),
                noun: kinds.traits(work.kind).map_or_else(|_| work.kind.to_owned(), |traits| traits.noun.to_owned()),
                action,
                id: outcome.observed.get(&work.address).map(|o| o.id.clone()).or_else(|| work.id.clone()),
                begin: work.begin,
                end: work.end,
                failed: work.failed.clone().map(|why| failures.get(&work.address).cloned().unwrap_or(why)),
                expected,
                after: before(&work.address),
            }
        };
        let bars: Vec<Bar> = state.works.iter().map(bar).collect();
        let waits_for = |address: &Address| -> Vec<Address> {
            let done = |other: &Address| bars.iter().any(|bar| bar.address == *other && bar.failed.is_none());
            before(address).into_iter().filter(|other| state.plan.contains_key(other) && !done(other)).collect()
        };
        let report = Report {
            head: state.head.clone(),
            began: clock(self.began.1),
            seconds: at,
            waiting: outcome.skipped.iter().map(|address| (address.clone(), waits_for(address))).collect(),
            bars,
            retained: outcome.retained.iter().map(ToString::to_string).collect(),
            calls: stellar_aws::counted().since(&self.calls),
            trouble: trouble.map(|error| error.message.clone()),
        };
        let (failed, left) = (outcome.failures.len(), outcome.skipped.len());
        let done = report.bars.iter().filter(|bar| bar.failed.is_none() && bar.end.is_some()).count();
        let well = outcome.is_complete() && trouble.is_none();
        let text = match trouble {
            Some(error) => error.message.replace('\n', " "),
            None if well => format!("{done} components"),
            None => format!("{done} done, {failed} failed, {left} not done"),
        };
        let operation = report.head.operation.clone();
        self.pen.line(Line::End { at: whole(at), operation, well, text });
        report
    }

    fn now(&self) -> f64 {
        Session::pace().since(self.began.0).as_secs_f64()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // Nothing panics while it is held.
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl State {
    /// The work that the event is about: the last on its component, or a new one.
    fn work(&mut self, event: &Event, at: f64) -> &mut Work {
        let found = self.works.iter().rposition(|work| work.address == event.address);
        let index = match found {
            // The stops on the way to a newer version work on one component several times: one bar for all.
            Some(index) if event.what == EventKind::Started => {
                self.works[index].end = None;
                index
            }
            Some(index) => index,
            None => {
                let (address, kind) = (event.address.clone(), event.kind);
                self.works.push(Work { address, kind, begin: at, end: None, id: None, failed: None });
                self.works.len() - 1
            }
        };
        &mut self.works[index]
    }
}

/// Whole seconds.
fn whole(seconds: f64) -> u64 {
    // Never negative, and far below 2^53.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let whole = seconds.max(0.0).round() as u64;
    whole
}
