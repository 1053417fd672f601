//! Reads that share calls: whoever asks while a bulk read of the kind is under way goes into the next one, which takes
//! along those that are about to ask.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::{
    sync::{Mutex, oneshot},
    time::{Instant, sleep},
};

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

    /// Waits before the next read of a target; answers if somebody else's read has taken it along meanwhile, which
    /// happens in the second half of the wait.
    pub(crate) async fn doze(
        &self,
        kinds: &Kinds,
        scope: &Scope,
        kind: &str,
        target: &Target,
        wait: Duration,
    ) -> Option<Answer> {
        match self.reader(kinds, scope, kind) {
            Ok(reader) if reader.kind.traits().bulk => reader.doze(target, wait).await,
            _ => {
                sleep(wait).await;
                None
            }
        }
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
                dozing: std::sync::Mutex::default(),
                turn: Mutex::default(),
            })
        };
        Ok(readers.entry(key).or_insert_with(make).clone())
    }
}

struct Reader {
    kind: Arc<dyn AnyKind>,
    scope: Scope,
    queue: Mutex<Vec<Question>>,
    /// Those that do not ask yet, with the moment from which on they may be taken along.
    dozing: std::sync::Mutex<Vec<(Instant, Question)>>,
    turn: Mutex<()>,
}

type Question = (Target, oneshot::Sender<Answer>);

impl Reader {
    async fn read(&self, target: Target) -> Answer {
        let (sender, mut receiver) = oneshot::channel();
        self.queue.lock().await.push((target, sender));
        let _turn = self.turn.lock().await;
        // Whoever held the turn before us has perhaps answered already.
        if let Ok(answer) = receiver.try_recv() {
            return answer;
        }
        let mut asked: Vec<Question> = self.queue.lock().await.drain(..).collect();
        asked.extend(self.wake());
        let (targets, senders): (Vec<_>, Vec<_>) = asked.into_iter().unzip();
        let answers = read_proven(self.kind.as_ref(), &self.scope, &targets).await;
        for (sender, answer) in senders.into_iter().zip(answers) {
            // A receiver that is gone belongs to a cancelled task.
            let _ = sender.send(answer);
        }
        receiver.try_recv().unwrap_or_else(|_| Err(Error::new(ErrorClass::Cancelled, "the read was cancelled")))
    }

    async fn doze(&self, target: &Target, wait: Duration) -> Option<Answer> {
        let (sender, receiver) = oneshot::channel();
        let early = Instant::now() + wait / 2;
        self.dozing.lock().unwrap_or_else(|e| e.into_inner()).push((early, (target.clone(), sender)));
        tokio::select! {
            biased;
            answer = receiver => answer.ok(),
            // Its question stays with a receiver that is gone, which `wake` leaves out.
            () = sleep(wait) => None,
        }
    }

    /// Who may be taken along now.
    fn wake(&self) -> Vec<Question> {
        let now = Instant::now();
        let mut dozing = self.dozing.lock().unwrap_or_else(|e| e.into_inner());
        let (due, rest) =
            dozing.drain(..).filter(|(_, (_, sender))| !sender.is_closed()).partition(|(at, _)| *at <= now);
        *dozing = rest;
        let due: Vec<(Instant, Question)> = due;
        due.into_iter().map(|(_, question)| question).collect()
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
