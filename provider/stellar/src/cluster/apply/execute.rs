//! Performs an operation: first the stops on the way to a newer Kubernetes version, then everything else.

use std::collections::{BTreeMap, BTreeSet};

use stellar_aws::eks::versions::Minor;
use stellar_engine::{Address, Error, Failure, Graph, Outcome, Plan, PlanInput, plan};
use tfplugin_sdk::CancellationToken;
use tokio::time::Instant;

use super::{
    super::{
        kubernetes::{ladder, succession},
        resource::Region,
        run::{self, Run},
    },
    Operation,
};
use crate::session::Session;

impl Operation {
    /// Goes to every Kubernetes version between the running and the desired one, then does the rest.
    pub(super) async fn execute(&mut self, region: &Region, cancel: &CancellationToken) -> Outcome {
        let (start, limit) = (Instant::now(), run::limit(&self.config, self.creating));
        let left = || limit.saturating_sub(Session::pace().since(start));
        for stop in ladder::stops(&self.desired, &self.observed) {
            let mut outcome = match self.rung(region, stop).await {
                Ok(run) => run.execute(cancel, left()).await,
                Err(error) => self.not_begun(error),
            };
            if !outcome.is_complete() {
                let failed: BTreeSet<&Address> = outcome.failures.iter().map(|failure| &failure.address).collect();
                let rest = self.plan.changes.iter().map(|change| &change.address).filter(|a| !failed.contains(a));
                outcome.skipped.extend(rest.cloned());
                return outcome;
            }
            self.observed = outcome.observed;
        }
        match succession::carry_over(&self.desired, &self.prior, &self.observed) {
            Ok(desired) => self.run(region, desired, self.plan.clone()).execute(cancel, left()).await,
            Err(error) => self.not_begun(error),
        }
    }

    /// A stop on the way to a newer Kubernetes version, as an execution of its own.
    async fn rung<'a>(&'a self, region: &'a Region, stop: Minor) -> Result<Run<'a>, Error> {
        let before = if self.prior.is_empty() { &self.desired } else { &self.prior };
        let offers = ladder::offers(&region.aws, &region.name, before, stop).await?;
        let graph = ladder::rung(before, &self.desired, stop, &offers)?;
        let scope = region.scope(&self.name, &self.claim.id, &[&graph]);
        let input = PlanInput {
            kinds: &region.kinds,
            scope: &scope,
            desired: &graph,
            prior: &graph,
            observed: &self.observed,
            recorded: &BTreeSet::new(),
        };
        let steps = ladder::steps(plan(&input)?);
        Ok(self.run(region, graph, steps))
    }

    fn run<'a>(&'a self, region: &'a Region, desired: Graph, plan: Plan) -> Run<'a> {
        Run {
            region,
            scope: region.scope(&self.name, &self.claim.id, &[&self.prior, &desired]),
            desired,
            prior: self.prior.clone(),
            observed: self.observed.clone(),
            plan,
            unread: BTreeMap::new(),
            fresh: self.fresh,
            held: self.held.as_ref(),
        }
    }

    /// The outcome when the way to a newer version could not be found out.
    fn not_begun(&self, error: Error) -> Outcome {
        let failures = vec![Failure { address: ladder::cluster(), error }];
        Outcome { observed: self.observed.clone(), failures, ..Outcome::default() }
    }
}
