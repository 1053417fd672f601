//! A resource's life as Terraform core leads it, with core's checks after each call.

use super::fields::{Field, fields};
use super::oracle::{apply_faults, plan_faults, proposed};
use super::proto::{
    ClientCapabilities, ResourceIdentityData, apply_resource_change, plan_resource_change, read_resource,
    upgrade_resource_state, validate_resource_config,
};
use super::{Client, Json, from_wire, severity, to_wire};

/// What core stores of one object.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stored {
    /// Null when there is none.
    pub value: Json,
    pub private: Vec<u8>,
    pub identity: Option<ResourceIdentityData>,
}

/// Core, for one resource type of one provider.
pub struct Core {
    pub client: Client,
    pub type_name: String,
    pub fields: Vec<Field>,
}

impl Core {
    pub async fn new(client: Client, type_name: &str) -> Self {
        let schema = client.provider_schema().await;
        let fields = fields(&schema.resource_schemas[type_name]);
        Self { client, type_name: type_name.into(), fields }
    }

    /// A whole configuration: null, or no blocks, but for `entries`.
    pub fn config(&self, entries: Json) -> Json {
        let absent = |field: &Field| match field.block && !matches!(field.kind, super::fields::Kind::Single(_)) {
            true => Json::Array(Vec::new()),
            false => Json::Null,
        };
        let mut config: Json = self.fields.iter().map(|field| (field.name.clone(), absent(field))).collect();
        for (key, value) in entries.as_object().expect("an object") {
            config[key] = value.clone();
        }
        // Numbers as core compares them.
        from_wire(Some(&to_wire(&config)))
    }

    /// One plan. The answer has been checked as core does.
    pub async fn plan(&self, stored: &Stored, config: &Json) -> plan_resource_change::Response {
        let capabilities = ClientCapabilities { write_only_attributes_allowed: true, ..Default::default() };
        let validate = validate_resource_config::Request {
            type_name: self.type_name.clone(),
            config: Some(to_wire(config)),
            client_capabilities: Some(capabilities),
        };
        if !config.is_null() {
            let answer: validate_resource_config::Response =
                self.client.unary("/tfplugin6.Provider/ValidateResourceConfig", validate).await.expect("an answer");
            assert_eq!(severity(&answer.diagnostics), [], "{:?}", answer.diagnostics);
        }
        let request = plan_resource_change::Request {
            type_name: self.type_name.clone(),
            prior_state: Some(to_wire(&stored.value)),
            proposed_new_state: Some(to_wire(&proposed(&self.fields, &stored.value, config))),
            config: Some(to_wire(config)),
            prior_private: stored.private.clone(),
            prior_identity: stored.identity.clone(),
            client_capabilities: Some(capabilities),
            ..Default::default()
        };
        let answer: plan_resource_change::Response =
            self.client.unary("/tfplugin6.Provider/PlanResourceChange", request).await.expect("an answer");
        assert_eq!(severity(&answer.diagnostics), [], "{:?}", answer.diagnostics);
        let faults = plan_faults(&self.fields, &stored.value, config, &answer.planned());
        assert!(faults.is_empty(), "{faults:?}");
        assert!(!answer.legacy_type_system && answer.deferred.is_none());
        answer
    }

    /// One apply of a plan, after the second plan that core makes with what became known.
    pub async fn apply(&self, stored: &Stored, config: &Json, first: &plan_resource_change::Response) -> Stored {
        let plan = if config.is_null() { first.clone() } else { self.plan(stored, config).await };
        assert_eq!(plan.planned(), first.planned(), "the second plan is the first");
        let request = apply_resource_change::Request {
            type_name: self.type_name.clone(),
            prior_state: Some(to_wire(&stored.value)),
            planned_state: plan.planned_state.clone(),
            config: Some(to_wire(config)),
            planned_private: plan.planned_private.clone(),
            planned_identity: plan.planned_identity.clone(),
            ..Default::default()
        };
        let answer: apply_resource_change::Response =
            self.client.unary("/tfplugin6.Provider/ApplyResourceChange", request).await.expect("an answer");
        assert_eq!(severity(&answer.diagnostics), [], "{:?}", answer.diagnostics);
        let faults = apply_faults(&self.fields, &plan.planned(), &answer.state());
        assert!(faults.is_empty(), "{faults:?}");
        Stored { value: answer.state(), private: answer.private.clone(), identity: answer.new_identity }
    }

    /// Upgrade and read, as every run begins.
    pub async fn refresh(&self, stored: &Stored, version: i64) -> Stored {
        let raw = super::proto::RawState { json: stored.value.to_string().into(), ..Default::default() };
        let request =
            upgrade_resource_state::Request { type_name: self.type_name.clone(), version, raw_state: Some(raw) };
        let upgraded: upgrade_resource_state::Response =
            self.client.unary("/tfplugin6.Provider/UpgradeResourceState", request).await.expect("an answer");
        assert_eq!(severity(&upgraded.diagnostics), [], "{:?}", upgraded.diagnostics);
        let request = read_resource::Request {
            type_name: self.type_name.clone(),
            current_state: upgraded.upgraded_state,
            private: stored.private.clone(),
            current_identity: stored.identity.clone(),
            ..Default::default()
        };
        let answer: read_resource::Response =
            self.client.unary("/tfplugin6.Provider/ReadResource", request).await.expect("an answer");
        assert_eq!(severity(&answer.diagnostics), [], "{:?}", answer.diagnostics);
        Stored { value: from_wire(answer.new_state.as_ref()), private: answer.private, identity: answer.new_identity }
    }

    /// Brings an object to a configuration (null: away), through a replacement where the provider asks for one, and
    /// makes sure that the next run has nothing to do.
    pub async fn settle(&self, stored: &Stored, config: &Json, version: i64) -> Stored {
        let mut stored = stored.clone();
        let mut plan = self.plan(&stored, config).await;
        if !stored.value.is_null() && !config.is_null() && !plan.requires_replace.is_empty() {
            let private = plan.planned_private;
            let destroy = self.plan(&Stored { private: private.clone(), ..stored.clone() }, &Json::Null).await;
            self.apply(&stored, &Json::Null, &destroy).await;
            stored = Stored { private, ..Stored::default() };
            plan = self.plan(&stored, config).await;
        }
        let settled = self.apply(&stored, config, &plan).await;
        if !config.is_null() {
            let read = self.refresh(&settled, version).await;
            assert_eq!(read, settled, "a read finds what was applied");
            let again = self.plan(&read, config).await;
            assert_eq!((again.planned(), again.requires_replace.len()), (read.value, 0), "nothing is left to do");
        }
        settled
    }
}
