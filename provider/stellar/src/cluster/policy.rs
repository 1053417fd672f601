//! The data source `stellar_iam_policy`: what IAM must allow whoever runs a stack.

use std::sync::Arc;

use stellar_aws::{
    Caller,
    access::{Policy, Rights, Stack, policy},
    partition,
};
use stellar_engine::{Component, Error};
use tfplugin_sdk::{
    Attr, Attribute, DataSource, Diagnostics, Model, Path, ReadDataRequest, ReadDataResponse, Schema, ValidateRequest,
    Value, async_trait,
};

use super::{
    facts::Facts,
    model::Cluster,
    resource::{ClusterResource, fail},
    stack::{NO_CLAIM, expand},
    state,
    validate::{is_name, validate},
};
use crate::{configuration::is_account, session::Session};

/// Settings of `stellar_cluster` that no right depends on.
const OTHERS: [&str; 8] = [
    "adopt",
    "allow_replace",
    "cost_estimate",
    "deletion_protection",
    "on_create_error",
    "preflight",
    "tags",
    "timeouts",
];

/// The data source `stellar_iam_policy`.
#[derive(Debug)]
pub struct PolicyData {
    session: Arc<Session>,
}

/// What the data source has beside the inputs of `stellar_cluster`.
#[derive(Clone, Debug, Default, PartialEq, tfplugin_sdk::Schema)]
pub struct Wanted {
    /// The account in which the stack lives. Default: that of the credentials.
    #[attr(optional, computed)]
    pub account: Attr<String>,
    /// `all` (default), or only what one task needs: `create`, `update` (which deletes nothing that holds data), `destroy`,
    /// or `read_only` for plan and refresh.
    pub rights: Attr<String>,
    /// The policy as one document. IAM takes at most 6,144 characters as a managed policy: if it is longer, use `policies`.
    #[attr(computed)]
    pub json: Attr<String>,
    /// The same rights in as many documents as managed policies of at most 6,144 characters need.
    #[attr(computed)]
    pub policies: Attr<Vec<String>>,
}

impl PolicyData {
    /// On the provider instance's session.
    pub fn new(session: Arc<Session>) -> Self {
        Self { session }
    }

    async fn answer(&self, config: &Value) -> Result<Value, Error> {
        let bug = |e: tfplugin_sdk::DecodeError| Error::bug(format!("configuration: {e}"));
        let (stack, wanted) = decode(config).map_err(bug)?;
        let (aws, region) = self.session.place(&stack.region).await?;
        let (account, partition) = match &wanted.account {
            Attr::Known(account) => (account.clone(), partition::of_region(&region).to_owned()),
            _ => {
                let caller = self.session.caller(&aws, &region).await?;
                (caller.account, caller.partition)
            }
        };
        let place = Stack { partition, account, region, ..Stack::default() };
        let policy = of(&stack, place.clone(), rights(&wanted).unwrap_or(Rights::All))?;
        let mut state = config.as_map().cloned().unwrap_or_default();
        state.insert("region".to_owned(), place.region.into());
        state.insert("account".to_owned(), place.account.into());
        state.insert("json".to_owned(), policy.json().into());
        state.insert("policies".to_owned(), policy.documents().into());
        Ok(Value::Map(state))
    }
}

/// The policy for a configuration; without sections, for every section that there is.
///
/// # Errors
/// What `expand` does not understand.
pub(super) fn of(config: &Cluster, place: Stack, rights: Rights) -> Result<Policy, Error> {
    let (account, partition) = (place.account.clone(), place.partition.clone());
    let facts = Facts { account, partition, ..Facts::default() };
    let graph = expand(config, NO_CLAIM, &place.region, &facts).map_err(|e| Error::permanent(e.to_string()))?;
    let components: Vec<&Component> = graph.iter().collect();
    let path = config.iam.known().and_then(|iam| iam.path.known()).cloned();
    let name = config.name.known().cloned().unwrap_or_default();
    policy(&Stack { name, iam_path: path.unwrap_or_default(), ..place }, &components, rights)
}

/// The policy for a stack as its claim remembers it; for every section when there is no such stack, or when the account is
/// given, which needs no credentials.
///
/// # Errors
/// Those of the calls; a name that no stack can have.
pub async fn of_claim(
    session: &Arc<Session>,
    region: &str,
    name: &str,
    account: Option<String>,
    rights: Rights,
) -> Result<Policy, Error> {
    let named = Cluster { name: Attr::from(name), ..Cluster::default() };
    if !is_name(name) {
        return Err(Error::permanent(format!("{name:?} cannot be a stack's name")));
    }
    let region = region.to_owned();
    if let Some(account) = account {
        let place = Stack { partition: partition::of_region(&region).to_owned(), account, region, ..Stack::default() };
        return of(&named, place, rights);
    }
    let connected = ClusterResource::new(session.clone()).region(&Attr::Known(region.clone())).await?;
    let record = match connected.claims.find(name).await? {
        Some(claim) => connected.claims.recall(name, &claim).await?,
        None => None,
    };
    let config = record.and_then(|record| state::decode(&state::from_json(&record.config).ok()?).ok());
    let config = config.map_or_else(|| named.clone(), |config| Cluster { name: named.name.clone(), ..config });
    let Caller { account, partition, .. } = connected.caller;
    of(&config, Stack { partition, account, region, ..Stack::default() }, rights)
}

#[async_trait]
impl DataSource for PolicyData {
    fn type_name(&self) -> &str {
        "stellar_iam_policy"
    }

    fn schema(&self) -> Schema {
        Schema {
            version: 0,
            description: "What IAM must allow whoever plans, applies and destroys a stack of this configuration, as policy \
                          documents. The sections are those of `stellar_cluster`; without any, every section is allowed for. \
                          Nothing is called when `account` is set."
                .to_owned(),
            attributes: attributes(),
        }
    }

    async fn validate(&self, request: ValidateRequest) -> Diagnostics {
        match decode(&request.config) {
            Ok((stack, wanted)) => check(&stack, &wanted),
            Err(error) => error.into(),
        }
    }

    async fn read(&self, request: ReadDataRequest) -> ReadDataResponse {
        let mut diagnostics = match decode(&request.config) {
            Ok((stack, wanted)) => check(&stack, &wanted),
            Err(error) => error.into(),
        };
        if diagnostics.has_errors() {
            return ReadDataResponse { diagnostics, ..ReadDataResponse::default() };
        }
        let state = match self.answer(&request.config).await {
            Ok(state) => Some(state),
            Err(error) => {
                fail(&mut diagnostics, "The policy could not be made", &error);
                None
            }
        };
        ReadDataResponse { state, diagnostics, deferred: None }
    }
}

fn decode(config: &Value) -> Result<(Cluster, Wanted), tfplugin_sdk::DecodeError> {
    let root = Path::root();
    Ok((Cluster::decode(config, &root)?, Wanted::decode(config, &root)?))
}

fn check(stack: &Cluster, wanted: &Wanted) -> Diagnostics {
    let mut d = validate(stack);
    if let Attr::Known(text) = &wanted.rights
        && rights(wanted).is_none()
    {
        let names: Vec<&str> = Rights::NAMES.iter().map(|(name, _)| *name).collect();
        let detail = format!("{text:?} is none of {}.", names.join(", "));
        d.attribute_error(Path::root().attr("rights"), "Invalid value", detail);
    }
    if let Attr::Known(account) = &wanted.account
        && !is_account(account)
    {
        let detail = format!("{account:?} is not an account's id of twelve digits.");
        d.attribute_error(Path::root().attr("account"), "Invalid account", detail);
    }
    d
}

fn rights(wanted: &Wanted) -> Option<Rights> {
    let name = wanted.rights.known().map_or("all", String::as_str);
    Rights::NAMES.iter().find(|(known, _)| *known == name).map(|(_, rights)| *rights)
}

/// The inputs of the resource that decide about rights, and what the data source adds.
fn attributes() -> Vec<Attribute> {
    let is_input = |attribute: &Attribute| {
        (!attribute.computed || attribute.name == "region") && !OTHERS.contains(&attribute.name.as_str())
    };
    let plain = |attribute: Attribute| Attribute { requires_replace: false, ..attribute };
    let inputs = Cluster::attributes().into_iter().filter(is_input).map(plain);
    inputs.chain(Wanted::attributes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_is_an_input_and_no_other_setting() {
        let names: Vec<String> = attributes().into_iter().map(|attribute| attribute.name).collect();
        for name in
            ["name", "region", "network", "kubernetes", "cdn", "iam", "kms_key_arns", "account", "rights", "json"]
        {
            assert!(names.contains(&name.to_owned()), "{name}");
        }
        for name in OTHERS.into_iter().chain(["claim", "vpc", "status"]) {
            assert!(!names.contains(&name.to_owned()), "{name}");
        }
    }

    #[test]
    fn fewer_sections_need_less() {
        let place = || Stack {
            partition: "aws".to_owned(),
            account: "123456789012".to_owned(),
            region: "us-east-1".to_owned(),
            ..Stack::default()
        };
        let named = Cluster { name: Attr::from("shop"), ..Cluster::default() };
        let network = Cluster { network: Attr::Known(Default::default()), ..named.clone() };
        let (all, some) = (of(&named, place(), Rights::All).unwrap(), of(&network, place(), Rights::All).unwrap());
        assert!(all.json().contains("rds:CreateDBInstance"));
        assert!(!some.json().contains("rds:CreateDBInstance"));
        assert!(some.json().contains("ec2:CreateVpc"));
    }
}
