//! Planning. What a plan shows as known follows from configuration and prior state alone, so that
//! the plan at apply time shows the same; what the account says becomes a warning or, before
//! anything exists, an error.

use std::collections::{BTreeMap, BTreeSet};

use stellar_aws::{
    Aws,
    claim::{Claim, Phase},
};
use stellar_engine::{Address, Graph, Observed, Plan, PlanInput, Status, plan as compare};
use tfplugin_sdk::{Attr, Diagnostics, Path, PlanRequest, PlanResponse, Value};

use super::{
    bill, changes, destroy,
    facts::Facts,
    guard,
    kubernetes::ladder,
    memory::with_leaving,
    model::Cluster,
    origin::origin,
    owner::{Owner, newer},
    private::{Intent, Private},
    resource::{ClusterResource, fail},
    sections,
    stack::{ExpandError, NO_CLAIM, expand},
    state,
    stop::unless_stopped,
    survey,
};
use crate::{
    session::{Clash, Meant, Session},
    tagging::Tagging,
};

pub async fn plan(resource: &ClusterResource, request: PlanRequest) -> PlanResponse {
    let mut diagnostics = Diagnostics::new();
    let planned = unless_stopped(&request.cancel, async { Ok(planned(resource, &request, &mut diagnostics).await) });
    let planned = planned.await.unwrap_or_else(|stopped| Err(stopped.message));
    let mut response = planned.unwrap_or_else(|message| {
        diagnostics.error("The plan failed", message);
        PlanResponse { planned: request.proposed.clone(), ..PlanResponse::default() }
    });
    response.diagnostics = diagnostics;
    response.identity = response.identity.or(request.identity);
    response
}

async fn planned(
    resource: &ClusterResource,
    request: &PlanRequest,
    diagnostics: &mut Diagnostics,
) -> Result<PlanResponse, String> {
    let (prior, proposed) = match (&request.prior, &request.proposed) {
        (Some(prior), None) => return destruction(resource, prior, request, diagnostics).await,
        (None, Some(proposed)) => return create(resource, proposed, request, diagnostics).await,
        (None, None) => return Ok(PlanResponse::default()),
        (Some(prior), Some(proposed)) => (prior, proposed),
    };
    let response = update(resource, prior, proposed, request, diagnostics)?;
    if response.planned.as_ref() != Some(prior) && !diagnostics.has_errors() {
        survey::of_change(resource, (prior, proposed), request, diagnostics).await;
    }
    Ok(response)
}

/// The plan of a destroy, and of the destroy half of nothing else: it states the intent that the delete needs.
async fn destruction(
    resource: &ClusterResource,
    prior: &Value,
    request: &PlanRequest,
    diagnostics: &mut Diagnostics,
) -> Result<PlanResponse, String> {
    let stack = state::decode(prior).map_err(|e| e.to_string())?;
    if !stack.is_protected() || !was_resumed(resource, &stack).await {
        guard::destroy(&stack, diagnostics);
    }
    if let Some(owner) = Owner::of(&stack) {
        mean(resource, &stack, Meant::Destroy(owner.id.to_owned()), diagnostics);
    }
    let private = Private::decode(&request.prior_private).intending(Intent::Destroy);
    Ok(PlanResponse { private: private.encode(), ..PlanResponse::default() })
}

/// True for what `create_before_destroy` leaves of an interrupted create after a later one has gone on with its stack: it
/// stands for nothing, so nothing protects it.
async fn was_resumed(resource: &ClusterResource, stack: &Cluster) -> bool {
    let Ok(region) = resource.region(&stack.region).await else { return false };
    let found = region.claims.find(stack.name.known().map_or("", String::as_str)).await;
    found.is_ok_and(|claim| claim.is_some_and(|claim| destroy::is_resumed(stack, &claim)))
}

/// Two resources of one run for one name: the configuration is wrong, whatever the account holds.
fn mean(resource: &ClusterResource, stack: &Cluster, meant: Meant, diagnostics: &mut Diagnostics) {
    let (Some(region), Some(name)) = (stack.region.known(), stack.name.known()) else { return };
    let text = match resource.session.mean(region, name, meant) {
        None => return,
        Some(Clash::Twice) => {
            format!(
                "Every stack needs a name of its own: two resources of this configuration have the name {name} in {region}."
            )
        }
        Some(Clash::Renamed) => format!(
            "One resource of this plan gives up the stack {name} in {region}, another one would make it. If the resource was renamed, say \
             so, and nothing changes:\n\n  moved {{\n    from = stellar_cluster.OLD\n    to   = stellar_cluster.NEW\n  }}\n\n\
             To have another stack in its place, destroy this one first."
        ),
    };
    let text = format!("{text}\n\n`terraform destroy -refresh=false` is not held up by this.");
    diagnostics.attribute_error(Path::root().attr("name"), "Two resources stand for one stack", text);
}

async fn create(
    resource: &ClusterResource,
    proposed: &Value,
    request: &PlanRequest,
    diagnostics: &mut Diagnostics,
) -> Result<PlanResponse, String> {
    let mut config = state::decode(proposed).map_err(|e| e.to_string())?;
    config.tags_all = resource.session.tagging().all(&config.tags);
    // The second half of a replacement brings the first plan's private state; a tainted stack brings none.
    let replacing = !request.prior_private.is_empty();
    let mut private = Private::decode(&request.prior_private);
    private.intent = Some(if replacing { Intent::Replace } else { Intent::Create });
    if replacing && private.protected {
        guard::replacement(diagnostics);
    }
    let mut region = config.region.clone();
    if !region.is_known() {
        let aws = resource.session.aws().await.ok();
        region = aws.as_ref().and_then(|aws| aws.default_region()).map_or(Attr::Unknown, Attr::from);
    }
    if !replacing && !resource.session.is_deferred() && config.name.is_known() {
        let (intent, owner) = look_around(resource, &config, &region, diagnostics).await;
        private.intent = Some(intent);
        let place = Cluster { region: region.clone(), name: config.name.clone(), ..Cluster::default() };
        mean(resource, &place, Meant::Create(owner), diagnostics);
    }
    let computed = new_stack(&config, region)?;
    Ok(PlanResponse {
        planned: Some(state::compose(proposed, &computed)),
        private: private.encode(),
        ..PlanResponse::default()
    })
}

/// The computed attributes of a stack that does not exist: everything unknown but the list of components.
fn new_stack(config: &Cluster, region: Attr<String>) -> Result<Cluster, String> {
    let mut computed = state::all_unknown(region);
    computed.tags_all = config.tags_all.clone();
    bill::mark(&mut computed, config);
    let facts = Facts::default();
    let graph = match expand(config, NO_CLAIM, "", &facts) {
        Ok(graph) => graph,
        Err(ExpandError::NotYetKnown(_)) => return Ok(computed),
        Err(error) => return Err(error.to_string()),
    };
    let kinds = Session::kinds(&Aws::offline());
    let nothing =
        Situation { kinds: &kinds, prior: &Graph::default(), observed: &BTreeMap::new(), recorded: &BTreeSet::new() };
    let plan = nothing.plan(config, &graph, NO_CLAIM)?;
    computed.components = state::components(&graph, &BTreeMap::new(), &plan.renewed());
    computed.changes = Attr::Known(changes::lines(&plan, &kinds));
    Ok(computed)
}

/// What the account says about a stack that Terraform does not know: nothing, or an unfinished one of ours. With its owner.
async fn look_around(
    resource: &ClusterResource,
    config: &Cluster,
    region: &Attr<String>,
    diagnostics: &mut Diagnostics,
) -> (Intent, Option<String>) {
    let connected = match resource.region(region).await {
        Ok(connected) => connected,
        Err(error) => {
            fail(diagnostics, "AWS cannot be reached with these settings", &error);
            return (Intent::Create, None);
        }
    };
    let name = config.name.known().map_or("", String::as_str);
    let claim = match connected.claims.find(name).await {
        Ok(Some(claim)) => claim,
        Ok(None) => {
            let mut facts = Facts::of(&connected.caller);
            match sections::look_up(&connected.aws, &connected.name, config, &mut facts).await {
                Ok(()) => {
                    survey::of_new(resource, &connected, config, &facts, diagnostics).await;
                    resource.session.keep_facts(&connected.name, name, facts);
                }
                Err(error) => fail(diagnostics, "The stack cannot be created like this", &error),
            }
            return (Intent::Create, None);
        }
        Err(error) => {
            fail(diagnostics, "The stack's claim could not be looked up", &error);
            return (Intent::Create, None);
        }
    };
    let owner = claim.owner().map(str::to_owned);
    if may_adopt(&claim, &origin(&connected.caller), config) {
        return (Intent::Resume, owner);
    }
    diagnostics.warning(format!("A stack named {name} exists already"), already_exists(name, &connected.name, &claim));
    (Intent::Create, owner)
}

/// Whether a create may finish what an earlier one began.
pub(super) fn may_adopt(claim: &Claim, origin: &str, config: &Cluster) -> bool {
    !claim.is_newer()
        && claim.phase().is_unfinished()
        && (claim.origin == origin || config.adopt.known() == Some(&true))
}

/// Why a create meets a claim that it may not take, with what to do in each case.
pub(super) fn already_exists(name: &str, region: &str, claim: &Claim) -> String {
    let found =
        format!("The account holds the claim {} of a stack {name} in {region}, in phase {}.", claim.id, claim.phase());
    if claim.is_newer() {
        return format!("{found}\n\nIt is not this version's: {}.", newer(name, claim));
    }
    let give_up = format!("To give it up: `terraform-provider-stellar destroy {name} --region {region}`.");
    if claim.phase().is_unfinished() {
        return format!(
            "{found}\n\nIts creation was begun from another directory, workspace or role and is not finished. Apply there, or set \
             `adopt = true` here to take it over. {give_up}"
        );
    }
    if claim.phase() == Phase::Deleting {
        return format!(
            "{found}\n\nIt is being destroyed. Finish that first: `terraform destroy` where its state is, or without a state \
             `terraform-provider-stellar destroy {name} --region {region}`."
        );
    }
    format!(
        "{found}\n\nOne of these is the cause:\n\
         - It is another stack: choose another `name`.\n\
         - Its Terraform state was lost: `terraform import ADDRESS {region}/{name}`.\n\
         - The resource was renamed in the configuration: add `moved {{ from = OLD, to = NEW }}`.\n\
         - Terraform has marked it as tainted: `terraform untaint ADDRESS`.\n\n\
         A replacement with `create_before_destroy` ends here too: two stacks cannot have one name, so take that line out for it."
    )
}

fn update(
    resource: &ClusterResource,
    prior: &Value,
    proposed: &Value,
    request: &PlanRequest,
    diagnostics: &mut Diagnostics,
) -> Result<PlanResponse, String> {
    let tagging: Tagging = resource.session.tagging();
    let mut before = state::decode(prior).map_err(|e| e.to_string())?;
    let mut config = state::decode(proposed).map_err(|e| e.to_string())?;
    before.tags_all = before.tags_all.map(|tags| tagging.ours(tags));
    config.tags_all = tagging.all(&config.tags);
    if config.region.is_null() {
        config.region = before.region.clone();
    }
    let private = Private { protected: before.is_protected(), ..Private::decode(&request.prior_private) };
    let moved: Vec<Path> = [("name", before.name != config.name), ("region", before.region != config.region)]
        .into_iter()
        .filter(|(_, differs)| *differs)
        .map(|(attribute, _)| Path::root().attr(attribute))
        .collect();
    if !moved.is_empty() {
        guard::replace(&before, &moved, diagnostics);
        let computed = new_stack(&config, config.region.clone())?;
        let planned = Some(state::compose(proposed, &computed));
        let private = private.intending(Intent::Replace).encode();
        return Ok(PlanResponse { planned, requires_replace: moved, private, ..PlanResponse::default() });
    }
    mean(resource, &before, Meant::Keep, diagnostics);
    let planned = in_place(prior, proposed, &before, &config, &private, diagnostics)?;
    let private = private.intending(Intent::Update).encode();
    Ok(PlanResponse { planned: Some(planned), private, ..PlanResponse::default() })
}

fn in_place(
    prior: &Value,
    proposed: &Value,
    before: &Cluster,
    config: &Cluster,
    private: &Private,
    diagnostics: &mut Diagnostics,
) -> Result<Value, String> {
    let changed = Changed::find(before, config, private)?;
    let Some(changed) = changed else {
        let mut unknown = state::all_unknown(config.region.clone());
        unknown.tags_all = config.tags_all.clone();
        bill::mark(&mut unknown, config);
        return Ok(state::compose(proposed, &unknown));
    };
    guard::data(before, config, &changed.plan, diagnostics);
    sections::check_change(before, config, diagnostics);
    let inputs_differ =
        state::compose(proposed, &Cluster { tags_all: config.tags_all.clone(), ..before.clone() }) != *prior;
    let was_ready = before.status.known().is_some_and(|status| status == "ready" || status == "degraded");
    if changed.plan.is_empty() && !inputs_differ && was_ready {
        return Ok(prior.clone());
    }
    let mut computed = before.clone();
    computed.tags_all = config.tags_all.clone();
    if Owner::of(before).is_some_and(Owner::is_pending) {
        computed.owner = Attr::Unknown;
    }
    let touched = changed.plan.renewed();
    let expected =
        changed.plan.expected(&changed.kinds, &changed.desired, &changed.observed).map_err(|e| e.to_string())?;
    state::set_outputs(&mut computed, config, &expected, &touched);
    computed.components = state::components(&changed.desired, &changed.observed, &touched);
    computed.changes = Attr::Known(changes::lines(&changed.plan, &changed.kinds));
    if is_blank(before) {
        // What exists is told in a warning: it is no function of configuration and state.
        let count = changed.desired.iter().count();
        let line = format!("adopt {count} components: no AWS call for those that exist as configured");
        computed.changes = Attr::Known(vec![line]);
    }
    if !changed.plan.is_empty() || before.cost_estimate != config.cost_estimate {
        bill::mark(&mut computed, config);
    }
    if !changed.plan.is_empty() || !was_ready {
        computed.status = Attr::Unknown;
        computed.pending = Attr::Unknown;
        computed.retained = Attr::Unknown;
    }
    let mut planned = state::compose(proposed, &computed);
    if private.observed.is_none() {
        // Without the cache the view knows only what the plan touches.
        planned = state::keep_prior(prior, planned);
        planned = state::compose(proposed, &state::decode(&planned).map_err(|e| e.to_string())?);
    }
    Ok(planned)
}

/// True for a stack that was imported although its claim remembers no configuration: nothing in it is known.
pub(super) fn is_blank(before: &Cluster) -> bool {
    before.components.known().is_some_and(BTreeMap::is_empty) && before.claim.is_known()
}

/// What an update changes, from configuration, prior state and its cache.
pub(super) struct Changed {
    pub kinds: stellar_engine::Kinds,
    pub desired: Graph,
    pub observed: BTreeMap<Address, Observed>,
    pub plan: Plan,
}

impl Changed {
    /// `None` when what decides about components is not known yet.
    pub(super) fn find(before: &Cluster, config: &Cluster, private: &Private) -> Result<Option<Self>, String> {
        let claim = before.claim.known().map_or(NO_CLAIM, String::as_str);
        let region = before.region.known().map_or("", String::as_str);
        let facts = private.facts.clone().unwrap_or_default();
        let kinds = Session::kinds(&Aws::offline());
        let prior = expand(before, claim, region, &facts).map_err(|e| e.to_string())?;
        let prior = with_leaving(prior, &private.leaving, &kinds).map_err(|e| e.to_string())?;
        let desired = match expand(config, claim, region, &facts) {
            Ok(graph) => graph,
            Err(ExpandError::NotYetKnown(_)) => return Ok(None),
            Err(error) => return Err(error.to_string()),
        };
        let recorded = state::recorded(before);
        let observed = private.observed.clone().unwrap_or_else(|| presumed(&prior, &recorded, before));
        let recorded: BTreeSet<Address> = recorded.into_keys().collect();
        let situation = Situation { kinds: &kinds, prior: &prior, observed: &observed, recorded: &recorded };
        let mut plan = situation.plan(config, &desired, claim)?;
        ladder::describe(&mut plan, &desired, &observed, &kinds);
        Ok(Some(Self { kinds, desired, observed, plan }))
    }
}

/// What is compared with a desired graph.
struct Situation<'a> {
    kinds: &'a stellar_engine::Kinds,
    prior: &'a Graph,
    observed: &'a BTreeMap<Address, Observed>,
    recorded: &'a BTreeSet<Address>,
}

impl Situation<'_> {
    fn plan(&self, config: &Cluster, desired: &Graph, claim: &str) -> Result<Plan, String> {
        let scope = offline_scope(config.name.known().map_or("", String::as_str), claim, desired);
        let input = PlanInput {
            kinds: self.kinds,
            scope: &scope,
            desired,
            prior: self.prior,
            observed: self.observed,
            recorded: self.recorded,
        };
        let mut plan = compare(&input).map_err(|e| e.to_string())?;
        sections::explain(config, &mut plan);
        Ok(plan)
    }
}

/// Without a cache of what was observed: everything on record is as the prior inputs say.
fn presumed(prior: &Graph, recorded: &BTreeMap<Address, String>, before: &Cluster) -> BTreeMap<Address, Observed> {
    let stack = before.name.known().map_or("", String::as_str);
    let claim = before.claim.known().map_or(NO_CLAIM, String::as_str);
    let presume = |(address, id): (&Address, &String)| {
        let component = prior.get(address)?;
        let props = stellar_engine::input::resolve(&component.desired, &|_, _| None);
        let mut tags = component.tags.clone();
        tags.extend(stellar_engine::ownership_tags(stack, claim, address));
        Some((
            address.clone(),
            Observed { id: id.clone(), props, outputs: BTreeMap::new(), tags, status: Status::Ready },
        ))
    };
    recorded.iter().filter_map(presume).collect()
}

fn offline_scope(stack: &str, claim: &str, graph: &Graph) -> stellar_engine::Scope {
    stellar_engine::Scope {
        stack: stack.to_owned(),
        claim: claim.to_owned(),
        account: String::new(),
        partition: String::new(),
        region: String::new(),
        operation: String::new(),
        tags: std::sync::Arc::new(graph.iter().map(|c| (c.address.clone(), c.tags.clone())).collect()),
    }
}
