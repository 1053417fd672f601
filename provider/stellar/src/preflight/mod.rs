//! Checks before anything is created: names, offerings, quotas, versions, address blocks. They only read.
//!
//! One file per check. All run at once and none longer than [`LIMIT`]; what cannot be found out is one warning, never an
//! error. Only components that the plan creates are looked at, so a plan without any makes no call.

mod blocks;
mod caches;
mod databases;
mod names;
mod nats;
mod offers;
mod quotas;
mod versions;

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use futures::{FutureExt, future::join_all};
use stellar_aws::Aws;
use stellar_engine::{Component, Error, Graph};
use tfplugin_sdk::{Attr, Diagnostics, Path};

use crate::{cluster::model::Cluster, trouble::what_aws_said};

/// How long a check may take: a plan waits for it.
const LIMIT: Duration = Duration::from_secs(3);
/// Days before the end of standard support from which on it is told.
const SOON: i64 = 60;
const DAY: i64 = 24 * 60 * 60;

/// What is checked.
pub struct Survey<'a> {
    /// The clients.
    pub aws: &'a Aws,
    /// The stack's region.
    pub region: &'a str,
    /// The configuration.
    pub config: &'a Cluster,
    /// Every component that is wanted.
    pub graph: &'a Graph,
    /// The components that the plan creates.
    pub created: Vec<&'a Component>,
    /// The components that the plan changes, with what they are now.
    pub changed: Vec<(&'a Component, &'a serde_json::Value)>,
    /// The stack's zones.
    pub zones: &'a [String],
    /// The account holds nothing of the stack yet: what makes the apply fail is an error, else a warning, because an
    /// error would block `terraform destroy` too.
    pub is_new: bool,
}

/// Something that a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Finding {
    /// It makes the apply fail.
    fatal: bool,
    path: Path,
    summary: &'static str,
    detail: String,
}

type Findings = Result<Vec<Finding>, Error>;

/// One line for everything that a check could not find out.
type Unknown = BTreeMap<&'static str, String>;

impl Survey<'_> {
    /// Runs every check and reports what they find.
    pub async fn run(&self, d: &mut Diagnostics) {
        if self.created.is_empty() && self.changed.is_empty() {
            return;
        }
        let checks = [
            ("names", names::check(self).boxed()),
            ("address blocks", blocks::check(self).boxed()),
            ("NAT gateways", nats::check(self).boxed()),
            ("instance types and database classes", offers::check(self).boxed()),
            ("cache node types", caches::check(self).boxed()),
            ("Kubernetes versions", versions::check(self).boxed()),
            ("database versions", databases::check(self).boxed()),
        ];
        let limited = checks.map(|(what, check)| async move { (what, tokio::time::timeout(LIMIT, check).await) });
        let quotas = tokio::time::timeout(LIMIT, quotas::check(self));
        let (checked, quotas) = futures::join!(join_all(limited), quotas);
        let mut unknown = Unknown::new();
        for (what, outcome) in checked {
            match outcome {
                Ok(Ok(findings)) => findings.into_iter().for_each(|finding| self.report(finding, d)),
                Ok(Err(error)) => drop(unknown.insert(what, what_aws_said(&error))),
                Err(_) => drop(unknown.insert(what, no_answer())),
            }
        }
        // One quota that cannot be asked for does not hide the others.
        for outcome in quotas.unwrap_or_else(|_| vec![Err(Error::busy(no_answer()))]) {
            match outcome {
                Ok(finding) => self.report(finding, d),
                Err(error) => {
                    unknown.entry("quotas").or_insert_with(|| what_aws_said(&error));
                }
            }
        }
        report_unknown(&unknown, d);
    }

    fn report(&self, finding: Finding, d: &mut Diagnostics) {
        let Finding { fatal, path, summary, detail } = finding;
        if fatal && self.is_new {
            d.attribute_error(path, summary, detail);
        } else {
            d.attribute_warning(path, summary, detail);
        }
    }

    /// The created components of a kind.
    fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Component> {
        self.created.iter().copied().filter(move |component| component.kind == kind)
    }

    /// The node pools that the plan creates.
    fn pools(&self) -> Vec<Pool> {
        self.of_kind("eks/node-group").filter_map(Pool::of).collect()
    }

    /// The node pools that may grow further than now; `nodes` is by how many.
    fn growth(&self) -> Vec<Pool> {
        let grown = |(wanted, now): &(&Component, &serde_json::Value)| {
            let pool = Pool::of(wanted).filter(|_| wanted.kind == "eks/node-group")?;
            let more = |field: &str| {
                let size = |props: &serde_json::Value| props["size"][field].as_i64().unwrap_or_default();
                (size(&wanted.desired) - size(now)).max(0)
            };
            let nodes = (more("min"), more("max"));
            (nodes.1 > 0).then_some(Pool { nodes, ..pool })
        };
        self.changed.iter().filter_map(grown).collect()
    }
}

/// Seconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// Whole days until a moment, in seconds since 1970; negative when it is past.
fn days_left(moment: i64) -> i64 {
    (moment - now()).div_euclid(DAY)
}

fn no_answer() -> String {
    format!("no answer within {} s", LIMIT.as_secs())
}

fn report_unknown(unknown: &Unknown, d: &mut Diagnostics) {
    if unknown.is_empty() {
        return;
    }
    let lines: Vec<String> = unknown.iter().map(|(what, why)| format!("- {what}: {why}")).collect();
    let detail = format!(
        "The apply may meet a quota or an offering that this plan does not show:\n{}\n\n`preflight = \"off\"` switches these \
         checks off.",
        lines.join("\n")
    );
    d.warning("Not everything could be checked beforehand", detail);
}

/// A node pool, as far as the checks need it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pool {
    name: String,
    types: Vec<String>,
    spot: bool,
    /// Nodes at creation, and at most.
    nodes: (i64, i64),
}

impl Pool {
    fn of(component: &Component) -> Option<Self> {
        let props = &component.desired;
        let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
        let types: Vec<String> = props["instance_types"].as_array()?.iter().filter_map(text).collect();
        let at_least = props["desired"].as_i64().or(props["size"]["min"].as_i64()).unwrap_or(1);
        Some(Self {
            name: component.address.as_str().split('/').nth(2)?.to_owned(),
            types,
            spot: props["capacity"].as_str().is_some_and(|capacity| capacity.eq_ignore_ascii_case("spot")),
            nodes: (at_least, props["size"]["max"].as_i64().unwrap_or(at_least)),
        })
    }

    fn path(&self) -> Path {
        Path::root().attr("kubernetes").attr("node_pools").key(&self.name)
    }
}

/// Whether an attribute `preflight` or `cost_estimate` switches its subject off.
pub fn is_off(setting: &Attr<String>) -> bool {
    setting.known().is_some_and(|mode| mode == "off")
}
