//! A simulated kind: objects that take time to become ready, fail on demand, and remember every call.

#![allow(dead_code, missing_docs, reason = "a helper that each test uses in part")]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use stellar_engine::*;
use tokio::{sync::Notify, time::Instant};
use tokio_util::sync::CancellationToken;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Thing {
    pub name: String,
    pub size: Option<i64>,
    /// Changed in a step of its own: the service takes one change at a time.
    #[serde(default)]
    pub level: Option<i64>,
    pub zone: Option<String>,
    pub color: Option<String>,
    pub parents: Vec<Input<String>>,
    /// What it is tied to for life.
    pub home: Option<Input<String>>,
}

impl Properties for Thing {
    const KIND: &'static str = "sim/thing";
}

#[derive(Clone, Debug)]
pub struct Object {
    pub thing: Thing,
    pub tags: Tags,
    pub visible_at: Instant,
    pub ready_at: Instant,
    pub gone_at: Option<Instant>,
}

/// The simulated cloud: what exists, what was called, and which calls fail.
#[derive(Default)]
pub struct Cloud {
    pub objects: Mutex<BTreeMap<String, Object>>,
    pub calls: Mutex<Vec<String>>,
    /// `create a`, `update a`, `delete a` → how often it still fails, and with which class.
    pub faults: Mutex<BTreeMap<String, (u32, ErrorClass)>>,
    /// Calls that are carried out and then answer their fault → how long a created object stays invisible.
    pub lost: Mutex<BTreeMap<String, Duration>>,
    /// Creations that are carried out and never answered.
    pub unanswered: Mutex<BTreeSet<String>>,
    /// Objects that nobody may look at.
    pub hidden: Mutex<BTreeSet<String>>,
    /// Objects that are degraded until then.
    pub degraded: Mutex<BTreeMap<String, Instant>>,
    /// Objects that were made although there was one of that name.
    pub twice: Mutex<Vec<String>>,
    pub life: Duration,
    /// How long an object shows its former size, and is ready, after it was changed.
    pub hesitation: Mutex<Duration>,
    pub former: Mutex<BTreeMap<String, (Instant, Option<i64>)>>,
    /// How often somebody has looked.
    pub looks: AtomicUsize,
    /// The process dies at this call from now, before or after the cloud has carried it out.
    pub death: Mutex<Option<(usize, Death)>>,
    /// Told when it has died.
    pub died: Notify,
    dead: AtomicBool,
    killed: AtomicBool,
}

/// When a process dies around a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Death {
    Before,
    After,
}

impl Cloud {
    pub fn new(seconds: u64) -> Arc<Self> {
        Arc::new(Self { life: Duration::from_secs(seconds), ..Self::default() })
    }

    pub fn fail(&self, call: &str, times: u32, class: ErrorClass) {
        self.faults.lock().unwrap().insert(call.to_owned(), (times, class));
    }

    /// The call is carried out, but its first answer is lost.
    pub fn lose(&self, call: &str, class: ErrorClass, invisible: Duration) {
        self.fail(call, 1, class);
        self.lost.lock().unwrap().insert(call.to_owned(), invisible);
    }

    pub fn heal(&self) {
        self.faults.lock().unwrap().clear();
    }

    pub fn calls(&self) -> Vec<String> {
        std::mem::take(&mut *self.calls.lock().unwrap())
    }

    pub fn names(&self) -> BTreeSet<String> {
        self.objects.lock().unwrap().keys().cloned().collect()
    }

    /// The process dies at its `n`-th changing call from now on.
    pub fn kill_at(&self, n: usize, death: Death) {
        *self.death.lock().unwrap() = Some((n, death));
    }

    /// A new process comes.
    pub fn revive(&self) {
        *self.death.lock().unwrap() = None;
        self.dead.store(false, Ordering::SeqCst);
    }

    /// Whether a process has ever died.
    pub fn was_killed(&self) -> bool {
        self.killed.load(Ordering::SeqCst)
    }

    /// A dead process gets no further.
    async fn alive(&self) {
        if self.dead.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
    }

    /// Before (`Death::Before`) and after (`Death::After`) a changing call: whether the process dies here.
    async fn reached(&self, point: Death) {
        self.alive().await;
        let dies = match self.death.lock().unwrap().as_mut() {
            Some((0, death)) => *death == point,
            Some((left, _)) if point == Death::After => {
                *left -= 1;
                false
            }
            _ => false,
        };
        if dies {
            self.dead.store(true, Ordering::SeqCst);
            self.killed.store(true, Ordering::SeqCst);
            self.died.notify_one();
            self.alive().await;
        }
    }

    /// A changing call: refused, carried out and answered, or carried out without an answer; the process may die around it.
    async fn perform(&self, call: &str, carry_out: impl FnOnce(Duration)) -> Result<(), Error> {
        self.reached(Death::Before).await;
        let answer = self.called(call);
        let lost = self.lost.lock().unwrap().remove(call);
        if answer.is_ok() || lost.is_some() {
            carry_out(lost.unwrap_or_default());
        }
        self.reached(Death::After).await;
        let is_unanswered = self.unanswered.lock().unwrap().contains(call);
        if is_unanswered {
            std::future::pending::<()>().await;
        }
        answer
    }

    fn called(&self, call: &str) -> Result<(), Error> {
        self.calls.lock().unwrap().push(call.to_owned());
        let mut faults = self.faults.lock().unwrap();
        match faults.get_mut(call) {
            Some((times, class)) if *times > 0 => {
                *times -= 1;
                Err(Error::new(*class, format!("{call} was told to fail")))
            }
            _ => Ok(()),
        }
    }
}

pub struct SimKind(pub Arc<Cloud>);

#[async_trait]
impl Kind for SimKind {
    type Props = Thing;

    fn traits(&self) -> Traits {
        Traits {
            rules: &[
                ("zone", Rule::Replace("zones are fixed")),
                ("home", Rule::Replace("a home is for life")),
                ("color", Rule::AtOnce),
            ],
            stable: &["name"],
            volatile: &["shades"],
            reflects: &[("sim/thing", "color")],
            bulk: true,
            minutes: if self.0.life.is_zero() { (0.0, 0.0, 0.0) } else { (5.0, 2.0, 3.0) },
            ..Traits::new("sim/thing", "thing")
        }
    }

    async fn read(&self, _: &Scope, targets: &[Target<Thing>]) -> Vec<Result<Option<Observed<Thing>>, Error>> {
        self.0.alive().await;
        self.0.looks.fetch_add(1, Ordering::SeqCst);
        let now = Instant::now();
        let mut objects = self.0.objects.lock().unwrap();
        objects.retain(|_, o| o.gone_at.is_none_or(|at| at > now));
        let one = |target: &Target<Thing>| {
            let name = target.id.as_ref().or(target.props.as_ref().map(|p| &p.name));
            if name.is_some_and(|name| self.0.hidden.lock().unwrap().contains(name)) {
                return Err(Error::new(ErrorClass::Denied, "nobody may look"));
            }
            let found = name.and_then(|name| objects.get_key_value(name)).filter(|(_, o)| o.visible_at <= now);
            let Some((name, object)) = found else { return Ok(None) };
            let former = self.0.former.lock().unwrap().get(name).filter(|(until, _)| *until > now).copied();
            let status = match object.gone_at {
                None if former.is_some() => Status::Ready,
                Some(_) => Status::Deleting,
                None if object.ready_at > now => Status::Pending("creating".into()),
                None if self.0.degraded.lock().unwrap().get(name).is_some_and(|until| *until > now) => {
                    Status::Degraded("no parent".into())
                }
                None => Status::Ready,
            };
            let size = former.map_or(object.thing.size, |(_, size)| size);
            let thing = Thing { size, ..object.thing.clone() };
            let observed = Observed::new(name.clone(), thing).output("id", name.clone());
            let parents = object.thing.parents.iter().filter_map(|parent| objects.get(parent.value().ok()?));
            let shades: Vec<String> = parents.filter_map(|parent| parent.thing.color.clone()).collect();
            let observed = observed.output("name", name.clone()).output("shades", shades.join(" "));
            Ok(Some(observed.tags(object.tags.clone()).status(status)))
        };
        targets.iter().map(one).collect()
    }

    async fn create(&self, scope: &Scope, address: &Address, desired: &Thing) -> Result<String, Error> {
        let call = format!("create {}", desired.name);
        self.0
            .perform(&call, |invisible| {
                let now = Instant::now();
                let (visible_at, ready_at) = (now + invisible, now + self.0.life);
                let (thing, tags) = (Thing { color: None, ..desired.clone() }, scope.tags_of(address));
                let object = Object { thing, tags, visible_at, ready_at, gone_at: None };
                let before = self.0.objects.lock().unwrap().insert(desired.name.clone(), object);
                if before.is_some_and(|before| before.gone_at.is_none_or(|at| at > now)) {
                    self.0.twice.lock().unwrap().push(desired.name.clone());
                }
            })
            .await?;
        let is_unanswered = self.0.unanswered.lock().unwrap().contains(&call);
        if is_unanswered {
            std::future::pending::<()>().await;
        }
        Ok(desired.name.clone())
    }

    /// The colour, which no create call takes.
    async fn complete(&self, _: &Scope, _: &Address, desired: &Thing, id: &str) -> Result<(), Error> {
        if desired.color.is_none() {
            return Ok(());
        }
        self.0
            .perform(&format!("complete {id}"), |_| {
                if let Some(object) = self.0.objects.lock().unwrap().get_mut(id) {
                    object.thing.color.clone_from(&desired.color);
                }
            })
            .await
    }

    async fn update(
        &self,
        _: &Scope,
        _: &Address,
        desired: &Thing,
        observed: &Observed<Thing>,
        changes: &Changes,
    ) -> Result<(), Error> {
        let last = changes.iter().all(|change| change.field == "level");
        let call = format!("update {}{}", observed.id, if last { " again" } else { "" });
        self.0
            .perform(&call, |_| {
                let mut objects = self.0.objects.lock().unwrap();
                let object = objects.get_mut(&observed.id).unwrap();
                let until = Instant::now() + *self.0.hesitation.lock().unwrap();
                self.0.former.lock().unwrap().insert(observed.id.clone(), (until, object.thing.size));
                let level = if last { desired.level } else { object.thing.level };
                object.thing = Thing { level, ..desired.clone() };
                object.ready_at = Instant::now() + self.0.life;
            })
            .await
    }

    async fn delete(
        &self,
        _: &Scope,
        _: &Address,
        observed: &Observed<Thing>,
        _: Option<&Thing>,
    ) -> Result<Vec<Retained>, Error> {
        self.0
            .perform(&format!("delete {}", observed.id), |_| {
                let gone_at = Some(Instant::now() + self.0.life);
                self.0.objects.lock().unwrap().get_mut(&observed.id).unwrap().gone_at = gone_at;
            })
            .await?;
        Ok(Vec::new())
    }
}

pub fn kinds(cloud: &Arc<Cloud>) -> Kinds {
    let kind: Arc<dyn AnyKind> = Arc::new(SimKind(cloud.clone()));
    Kinds::new(BTreeMap::from([("sim/thing", kind)]))
}

pub fn scope(graphs: &[&Graph]) -> Scope {
    let tags = graphs.iter().flat_map(|g| g.iter()).map(|c| (c.address.clone(), c.tags.clone()));
    Scope {
        stack: "sim".into(),
        claim: "0123456789abcdef0123456789abcdef".into(),
        account: "1".into(),
        partition: "aws".into(),
        region: "here".into(),
        operation: "one".into(),
        tags: Arc::new(tags.collect()),
    }
}

/// A graph from `name: parents`, all of one size.
pub fn graph(rows: &[(&str, &[&str])], size: i64) -> Graph {
    let component = |(name, parents): &(&str, &[&str])| {
        let parents = parents.iter().map(|p| Input::output(&address!("{p}"), "id")).collect();
        let thing = Thing { name: (*name).to_owned(), size: Some(size), parents, ..Thing::default() };
        Component::new(address!("{name}"), "here", &thing)
    };
    Graph::new(rows.iter().map(component).collect()).unwrap()
}

/// What a caller does: refresh, plan, execute.
pub async fn converge(
    cloud: &Arc<Cloud>,
    desired: &Graph,
    prior: &Graph,
    cancel: &CancellationToken,
) -> (Plan, Outcome) {
    run_telling(cloud, desired, prior, cancel, false, Arc::new(|_| {})).await
}

/// The same with a listener.
pub async fn converge_telling(
    cloud: &Arc<Cloud>,
    desired: &Graph,
    prior: &Graph,
    cancel: &CancellationToken,
    listener: Arc<dyn Fn(&Event) + Send + Sync>,
) -> (Plan, Outcome) {
    run_telling(cloud, desired, prior, cancel, false, listener).await
}

/// The same; `fresh`: under a claim that was made just now, of which nothing is read.
pub async fn run(
    cloud: &Arc<Cloud>,
    desired: &Graph,
    prior: &Graph,
    cancel: &CancellationToken,
    fresh: bool,
) -> (Plan, Outcome) {
    run_telling(cloud, desired, prior, cancel, fresh, Arc::new(|_| {})).await
}

/// What a destroy does that cannot read everything; `recorded`: the ids are known.
pub async fn destroy_what_can_be_read(cloud: &Arc<Cloud>, prior: &Graph, recorded: bool) -> Outcome {
    let (kinds, scope, desired) = (kinds(cloud), scope(&[prior]), Graph::default());
    let id = |component: &Component| (component.address.clone(), component.address.to_string());
    let ids: BTreeMap<_, _> = prior.iter().filter(|_| recorded).map(id).collect();
    let refreshed = refresh(&kinds, &scope, prior, &ids, &BTreeMap::new()).await;
    let unread = refreshed.unread(prior);
    let observed = refreshed.observed;
    let input = PlanInput {
        kinds: &kinds,
        scope: &scope,
        desired: &desired,
        prior,
        observed: &observed,
        recorded: &BTreeSet::new(),
    };
    let plan = plan(&input).unwrap();
    execute(Execution {
        kinds,
        scope,
        desired,
        prior: prior.clone(),
        observed,
        plan,
        unread,
        fresh: false,
        pace: Pace::default(),
        cancel: CancellationToken::new(),
        listener: Arc::new(|_| {}),
        fence: Arc::new(Alone),
    })
    .await
}

async fn run_telling(
    cloud: &Arc<Cloud>,
    desired: &Graph,
    prior: &Graph,
    cancel: &CancellationToken,
    fresh: bool,
    listener: Arc<dyn Fn(&Event) + Send + Sync>,
) -> (Plan, Outcome) {
    let (kinds, scope) = (kinds(cloud), scope(&[desired, prior]));
    let whole = if desired.is_empty() { prior } else { desired };
    let mut observed = BTreeMap::new();
    for graph in [whole, prior].into_iter().filter(|_| !fresh) {
        observed.extend(refresh(&kinds, &scope, graph, &BTreeMap::new(), &BTreeMap::new()).await.observed);
    }
    let input =
        PlanInput { kinds: &kinds, scope: &scope, desired, prior, observed: &observed, recorded: &BTreeSet::new() };
    let plan = plan(&input).unwrap();
    let execution = Execution {
        kinds,
        scope,
        desired: desired.clone(),
        prior: prior.clone(),
        observed,
        plan: plan.clone(),
        unread: BTreeMap::new(),
        fresh,
        pace: Pace::default(),
        cancel: cancel.clone(),
        listener,
        fence: Arc::new(Alone),
    };
    (plan, execute(execution).await)
}
