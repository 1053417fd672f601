//! Deletes one component: read, make room, delete, read again, until it is gone.

use super::{EventKind, Patience, Run, cancelled, obstacles::Obstacles};
use crate::{AnyKind, Component, Error, ErrorClass, Observed, Scope, Status, Target};

pub(super) async fn remove(run: &Run, component: &Component) -> Result<(), Error> {
    let address = &component.address;
    let kind = run.plan.kinds.get(component.kind)?.as_ref();
    let scope = run.plan.scope.in_region(&component.region);
    let target = run.target(component);
    let traits = kind.traits();
    let mut patience = Patience::new(run, traits.limit_minutes);
    let mut removal = Removal { run, component, kind, scope: &scope, target: &target, obstacles: Obstacles::default() };
    let mut told = String::new();
    // What takes no time is usually gone when AWS answers: one look at once.
    let mut look_at_once = traits.minutes.2 <= 0.0;
    let mut look = None;
    loop {
        let answer = match look.take() {
            Some(answer) => answer,
            None => run.readers.read(&run.plan.kinds, &scope, component.kind, target.clone()).await,
        };
        let found = match answer {
            // An object of its kind went away between the two calls of one look: the next look tells.
            Err(error) if error.class == ErrorClass::Absent => {
                look = patience.wait("being deleted", component, &scope, &target).await?;
                continue;
            }
            answer => answer?,
        };
        let Some(observed) = found else {
            run.record(address, None);
            return Ok(());
        };
        run.record(address, Some(observed.clone()));
        let waiting_for = match observed.status {
            Status::Deleting => "being deleted".to_owned(),
            _ => match removal.step(&observed).await? {
                Step::Acted(_) if std::mem::take(&mut look_at_once) => continue,
                Step::Acted(waiting_for) => {
                    patience.acted();
                    waiting_for
                }
                Step::Waiting(waiting_for) => waiting_for,
            },
        };
        if waiting_for.starts_with("held back") && waiting_for != told {
            run.tell(address, component.kind, EventKind::HeldBack(waiting_for.clone()));
            told.clone_from(&waiting_for);
        }
        look = patience.wait(&waiting_for, component, &scope, &target).await?;
    }
}

/// What came of one attempt; what is waited for.
enum Step {
    Acted(String),
    Waiting(String),
}

struct Removal<'a> {
    run: &'a Run,
    component: &'a Component,
    kind: &'a dyn AnyKind,
    scope: &'a Scope,
    target: &'a Target,
    obstacles: Obstacles,
}

impl Removal<'_> {
    async fn step(&mut self, observed: &Observed) -> Result<Step, Error> {
        let (run, component) = (self.run, self.component);
        if run.plan.cancel.is_cancelled() {
            return Err(cancelled("about to be deleted"));
        }
        run.check_data(component, observed)?;
        run.plan.fence.check().await?;
        if let Some(step) = self.clear(observed).await? {
            return Ok(step);
        }
        let deleted = self.kind.delete(self.scope, &component.address, observed, self.target.props.as_ref()).await;
        match Error::absent_is_none(deleted) {
            Ok(retained) => {
                run.keep(retained.unwrap_or_default());
                run.tell(&component.address, component.kind, EventKind::Deleting);
                Ok(Step::Acted("being deleted".to_owned()))
            }
            Err(error) if error.class == ErrorClass::InUse => {
                self.obstacles.meet(run, self.kind, self.scope, observed, &error).await.map(Step::Waiting)
            }
            Err(error) if error.is_temporary() => Ok(held_back(&error)),
            Err(error) => Err(error),
        }
    }

    /// Makes room; `None` when there is enough.
    async fn clear(&mut self, observed: &Observed) -> Result<Option<Step>, Error> {
        let props = self.target.props.as_ref();
        let clearing = match self.kind.clear(self.scope, &self.component.address, observed, props).await {
            Err(error) if error.is_temporary() => return Ok(Some(held_back(&error))),
            clearing => clearing?,
        };
        let acted = !clearing.removed.is_empty();
        self.run.swept(self.component, clearing.removed);
        let Some(waiting_for) = clearing.waiting_for else { return Ok(None) };
        let waiting_for = self.obstacles.found(self.run, clearing.blockers, &waiting_for)?;
        Ok(Some(if acted { Step::Acted(waiting_for) } else { Step::Waiting(waiting_for) }))
    }
}

fn held_back(error: &Error) -> Step {
    Step::Waiting(format!("held back ({})", error.message))
}
