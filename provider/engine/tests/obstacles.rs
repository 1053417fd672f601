//! What stands in the way of a deletion: it is cleared first, waited for, or named.

#![allow(missing_docs, reason = "a test")]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use stellar_engine::*;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Room {
    name: String,
}

impl Properties for Room {
    const KIND: &'static str = "sim/room";
}

/// An object that goes as soon as nothing holds it.
struct World {
    exists: Mutex<bool>,
    status: Mutex<Status>,
    data: bool,
    /// What `clear` finds before there is room.
    leftovers: Mutex<Vec<&'static str>>,
    /// What blocks, and until when.
    blocker: Mutex<Option<(Fate, Option<Instant>)>>,
    calls: Mutex<Vec<String>>,
    looks: Mutex<u32>,
}

impl World {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            exists: Mutex::new(true),
            status: Mutex::new(Status::Ready),
            data: false,
            leftovers: Mutex::default(),
            blocker: Mutex::default(),
            calls: Mutex::default(),
            looks: Mutex::default(),
        })
    }

    fn blocks(&self) -> Option<Fate> {
        let blocker = *self.blocker.lock().unwrap();
        blocker.filter(|(_, until)| until.is_none_or(|until| until > Instant::now())).map(|(fate, _)| fate)
    }
}

struct Sim(Arc<World>);

#[async_trait]
impl Kind for Sim {
    type Props = Room;

    fn traits(&self) -> Traits {
        Traits { data: self.0.data, limit_minutes: 20, ..Traits::new(Room::KIND, "room") }
    }

    async fn read(&self, scope: &Scope, targets: &[Target<Room>]) -> Vec<Result<Option<Observed<Room>>, Error>> {
        let one = |target: &Target<Room>| {
            let observed = || {
                let tags = scope.tags_of(&target.address);
                Observed::new("r-1", Room::default()).tags(tags).status(self.0.status.lock().unwrap().clone())
            };
            Ok((*self.0.exists.lock().unwrap()).then(observed))
        };
        targets.iter().map(one).collect()
    }

    async fn create(&self, _: &Scope, _: &Address, _: &Room) -> Result<String, Error> {
        self.0.calls.lock().unwrap().push("create".to_owned());
        *self.0.exists.lock().unwrap() = true;
        *self.0.status.lock().unwrap() = Status::Ready;
        Ok("r-1".to_owned())
    }

    async fn update(&self, _: &Scope, _: &Address, _: &Room, _: &Observed<Room>, _: &Changes) -> Result<(), Error> {
        Ok(())
    }

    async fn delete(
        &self,
        _: &Scope,
        _: &Address,
        _: &Observed<Room>,
        _: Option<&Room>,
    ) -> Result<Vec<Retained>, Error> {
        if self.0.blocks().is_some() {
            return Err(Error::new(ErrorClass::InUse, "in use"));
        }
        self.0.calls.lock().unwrap().push("delete".to_owned());
        *self.0.exists.lock().unwrap() = false;
        Ok(Vec::new())
    }

    async fn clear(&self, _: &Scope, _: &Address, _: &Observed<Room>, _: Option<&Room>) -> Result<Clearing, Error> {
        let Some(next) = self.0.leftovers.lock().unwrap().pop() else { return Ok(Clearing::default()) };
        self.0.calls.lock().unwrap().push(format!("clear {next}"));
        let removed = vec![Removed { noun: "leftover".to_owned(), id: next.to_owned() }];
        Ok(Clearing { removed, waiting_for: Some("waiting for leftovers".to_owned()), blockers: Vec::new() })
    }

    async fn blockers(&self, _: &Scope, _: &Observed<Room>) -> Result<Vec<Blocker>, Error> {
        *self.0.looks.lock().unwrap() += 1;
        let blocker =
            |fate| Blocker { noun: "lodger".to_owned(), id: "l-1".to_owned(), about: "of Jo".to_owned(), fate };
        Ok(self.0.blocks().map(blocker).into_iter().collect())
    }
}

/// Refreshes, plans and executes; the plan, the outcome, what was told, and how long it took.
async fn run(world: &Arc<World>, wanted: bool) -> (Plan, Outcome, Vec<EventKind>, Duration) {
    run_with(world, wanted, || ()).await
}

/// The same, with something that happens between plan and execution.
async fn run_with(world: &Arc<World>, wanted: bool, between: impl Fn()) -> (Plan, Outcome, Vec<EventKind>, Duration) {
    let kind: Arc<dyn AnyKind> = Arc::new(Sim(world.clone()));
    let kinds = Kinds::new(BTreeMap::from([("sim/room", kind)]));
    let room = Component::new(address!("room"), "here", &Room::default());
    let (whole, nothing) = (Graph::new(vec![room]).unwrap(), Graph::default());
    let desired = if wanted { whole.clone() } else { nothing };
    let text = str::to_owned;
    let scope = Scope {
        stack: text("sim"),
        claim: text("0123456789abcdef0123456789abcdef"),
        account: text("1"),
        partition: text("aws"),
        region: text("here"),
        operation: text("one"),
        tags: Arc::default(),
    };
    let observed = refresh(&kinds, &scope, &whole, &BTreeMap::new(), &BTreeMap::new()).await.observed;
    let recorded = BTreeSet::new();
    let input = PlanInput {
        kinds: &kinds,
        scope: &scope,
        desired: &desired,
        prior: &whole,
        observed: &observed,
        recorded: &recorded,
    };
    let plan = plan(&input).unwrap();
    between();
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = told.clone();
    let began = Instant::now();
    let outcome = execute(Execution {
        kinds,
        scope,
        desired,
        prior: whole,
        observed,
        plan: plan.clone(),
        unread: BTreeMap::new(),
        fresh: false,
        pace: Pace::default(),
        cancel: CancellationToken::new(),
        listener: Arc::new(move |event| heard.lock().unwrap().push(event.what.clone())),
        fence: Arc::new(Alone),
    })
    .await;
    let told = told.lock().unwrap().clone();
    (plan, outcome, told, began.elapsed())
}

#[tokio::test(start_paused = true)]
async fn what_others_left_is_cleared_step_by_step_before_the_deletion() {
    let world = World::new();
    *world.leftovers.lock().unwrap() = vec!["b", "a"];
    let (_, outcome, told, _) = run(&world, false).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(*world.calls.lock().unwrap(), ["clear a", "clear b", "delete"]);
    let swept: Vec<String> = outcome.swept.iter().map(ToString::to_string).collect();
    assert_eq!(swept, ["leftover a", "leftover b"]);
    assert!(told.contains(&EventKind::Swept("leftover a".to_owned())), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn what_stays_is_named_within_a_minute_and_what_goes_is_waited_for() {
    let rows = [
        (Fate::Stays, None, Some(60)),
        (Fate::Unclear, None, Some(360)),
        (Fate::Goes, None, Some(20 * 60 + 30)),
        (Fate::Stays, Some(20), None),
        (Fate::Unclear, Some(200), None),
        (Fate::Goes, Some(900), None),
    ];
    for (fate, seconds, named_within) in rows {
        let world = World::new();
        let until = seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
        *world.blocker.lock().unwrap() = Some((fate, until));
        let (_, outcome, told, took) = run(&world, false).await;
        assert!(told.iter().any(|event| matches!(event, EventKind::HeldBack(why) if why.contains("lodger l-1"))));
        let Some(limit) = named_within else {
            assert!(outcome.is_complete(), "{fate:?} {seconds:?}: {outcome:?}");
            continue;
        };
        let [failure] = &outcome.failures[..] else { panic!("{fate:?}: {outcome:?}") };
        assert!(took <= Duration::from_secs(limit), "{fate:?} was told after {took:?}");
        assert!(failure.error.message.contains("lodger l-1 (of Jo)"), "{fate:?}: {}", failure.error.message);
        let looks = *world.looks.lock().unwrap();
        assert!(u64::from(looks) <= took.as_secs() / 10 + 1, "{looks} looks in {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn data_is_replaced_without_a_word_only_when_there_never_was_any() {
    let broken = |text: &str| text.to_owned();
    let rows = [
        (Status::Unmade(broken("no address")), true, true),
        (Status::Failed(broken("no address")), true, false),
        (Status::Failed(broken("no address")), false, true),
    ];
    for (status, data, replaced) in rows {
        let mut world = World::new();
        Arc::get_mut(&mut world).unwrap().data = data;
        *world.status.lock().unwrap() = status.clone();
        let (plan, outcome, ..) = run(&world, true).await;
        assert_eq!(plan.changes.len(), usize::from(replaced), "{status:?}");
        let calls = world.calls.lock().unwrap().clone();
        assert_eq!(calls, if replaced { vec!["delete", "create"] } else { vec![] }, "{status:?}: {outcome:?}");
        if let Some(change) = plan.changes.first() {
            assert_eq!((change.action, change.data), (Action::Replace, false), "{status:?}");
            assert!(change.reason.as_ref().is_some_and(|reason| reason.contains("no address")), "{change:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_came_to_life_since_the_plan_is_not_deleted_as_if_it_were_empty() {
    for wanted in [true, false] {
        let mut world = World::new();
        Arc::get_mut(&mut world).unwrap().data = true;
        *world.status.lock().unwrap() = Status::Unmade("no address".to_owned());
        let live = || *world.status.lock().unwrap() = Status::Failed("storage".to_owned());
        let (plan, outcome, ..) = run_with(&world, wanted, live).await;
        assert!(!plan.changes[0].data);
        assert_eq!(outcome.failures.len(), 1, "{outcome:?}");
        assert!(world.calls.lock().unwrap().is_empty(), "{outcome:?}");
    }
}
