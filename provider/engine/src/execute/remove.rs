//! Deletes one component: read, delete, read again, until it is gone.

use super::{EventKind, Patience, Run, cancelled};
use crate::{Component, Error, ErrorClass, Observed, Scope, Status, Target};

pub(super) async fn remove(run: &Run, component: &Component) -> Result<(), Error> {
    let address = &component.address;
    let scope = run.plan.scope.in_region(&component.region);
    let target = run.target(component);
    let traits = run.plan.kinds.traits(component.kind)?;
    let mut patience = Patience::new(run, traits.limit_minutes);
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
            _ => match delete(run, component, &scope, &target, &observed).await {
                Ok(()) if std::mem::take(&mut look_at_once) => continue,
                Ok(()) => {
                    patience.acted();
                    "being deleted".to_owned()
                }
                Err(error) if error.is_temporary() => format!("held back ({})", error.message),
                Err(error) => return Err(error),
            },
        };
        look = patience.wait(&waiting_for, component, &scope, &target).await?;
    }
}

async fn delete(
    run: &Run,
    component: &Component,
    scope: &Scope,
    target: &Target,
    observed: &Observed,
) -> Result<(), Error> {
    if run.plan.cancel.is_cancelled() {
        return Err(cancelled("about to be deleted"));
    }
    run.plan.fence.check().await?;
    let kind = run.plan.kinds.get(component.kind)?;
    let retained = match kind.delete(scope, &component.address, observed, target.props.as_ref()).await {
        Ok(retained) => retained,
        Err(error) if error.class == ErrorClass::Absent => Vec::new(),
        Err(error) => return Err(error),
    };
    let mut all = run.retained.write().unwrap_or_else(|e| e.into_inner());
    for one in retained {
        if !all.contains(&one) {
            all.push(one);
        }
    }
    drop(all);
    run.tell(&component.address, component.kind, EventKind::Deleting);
    Ok(())
}
