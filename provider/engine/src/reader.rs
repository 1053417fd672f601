//! Reads that share calls: whoever asks while a bulk read of the kind is under way goes into the next one.

use std::{collections::HashMap, sync::Arc};

use tokio::sync::{Mutex, oneshot};

use crate::{AnyKind, Error, ErrorClass, Kinds, Observed, Proof, Scope, TAG_CLAIM, Target};

type Answer = Result<Option<Observed>, Error>;

/// Readers of all kinds and regions of one run.
#[derive(Default)]
pub(crate) struct Readers {
    readers: std::sync::Mutex<HashMap<(String, String), Arc<Reader>>>,
}

impl Readers {
    /// Reads one target, together with all others of its kind and region that wait at this moment.
    pub(crate) async fn read(&self, kinds: &Kinds, scope: &Scope, kind: &str, target: Target) -> Answer {
        self.reader(kinds, scope, kind)?.read(target).await
    }

    fn reader(&self, kinds: &Kinds, scope: &Scope, kind: &str) -> Result<Arc<Reader>, Error> {
        let implementation = kinds.get(kind)?;
        // Nothing panics while the lock is held.
        let mut readers = self.readers.lock().unwrap_or_else(|e| e.into_inner());
        let key = (kind.to_owned(), scope.region.clone());
        let make = || {
            Arc::new(Reader {
                kind: implementation.clone(),
                scope: scope.clone(),
                queue: Mutex::default(),
                turn: Mutex::default(),
            })
        };
        Ok(readers.entry(key).or_insert_with(make).clone())
    }
}

struct Reader {
    kind: Arc<dyn AnyKind>,
    scope: Scope,
    queue: Mutex<Vec<(Target, oneshot::Sender<Answer>)>>,
    turn: Mutex<()>,
}

impl Reader {
    async fn read(&self, target: Target) -> Answer {
        let (sender, mut receiver) = oneshot::channel();
        self.queue.lock().await.push((target, sender));
        let _turn = self.turn.lock().await;
        // Whoever held the turn before us has perhaps answered already.
        if let Ok(answer) = receiver.try_recv() {
            return answer;
        }
        let (targets, senders): (Vec<_>, Vec<_>) = self.queue.lock().await.drain(..).unzip();
        let answers = read_proven(self.kind.as_ref(), &self.scope, &targets).await;
        for (sender, answer) in senders.into_iter().zip(answers) {
            // A receiver that is gone belongs to a cancelled task.
            let _ = sender.send(answer);
        }
        receiver.try_recv().unwrap_or_else(|_| Err(Error::new(ErrorClass::Cancelled, "the read was cancelled")))
    }
}

/// Reads and checks that what was found is ours.
pub(crate) async fn read_proven(kind: &dyn AnyKind, scope: &Scope, targets: &[Target]) -> Vec<Answer> {
    let traits = kind.traits();
    let mut answers = kind.read(scope, targets).await;
    answers.resize_with(targets.len(), || Err(Error::bug(format!("{} answered too few targets", traits.kind))));
    let prove = |answer: Answer, target: &Target| match answer {
        Ok(Some(observed)) if traits.proof == Proof::Tag && !scope.owns(&observed.tags) => {
            Err(Error::foreign(format!(
                "the {} {} exists but does not carry the tag {TAG_CLAIM}={}, so it is not known to belong to {}; \
             rename the stack, or delete that object if nobody uses it",
                traits.noun, observed.id, scope.claim, target.address
            )))
        }
        other => other,
    };
    answers.into_iter().zip(targets).map(|(answer, target)| prove(answer, target)).collect()
}
