//! Brings one component to where it should be: read, compare, act, read again.

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::{EventKind, Patience, Run, cancelled};
use crate::{
    Action, AnyKind, Component, Error, ErrorClass, Observed, Scope, Status, Tagging, Tags, Target, Traits,
    diff::{Diff, diff, diff_tags},
    input,
    refresh::with_last_tags,
};

/// IAM and KMS changes reach other services within two minutes (the AWS provider's experience too).
const PROPAGATION: Duration = Duration::from_secs(120);
/// How long an accepted change, or an object that was perhaps created, may stay invisible before it
/// is requested again.
const SETTLE: Duration = Duration::from_secs(30);
/// How long a created object, or one that it needs, may stay invisible.
const APPEAR: Duration = Duration::from_secs(300);
/// How long an object that was planned to recover may stay degraded before that is taken as its state.
const RECOVERY: Duration = Duration::from_secs(300);
/// Requests for one and the same change or creation, after which AWS is taken to ignore it.
const REPEATS: u32 = 3;
/// Looks without a wait before them: whoever needs more steps is in no hurry, or goes in circles.
const HURRIED: u32 = 5;
/// What is waited for after a creation without an answer.
const IN_DOUBT: &str = "looking whether it was created";

pub(super) async fn apply(run: &Run, component: &Component) -> Result<(), Error> {
    let mut job = Job::new(run, component)?;
    // What cannot exist yet is not looked for.
    let mut look = (run.plan.fresh && job.planned == Some(Action::Create)).then_some(Ok(None));
    loop {
        let answer = match look.take() {
            Some(answer) => answer,
            None => run.readers.read(&run.plan.kinds, &job.scope, component.kind, job.target.clone()).await,
        };
        let waiting_for = match answer {
            Ok(observed) => match job.step(observed).await {
                Ok(Next::Done) => return Ok(()),
                Ok(Next::LookNow) => continue,
                Ok(Next::Look(waiting_for)) => waiting_for,
                Err(error) => job.excuse(error)?,
            },
            Err(error) if error.is_temporary() => format!("blocked ({})", error.message),
            Err(error) => return Err(error),
        };
        look = job.patience.wait(&waiting_for, component, &job.scope, &job.target).await?;
    }
}

/// What comes after a step.
enum Next {
    Done,
    /// Look again at once: AWS is usually done when it answers.
    LookNow,
    /// Look again after a while; what is being waited for.
    Look(String),
}

struct Job<'a> {
    run: &'a Run,
    component: &'a Component,
    kind: &'a dyn AnyKind,
    traits: Traits,
    scope: Scope,
    desired: Value,
    target: Target,
    planned: Option<Action>,
    patience: Patience<'a>,
    began: Instant,
    created: Option<Instant>,
    /// The last creation without an answer: when and how often, and what came instead.
    doubtful: Option<(Instant, u32, Error)>,
    replaced: bool,
    /// The last requested change, when, and how often.
    requested: Option<(Diff, Instant, u32)>,
    /// The tags that were last set and removed, when, and how often.
    tagged: Option<((Tags, Vec<String>), Instant, u32)>,
    propagating: Option<Instant>,
    /// When something that the object needs was first said to be absent.
    invisible: Option<Instant>,
    clashes: u32,
    hurried: u32,
}

impl<'a> Job<'a> {
    fn new(run: &'a Run, component: &'a Component) -> Result<Self, Error> {
        let kind = run.plan.kinds.get(component.kind)?.as_ref();
        let traits = kind.traits();
        let target = run.target(component);
        let Some(desired) = target.props.clone() else {
            return Err(Error::bug(format!("{} refers to a value that is not known", component.address)));
        };
        debug_assert!(input::is_resolved(&desired));
        Ok(Self {
            run,
            component,
            kind,
            traits,
            scope: run.plan.scope.in_region(&component.region),
            desired,
            target,
            planned: run.plan.plan.get(&component.address).map(|change| change.action),
            patience: Patience::new(run, traits.limit_minutes),
            began: Instant::now(),
            created: None,
            doubtful: None,
            replaced: false,
            requested: None,
            tagged: None,
            propagating: None,
            invisible: None,
            clashes: 0,
            hurried: 0,
        })
    }

    async fn step(&mut self, observed: Option<Observed>) -> Result<Next, Error> {
        let Some(observed) = observed else { return self.absent().await };
        let last = self.run.last(&self.component.address).filter(|_| self.target.remembered);
        let observed = with_last_tags(observed, last.as_ref());
        self.run.record(&self.component.address, Some(observed.clone()));
        self.target.id = Some(observed.id.clone());
        if self.doubtful.take().is_some() {
            // Its creation was carried out after all.
            self.run.tell(&self.component.address, self.component.kind, EventKind::Created(observed.id.clone()));
            self.created = Some(Instant::now());
        }
        match &observed.status {
            Status::Deleting => Ok(Next::Look("being deleted".to_owned())),
            Status::Pending(state) => Ok(Next::Look(state.clone())),
            Status::Failed(reason) | Status::Unmade(reason) if self.may_replace() => {
                self.replace(&observed, reason).await
            }
            Status::Failed(reason) | Status::Unmade(reason) => Err(self.failed(&observed, reason)),
            Status::Degraded(reason) if self.may_recover() => Ok(Next::Look(format!("recovering ({reason})"))),
            Status::Ready | Status::Degraded(_) => self.settle(&observed).await,
        }
    }

    /// There is no object: make it, if the plan says so.
    async fn absent(&mut self) -> Result<Next, Error> {
        if let Some(since) = self.created {
            return match self.run.plan.pace.passed(since, APPEAR) {
                true => Err(Error::permanent("it was created but cannot be found; apply again")),
                false => Ok(Next::Look("becoming visible".to_owned())),
            };
        }
        if !matches!(self.planned, Some(Action::Create | Action::Replace)) {
            return Err(Error::permanent("it has disappeared since the plan was made; plan and apply again"));
        }
        let repeats = match &self.doubtful {
            Some((when, ..)) if self.run.plan.pace.since(*when) < SETTLE => return Ok(Next::Look(IN_DOUBT.to_owned())),
            Some((_, repeats, error)) if *repeats >= REPEATS => return Err(error.clone()),
            Some((_, repeats, _)) => repeats + 1,
            None => 1,
        };
        if self.run.plan.cancel.is_cancelled() {
            return Err(cancelled("about to be created"));
        }
        // The new object is not the recorded one.
        self.target.id = None;
        self.target.remembered = false;
        self.run.record(&self.component.address, None);
        let id = match self.kind.create(&self.scope, &self.component.address, &self.desired).await {
            Ok(id) => id,
            Err(error) if error.leaves_doubt() => {
                self.doubtful = Some((Instant::now(), repeats, error));
                self.patience.acted();
                return Ok(Next::Look(IN_DOUBT.to_owned()));
            }
            Err(error) => return Err(error),
        };
        self.run.tell(&self.component.address, self.component.kind, EventKind::Created(id.clone()));
        // On record before it was ever seen, so that an interrupted apply leaves its id in state.
        let status = Status::Pending("creating".to_owned());
        self.run.record(&self.component.address, Some(Observed::new(id.clone(), Value::Null).status(status)));
        self.doubtful = None;
        if !self.run.plan.cancel.is_cancelled() {
            let completed = self.kind.complete(&self.scope, &self.component.address, &self.desired, &id).await;
            if let Err(error) = completed {
                tracing::debug!(address = %self.component.address, %error, "left to the update");
            }
        }
        self.target.id = Some(id);
        self.created = Some(Instant::now());
        self.patience.acted();
        Ok(self.soon(self.traits.minutes.0, "creating"))
    }

    /// When to look after a call that takes so many minutes: at once if it takes none. What AWS does not show yet is
    /// looked at after the usual interval.
    fn soon(&mut self, minutes: f32, doing: &str) -> Next {
        self.hurried += 1;
        if minutes > 0.0 || self.hurried > HURRIED { Next::Look(doing.to_owned()) } else { Next::LookNow }
    }

    /// The object is stable: compare, and mend what differs.
    async fn settle(&mut self, observed: &Observed) -> Result<Next, Error> {
        let found = diff(&self.traits, &self.desired, &observed.props);
        if let Some((change, why)) = found.replace.first() {
            let reason = format!("{} differs and {why}", change.field);
            return match self.may_replace() {
                true => self.replace(observed, &reason).await,
                false => Err(Error::permanent(format!("{reason}; this was not planned, so plan and apply again"))),
            };
        }
        if self.tag(observed).await? {
            return Ok(Next::Look("being tagged".to_owned()));
        }
        if found.is_empty() {
            return Ok(Next::Done);
        }
        self.update(observed, found).await
    }

    async fn update(&mut self, observed: &Observed, found: Diff) -> Result<Next, Error> {
        let names: Vec<String> = found.update.iter().map(|change| change.field.clone()).collect();
        let doing = format!("changing {}", names.join(", "));
        let repeats = match &self.requested {
            Some((last, when, _))
                if self.shows_up_by_and_by(last, &found) && self.run.plan.pace.since(*when) < SETTLE =>
            {
                return Ok(Next::Look(doing));
            }
            Some((last, _, repeats)) if *last == found => repeats + 1,
            _ => 1,
        };
        if repeats > REPEATS {
            let shown: Vec<String> =
                found.update.iter().map(|c| format!("{} is {} instead of {}", c.field, c.from, c.to)).collect();
            return Err(Error::permanent(format!(
                "AWS accepted the change but does not show it: {}",
                shown.join("; ")
            )));
        }
        if self.run.plan.cancel.is_cancelled() {
            return Err(cancelled(&doing));
        }
        self.kind.update(&self.scope, &self.component.address, &self.desired, observed, &found.update).await?;
        self.run.tell(&self.component.address, self.component.kind, EventKind::Updating(names));
        self.requested = Some((found, Instant::now(), repeats));
        self.patience.acted();
        Ok(self.soon(self.traits.minutes.1, &doing))
    }

    /// Whether what still differs may be under way: it is what was requested, or, of an object that takes its time, a
    /// part of it. RDS shows a new parameter group at once and the new version minutes later, and refuses a second request
    /// for the version alone.
    fn shows_up_by_and_by(&self, requested: &Diff, found: &Diff) -> bool {
        let is_part = || found.update.iter().all(|change| requested.update.contains(change));
        requested == found || self.traits.minutes.1 > 0.0 && is_part()
    }

    /// Sets what is missing among our tags; true when something was done.
    async fn tag(&mut self, observed: &Observed) -> Result<bool, Error> {
        if self.traits.tagging == Tagging::None {
            return Ok(false);
        }
        let before = self.run.plan.prior.get(&self.component.address);
        let (set, remove) = diff_tags(&self.scope, self.component, before, observed);
        if set.is_empty() && remove.is_empty() {
            return Ok(false);
        }
        let wanted = (set.clone(), remove.clone());
        let repeats = match &self.tagged {
            Some((last, when, repeats)) if *last == wanted => {
                if self.run.plan.pace.since(*when) < SETTLE {
                    return Ok(true);
                }
                repeats + 1
            }
            _ => 1,
        };
        if repeats > REPEATS {
            let keys: Vec<&str> = set.keys().chain(&remove).map(String::as_str).collect();
            return Err(Error::permanent(format!("AWS accepted the tags but does not show them: {}", keys.join(", "))));
        }
        self.tagged = Some((wanted, Instant::now(), repeats));
        self.kind.tag(&self.scope, observed, &set, &remove).await?;
        // What a kind does not read again is as it was set.
        let mut tagged = observed.clone();
        tagged.tags.retain(|key, _| !remove.contains(key));
        tagged.tags.extend(set);
        self.run.record(&self.component.address, Some(tagged));
        self.target.remembered = true;
        self.patience.acted();
        Ok(true)
    }

    fn may_recover(&self) -> bool {
        self.planned == Some(Action::Wait) && !self.run.plan.pace.passed(self.began, RECOVERY)
    }

    fn may_replace(&self) -> bool {
        self.planned == Some(Action::Replace) && !self.replaced && self.created.is_none()
    }

    fn failed(&self, observed: &Observed, reason: &str) -> Error {
        let next = match (&observed.status, self.traits.data) {
            (Status::Unmade(_), true) => "; it holds nothing, so the next apply deletes it and makes it again",
            (_, true) => "",
            (_, false) => "; the next apply deletes it and makes it again",
        };
        Error::permanent(format!("AWS reports it as failed: {reason}{next}"))
    }

    async fn replace(&mut self, observed: &Observed, reason: &str) -> Result<Next, Error> {
        tracing::info!(address = %self.component.address, reason, "replacing");
        self.run.check_data(self.component, observed)?;
        self.run.plan.fence.check().await?;
        let (address, desired) = (&self.component.address, Some(&self.desired));
        let clearing = self.kind.clear(&self.scope, address, observed, desired).await?;
        self.run.swept(self.component, clearing.removed);
        if let Some(waiting_for) = clearing.waiting_for {
            return Ok(Next::Look(waiting_for));
        }
        self.run.keep(self.kind.delete(&self.scope, address, observed, desired).await?);
        self.replaced = true;
        self.patience.acted();
        Ok(Next::Look("being deleted".to_owned()))
    }

    /// What to wait for after an error that waiting may cure; the error otherwise.
    fn excuse(&mut self, error: Error) -> Result<String, Error> {
        match error.class {
            ErrorClass::Busy | ErrorClass::InUse => Ok(format!("blocked ({})", error.message)),
            ErrorClass::Propagation => {
                let since = *self.propagating.get_or_insert_with(Instant::now);
                if self.run.plan.pace.passed(since, PROPAGATION) {
                    Err(error)
                } else {
                    Ok(format!("waiting for IAM to spread ({})", error.message))
                }
            }
            // Our own object that was not visible yet, or somebody else's: the next look tells.
            ErrorClass::Exists if self.clashes < 10 => {
                self.clashes += 1;
                Ok("looking for the existing object".to_owned())
            }
            ErrorClass::Exists => Err(Error {
                class: ErrorClass::Foreign,
                message: format!("its name is taken by an object that is not ours: {}", error.message),
                ..error
            }),
            ErrorClass::Absent => {
                let since = *self.invisible.get_or_insert_with(Instant::now);
                if self.run.plan.pace.passed(since, APPEAR) { Err(error) } else { Ok("becoming visible".to_owned()) }
            }
            _ => Err(error),
        }
    }
}
