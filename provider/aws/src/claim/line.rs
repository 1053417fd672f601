//! The lines of a journal: sentences for people that a program can read back.
//!
//! ```text
//! stellar 0.1.0: create of shop in us-east-1 by arn:aws:sts::1:assumed-role/deploy/ci from ci-7:/builds/shop
//! plan: create network/vpc network/subnet/private/a
//! plan: update kubernetes/node-pool/api
//!     0 s  network/vpc  started
//!     2 s  network/vpc  created vpc-0a1b2c3d
//!     3 s  network/vpc  finished after 3 s
//!    72 s  kubernetes/node-pool/api  failed after 60 s: eks:UpdateNodegroupConfig answered …
//!    80 s  create failed: 1 failed, 3 not done
//! ```
//! Seconds are AWS's time since the operation began. What a line of another version says is kept as text.

use std::fmt;

use stellar_engine::{Action, Address};

/// How many characters of addresses go into one line of the plan.
const WIDTH: usize = 800;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// An operation begins.
    Begin {
        /// Of the provider.
        version: String,
        /// `create`, `update` or `destroy`.
        operation: String,
        /// Which stack, by whom, from where.
        about: String,
    },
    /// What the plan does with these components.
    Plan(Action, Vec<Address>),
    /// Something happened to a component.
    Event {
        /// Seconds since the beginning.
        at: u64,
        /// The component.
        address: Address,
        /// What happened.
        what: Word,
    },
    /// The operation ends.
    End {
        /// Seconds since the beginning.
        at: u64,
        /// `create`, `update` or `destroy`.
        operation: String,
        /// Everything that was planned is done.
        well: bool,
        /// How many components are done, failed, not done.
        text: String,
    },
    /// Anything else.
    Other(String),
}

/// What happened to a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// Work on it began.
    Started,
    /// The call that makes it succeeded; the id.
    Created(String),
    /// A change was requested; the fields.
    Updating(String),
    /// The call that deletes it succeeded.
    Deleting,
    /// Something else went with it, which controllers inside the cluster had left.
    Swept(String),
    /// Its deletion waits for something: `held back (…)`.
    HeldBack(String),
    /// It is as it should be, after so many seconds.
    Finished(u64),
    /// It is not, after so many seconds; why.
    Failed(u64, String),
}

impl Line {
    /// The lines that say what an operation will do: few, and each not too long.
    pub fn plan<'a>(changes: impl IntoIterator<Item = (Action, &'a Address)>) -> Vec<Self> {
        let mut lines: Vec<(Action, Vec<Address>, usize)> = Vec::new();
        for (action, address) in changes {
            let length = address.as_str().len() + 1;
            match lines.iter_mut().rev().find(|(other, ..)| *other == action) {
                Some((_, addresses, width)) if *width + length <= WIDTH => {
                    addresses.push(address.clone());
                    *width += length;
                }
                _ => lines.push((action, vec![address.clone()], length)),
            }
        }
        lines.into_iter().map(|(action, addresses, _)| Self::Plan(action, addresses)).collect()
    }

    /// Reads a line; what is not understood becomes [`Line::Other`].
    pub fn parse(text: &str) -> Self {
        begin(text).or_else(|| plan(text)).or_else(|| timed(text)).unwrap_or_else(|| Self::Other(text.to_owned()))
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Begin { version, operation, about } => write!(f, "stellar {version}: {operation} of {about}"),
            Self::Plan(action, addresses) => {
                write!(f, "plan: {}", word_of(*action))?;
                addresses.iter().try_for_each(|address| write!(f, " {address}"))
            }
            Self::Event { at, address, what } => write!(f, "{at:>5} s  {address}  {what}"),
            Self::End { at, operation, well, text } => {
                let how = if *well { "ended well" } else { "failed" };
                write!(f, "{at:>5} s  {operation} {how}: {text}")
            }
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Started => f.write_str("started"),
            Self::Created(id) => write!(f, "created {id}"),
            Self::Updating(fields) => write!(f, "updating {fields}"),
            Self::Deleting => f.write_str("deleting"),
            Self::Swept(what) => write!(f, "swept {what}"),
            Self::HeldBack(why) => f.write_str(&why.replace('\n', " ")),
            Self::Finished(seconds) => write!(f, "finished after {seconds} s"),
            // A line break would begin another event for whoever reads line by line.
            Self::Failed(seconds, why) => write!(f, "failed after {seconds} s: {}", why.replace('\n', " ")),
        }
    }
}

const ACTIONS: [(Action, &str); 5] = [
    (Action::Create, "create"),
    (Action::Update, "update"),
    (Action::Replace, "replace"),
    (Action::Delete, "delete"),
    (Action::Wait, "wait"),
];

fn word_of(action: Action) -> &'static str {
    ACTIONS.iter().find(|(known, _)| *known == action).map_or("", |(_, word)| word)
}

fn begin(text: &str) -> Option<Line> {
    let (version, rest) = text.strip_prefix("stellar ")?.split_once(": ")?;
    let (operation, about) = rest.split_once(" of ")?;
    let [version, operation, about] = [version, operation, about].map(str::to_owned);
    Some(Line::Begin { version, operation, about })
}

fn plan(text: &str) -> Option<Line> {
    let mut words = text.strip_prefix("plan: ")?.split(' ');
    let word = words.next()?;
    let (action, _) = ACTIONS.iter().find(|(_, known)| *known == word)?;
    let addresses: Result<Vec<Address>, _> = words.map(str::parse).collect();
    Some(Line::Plan(*action, addresses.ok()?))
}

fn timed(text: &str) -> Option<Line> {
    let (at, rest) = text.trim_start().split_once(" s  ")?;
    let at = at.parse().ok()?;
    match rest.split_once("  ") {
        Some((address, what)) => Some(Line::Event { at, address: address.parse().ok()?, what: word(what)? }),
        None => end(at, rest),
    }
}

fn end(at: u64, text: &str) -> Option<Line> {
    let (how, text) = text.split_once(": ")?;
    let (operation, how) = how.split_once(' ')?;
    let well = match how {
        "ended well" => true,
        "failed" => false,
        _ => return None,
    };
    Some(Line::End { at, operation: operation.to_owned(), well, text: text.to_owned() })
}

fn word(text: &str) -> Option<Word> {
    let after = |text: &str| text.strip_suffix(" s").and_then(|seconds| seconds.parse().ok());
    if let Some(rest) = text.strip_prefix("finished after ") {
        return after(rest).map(Word::Finished);
    }
    if let Some(rest) = text.strip_prefix("failed after ") {
        let (seconds, why) = rest.split_once(": ")?;
        return Some(Word::Failed(after(seconds)?, why.to_owned()));
    }
    let argument = |word: &str| text.strip_prefix(word).map(str::to_owned);
    match text {
        "started" => Some(Word::Started),
        "deleting" => Some(Word::Deleting),
        _ => argument("created ")
            .map(Word::Created)
            .or_else(|| argument("updating ").map(Word::Updating))
            .or_else(|| argument("swept ").map(Word::Swept))
            .or_else(|| text.starts_with("held back").then(|| Word::HeldBack(text.to_owned()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_written_is_read_back() {
        let event = |what| Line::Event { at: 72, address: address("network/nat-gateway/a"), what };
        let rows = [
            Line::Begin {
                version: "0.1.0".to_owned(),
                operation: "create".to_owned(),
                about: "shop in us-east-1 by arn:aws:iam::1:user/ann from pc:/home/ann/a: b".to_owned(),
            },
            Line::Plan(Action::Create, vec![address("network/vpc"), address("network/subnet/private/a")]),
            event(Word::Started),
            event(Word::Created("nat-0ab".to_owned())),
            event(Word::Updating("size, labels".to_owned())),
            event(Word::Deleting),
            event(Word::Swept("load balancer a".to_owned())),
            event(Word::HeldBack("held back (2 interfaces: eni-1, eni-2)".to_owned())),
            event(Word::Finished(70)),
            event(Word::Failed(3, "ec2:CreateNatGateway answered X: a  b: c".to_owned())),
            Line::End { at: 890, operation: "create".to_owned(), well: true, text: "75 done".to_owned() },
            Line::End { at: 9, operation: "destroy".to_owned(), well: false, text: "1 failed, 2 not done".to_owned() },
            Line::Other("something of the future".to_owned()),
        ];
        for line in rows {
            assert_eq!(Line::parse(&line.to_string()), line, "{line}");
        }
    }

    #[test]
    fn what_is_not_understood_stays_text() {
        let rows = [
            "",
            "   12 s  network/vpc  dances",
            "   12 s  Network/VPC  started",
            "   12 s  network/vpc",
            "   12 s  create went strangely: 7",
            "12 minutes  network/vpc  started",
            "plan: enlarge network/vpc",
            "plan: create Network",
            "stellar 9: sings",
            "    3 s  network/vpc  finished",
            "    3 s  network/vpc  failed: no seconds",
        ];
        for text in rows {
            assert_eq!(Line::parse(text), Line::Other(text.to_owned()));
        }
    }

    #[test]
    fn a_plan_is_few_lines_of_bearable_length() {
        let addresses: Vec<Address> = (0..200).map(|n| address(&format!("network/subnet/private/{n}"))).collect();
        let odd = address("kubernetes/cluster");
        let changes = addresses.iter().map(|a| (Action::Create, a)).chain([(Action::Update, &odd)]);
        let lines = Line::plan(changes);
        assert!(lines.iter().all(|line| line.to_string().len() <= WIDTH + 20), "too long");
        let planned = lines.iter().map(|line| match line {
            Line::Plan(_, addresses) => addresses.len(),
            _ => 0,
        });
        assert_eq!(planned.sum::<usize>(), 201);
        assert!(lines.len() < 10, "{} lines", lines.len());
    }

    #[test]
    fn a_reason_of_several_lines_stays_one() {
        let what = Word::Failed(1, "a\nb".to_owned());
        assert_eq!(what.to_string(), "failed after 1 s: a b");
    }
}
