//! Import: a stack comes back to Terraform from its claim, which remembers what was last applied.
//!
//! The read that Terraform makes next finds the objects by their derived names and fills in the outputs.

use std::collections::BTreeMap;

use stellar_aws::claim::{Claim, Phase, Record, new_id};
use stellar_engine::Error;
use tfplugin_sdk::{Attr, Diagnostics, ImportRequest, ImportResponse, Value};

use super::{
    model::Cluster,
    owner::{self, newer},
    private::Private,
    resource::{ClusterResource, Region, fail, identity},
    state,
    stop::unless_stopped,
    validate::is_name,
};
use crate::tagging::Tagging;

pub async fn import(resource: &ClusterResource, request: ImportRequest) -> ImportResponse {
    let found = match Wanted::of(&request) {
        Ok(wanted) => unless_stopped(&request.cancel, taken(resource, &wanted)).await,
        Err(error) => Err(error),
    };
    match found {
        Ok(response) => response,
        Err(error) => {
            let mut diagnostics = Diagnostics::new();
            fail(&mut diagnostics, "The stack was not imported", &error);
            ImportResponse { diagnostics, ..ImportResponse::default() }
        }
    }
}

/// The stack as Terraform shall have it: with an owner of its own from the first write on.
async fn taken(resource: &ClusterResource, wanted: &Wanted) -> Result<ImportResponse, Error> {
    let (mut response, claim) = find(resource, wanted).await?;
    if let Some(Value::Map(state)) = &mut response.state {
        state.insert("owner".to_owned(), owner::imported(&claim, &new_id()).into());
    }
    if claim.is_newer() {
        response.diagnostics.warning("The stack can only be read", format!("{}.", newer(&wanted.name, &claim)));
    }
    Ok(response)
}

/// The stack as its claim knows it, and the claim.
pub(super) async fn find(resource: &ClusterResource, wanted: &Wanted) -> Result<(ImportResponse, Claim), Error> {
    let region = resource.region(&wanted.region).await?;
    let account = &region.caller.account;
    if let Some(other) = wanted.account.as_ref().filter(|wanted| *wanted != account) {
        return Err(Error::permanent(format!(
            "the stack is looked for in account {other}, but the credentials ({}) belong to account {account}; use the \
             right profile or role",
            region.caller.arn
        )));
    }
    let name = &wanted.name;
    let Some(claim) = region.claims.find(name).await? else {
        return Err(Error::permanent(format!(
            "there is no stack {name} in {} of account {account}: the log group {} does not exist. A stack of another region \
             is imported as \"region/name\"",
            region.name,
            stellar_aws::claim::group(name)
        )));
    };
    let record = region.claims.recall(name, &claim).await?.unwrap_or_default();
    let response = ImportResponse {
        state: Some(stored(&region, name, &claim, &record, &resource.session.tagging())?),
        private: Private { facts: serde_json::from_value(record.facts).ok(), ..Private::default() }.encode(),
        identity: Some(identity(account, &region.name, name)),
        ..ImportResponse::default()
    };
    Ok((response, claim))
}

/// The state as far as the claim knows it.
fn stored(region: &Region, name: &str, claim: &Claim, record: &Record, tagging: &Tagging) -> Result<Value, Error> {
    let inputs = inputs(name, record)?;
    let own = state::decode(&inputs).map_err(|e| Error::bug(format!("inputs: {e}")))?.tags;
    let status = if claim.phase() == Phase::Ready { "ready" } else { "incomplete" };
    let computed = Cluster {
        region: region.name.clone().into(),
        id: format!("{}/{}/{name}", region.caller.account, region.name).into(),
        claim: claim.id.clone().into(),
        owner: claim.owner().map(str::to_owned).into(),
        tags_all: tagging.all(&own),
        status: status.into(),
        pending: Attr::Known(Vec::new()),
        components: Attr::Known(BTreeMap::new()),
        changes: Attr::Known(Vec::new()),
        retained: Attr::Known(Vec::new()),
        ..Cluster::default()
    };
    Ok(state::compose(&inputs, &computed))
}

/// The inputs of the record; of an empty one the name alone.
fn inputs(name: &str, record: &Record) -> Result<Value, Error> {
    let mut config = record.config.as_object().cloned().unwrap_or_default();
    config.insert("name".to_owned(), name.into());
    state::from_json(&config.into()).map_err(|error| {
        Error::permanent(format!(
            "the claim of the stack {name} remembers a configuration that this version of the provider does not understand \
             ({error}); use the version that applied it"
        ))
    })
}

/// Which stack is looked for.
#[derive(Debug, PartialEq)]
pub(super) struct Wanted {
    /// The account that it must be in, if given.
    pub account: Option<String>,
    /// Its region; else the provider's.
    pub region: Attr<String>,
    /// Its name.
    pub name: String,
}

impl Wanted {
    fn of(request: &ImportRequest) -> Result<Self, Error> {
        let wanted = match (&request.id, &request.identity) {
            (Some(id), _) => Self::from_id(id),
            (None, Some(identity)) => Self::from_identity(identity),
            (None, None) => None,
        };
        wanted.filter(|wanted| is_name(&wanted.name)).ok_or_else(|| {
            Error::permanent(
                "a stack is named by \"name\", \"region/name\" or the id \"account/region/name\", or by an identity with \
                 name and, if need be, region and account",
            )
        })
    }

    fn from_id(id: &str) -> Option<Self> {
        let parts: Vec<&str> = id.split('/').collect();
        let (account, region, name) = match parts[..] {
            [name] => (None, None, name),
            [region, name] => (None, Some(region), name),
            [account, region, name] => (Some(account), Some(region), name),
            _ => return None,
        };
        let is_empty = |part: Option<&str>| part.is_some_and(str::is_empty);
        (!is_empty(account) && !is_empty(region)).then(|| Self {
            account: account.map(str::to_owned),
            region: region.map(str::to_owned).into(),
            name: name.to_owned(),
        })
    }

    fn from_identity(identity: &Value) -> Option<Self> {
        let text = |key: &str| identity.get(key).as_str().map(str::to_owned);
        Some(Self { account: text("account"), region: text("region").into(), name: text("name")? })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tfplugin_sdk::{CancellationToken, Capabilities};

    use super::*;

    fn request(id: Option<&str>, identity: Option<Value>) -> ImportRequest {
        ImportRequest {
            id: id.map(str::to_owned),
            identity,
            capabilities: Capabilities::default(),
            cancel: CancellationToken::new(),
        }
    }

    fn wanted(account: Option<&str>, region: Option<&str>) -> Option<Wanted> {
        let text = |text: Option<&str>| text.map(str::to_owned);
        Some(Wanted { account: text(account), region: text(region).into(), name: "shop".to_owned() })
    }

    #[test]
    fn a_stack_is_named_by_id_or_identity() {
        let identity = |entries: &[(&str, &str)]| {
            let entries = entries.iter().map(|(key, text)| (*key, Value::from(*text)));
            request(None, Some(Value::map(entries.chain([("nothing", Value::Null)]))))
        };
        let rows = [
            (request(Some("shop"), None), wanted(None, None)),
            (request(Some("eu-west-1/shop"), None), wanted(None, Some("eu-west-1"))),
            (request(Some("1234/eu-west-1/shop"), None), wanted(Some("1234"), Some("eu-west-1"))),
            (request(Some("/shop"), None), None),
            (request(Some("eu-west-1/"), None), None),
            (request(Some("/eu-west-1/shop"), None), None),
            (request(Some("a/1234/eu-west-1/shop"), None), None),
            (request(Some("Shop"), None), None),
            (request(None, None), None),
            (identity(&[("name", "shop")]), wanted(None, None)),
            (identity(&[("name", "shop"), ("region", "eu-west-1")]), wanted(None, Some("eu-west-1"))),
            (identity(&[("name", "shop"), ("account", "1234")]), wanted(Some("1234"), None)),
            (identity(&[("region", "eu-west-1")]), None),
        ];
        for (request, expected) in rows {
            assert_eq!(Wanted::of(&request).ok(), expected, "{request:?}");
        }
    }

    #[test]
    fn inputs_come_from_the_record_and_the_name_is_always_there() {
        let applied = json!({"name": "shop", "tags": {"team": "web"}, "network": {"zone_count": 2}, "unheard_of": 1});
        let rows = [(json!(null), Value::Null), (json!({}), Value::Null), (applied, 2_i64.into())];
        for (config, zones) in rows {
            let record = Record { config, ..Record::default() };
            let inputs = inputs("shop", &record).expect("inputs");
            assert_eq!(inputs.get("name").as_str(), Some("shop"), "{record:?}");
            assert_eq!(inputs.get("network").get("zone_count"), &zones, "{record:?}");
        }
        let strange = Record { config: json!({"network": []}), ..Record::default() };
        assert!(inputs("shop", &strange).is_err());
    }
}
