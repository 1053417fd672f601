//! Where an operation stands: the stack's graph, and what the journal has told so far. Pure.

use std::collections::BTreeMap;

use stellar_aws::claim::{Line, Word};
use stellar_engine::{Action, Address, Graph, Kinds};

/// How many lines that are not understood are kept, to be shown as they are.
const KEPT: usize = 5;

/// The state of an operation.
#[derive(Debug, Default)]
pub struct Progress {
    /// Version, operation, and who does it where.
    pub head: Option<(String, String, String)>,
    /// Seconds of the last line.
    pub at: u64,
    /// How it ended: well or not, and what the journal says.
    pub end: Option<(bool, String)>,
    /// The last lines that were not understood.
    pub other: Vec<String>,
    planned: BTreeMap<Address, Action>,
    works: BTreeMap<Address, Work>,
    graph: Graph,
    /// Typical minutes of create, update, delete.
    usual: BTreeMap<Address, (f32, f32, f32)>,
}

/// Where a component stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Not begun.
    Waiting,
    /// Being worked on.
    Running,
    /// As it should be.
    Done,
    /// It is not; why.
    Failed(String),
}

#[derive(Debug)]
struct Work {
    begin: u64,
    state: State,
    took: u64,
}

impl Progress {
    /// Learns which components there are and what waits for what.
    pub fn know(&mut self, graph: Graph, kinds: &Kinds) {
        let usual = |kind: &str| kinds.traits(kind).map(|traits| traits.minutes).unwrap_or_default();
        self.usual = graph.iter().map(|c| (c.address.clone(), usual(c.kind))).collect();
        self.graph = graph;
    }

    /// Takes a line of the journal in.
    pub fn line(&mut self, line: Line) {
        match line {
            Line::Begin { version, operation, about } => self.head = Some((version, operation, about)),
            Line::Plan(action, addresses) => self.planned.extend(addresses.into_iter().map(|a| (a, action))),
            Line::Event { at, address, what } => self.event(at, address, what),
            Line::End { at, well, text, .. } => {
                self.at = at;
                self.end = Some((well, text));
            }
            Line::Other(text) => {
                self.other.push(text);
                let surplus = self.other.len().saturating_sub(KEPT);
                self.other.drain(..surplus);
            }
        }
    }

    fn event(&mut self, at: u64, address: Address, what: Word) {
        self.at = self.at.max(at);
        let fresh = || Work { begin: at, state: State::Running, took: 0 };
        // An operation of another version may not have told its plan.
        self.planned.entry(address.clone()).or_insert(Action::Update);
        let work = self.works.entry(address).or_insert_with(fresh);
        match what {
            Word::Started => *work = fresh(),
            Word::Created(_) | Word::Updating(_) | Word::Deleting | Word::Swept(_) | Word::HeldBack(_) => {}
            Word::Finished(seconds) => (work.state, work.took) = (State::Done, seconds),
            Word::Failed(seconds, why) => (work.state, work.took) = (State::Failed(why), seconds),
        }
    }

    /// The components of the operation, by section.
    pub fn sections(&self) -> BTreeMap<&str, Vec<&Address>> {
        let mut sections: BTreeMap<&str, Vec<&Address>> = BTreeMap::new();
        for address in self.planned.keys() {
            sections.entry(address.section()).or_default().push(address);
        }
        sections
    }

    /// How many components are done, and how many there are.
    pub fn count(&self) -> (usize, usize) {
        let done = self.planned.keys().filter(|address| self.state(address) == State::Done).count();
        (done, self.planned.len())
    }

    /// Where a component stands.
    pub fn state(&self, address: &Address) -> State {
        self.works.get(address).map_or(State::Waiting, |work| work.state.clone())
    }

    /// For how many seconds it has been worked on, at the moment `now` of the operation.
    pub fn elapsed(&self, address: &Address, now: u64) -> u64 {
        let running =
            |work: &Work| if work.state == State::Running { now.saturating_sub(work.begin) } else { work.took };
        self.works.get(address).map_or(0, running)
    }

    /// How many seconds it usually takes; 0 = at once, or not known.
    pub fn expected(&self, address: &Address) -> u64 {
        let (create, update, delete) = self.usual.get(address).copied().unwrap_or_default();
        let minutes = match self.planned.get(address) {
            Some(Action::Create) => create,
            Some(Action::Delete) => delete,
            Some(Action::Replace) => delete + create,
            Some(Action::Update | Action::Wait) | None => update,
        };
        // A few hours at most.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let seconds = (minutes.max(0.0) * 60.0) as u64;
        seconds
    }

    /// What it waits for, of what is not done: rather what runs or has failed than what waits itself.
    pub fn waits_for(&self, address: &Address) -> Option<&Address> {
        let mut before = self.before(address);
        before.retain(|other| self.state(other) != State::Done);
        before.sort_by_key(|other| (self.state(other) == State::Waiting, std::cmp::Reverse(self.expected(other))));
        before.first().copied()
    }

    /// Seconds until the end, if everything takes as long as usual: the longest chain of what is left.
    pub fn left(&self, now: u64) -> u64 {
        let mut known = BTreeMap::new();
        self.planned.keys().map(|address| self.until(address, now, &mut known)).max().unwrap_or_default()
    }

    fn until<'a>(&'a self, address: &'a Address, now: u64, known: &mut BTreeMap<&'a Address, u64>) -> u64 {
        if let Some(seconds) = known.get(address) {
            return *seconds;
        }
        let own = match self.state(address) {
            State::Done | State::Failed(_) => 0,
            State::Running => self.expected(address).saturating_sub(self.elapsed(address, now)),
            State::Waiting => self.expected(address),
        };
        // There is no cycle in a graph, but a journal could name one by mixing creations and deletions.
        known.insert(address, own);
        let longest = self.before(address).into_iter().map(|other| self.until(other, now, known));
        let longest = longest.max().unwrap_or_default();
        known.insert(address, own + longest);
        own + longest
    }

    /// What must be done before it, of this operation.
    fn before<'a>(&'a self, address: &Address) -> Vec<&'a Address> {
        let all: Vec<&Address> = match self.planned.get(address) {
            Some(Action::Delete) => self.graph.dependents(address).collect(),
            _ => self.graph.dependencies(address).collect(),
        };
        all.into_iter().filter(|other| self.planned.contains_key(*other)).collect()
    }
}
