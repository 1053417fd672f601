//! What a stack costs per month, from AWS's price list: what it reserves, not what it uses.
//!
//! Never a guess: what has no price, or no answer in time, has none here either, and a note says so.

mod cache;
mod parts;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use futures::future::join_all;
use stellar_aws::{Aws, preflight::Support, pricing::Sku};
use stellar_engine::{Component, ErrorClass, Graph};

use cache::Cache;
use parts::Part;

/// How long all look-ups together may take.
const LIMIT: Duration = Duration::from_secs(2);
/// RDS's word for databases that stay on an old version.
const EXTENDED: &str = "open-source-rds-extended-support";

/// An estimate in USD per month, on demand, before discounts and taxes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Estimate {
    /// The sum; `None` when a part has no price.
    pub total: Option<f64>,
    /// By component; `None` without a price. Components that cost nothing by themselves are not here.
    pub parts: BTreeMap<String, Option<f64>>,
    /// What is not in it, and why.
    pub notes: Vec<String>,
}

/// Prices the graph.
pub async fn estimate(aws: &Aws, region: &str, graph: &Graph) -> Estimate {
    let (extended, mut notes) = extended_support(aws, region, graph).await;
    let mut wanted: Vec<Part> = graph.iter().flat_map(|component| parts::of(component, graph, region)).collect();
    wanted.extend(extended);
    let skus: BTreeSet<&Sku> = wanted.iter().map(|part| &part.sku).collect();
    let (prices, missing) = look_up(aws, skus).await;
    let mut estimate = sum(&wanted, &prices);
    estimate.notes.extend(missing);
    notes.extend(graph.iter().filter_map(not_counted));
    let by_use = parts::by_use(graph);
    if !by_use.is_empty() {
        notes.push(format!("not counted, because it is paid by use: {}", by_use.join(", ")));
    }
    estimate.notes.extend(notes);
    estimate
}

/// What has a price that is not in the list, or that depends on more than the configuration.
fn not_counted(component: &Component) -> Option<String> {
    let address = &component.address;
    match component.kind {
        "eks/node-group" if parts::is_spot(&component.desired) => {
            Some(format!("not counted: {address}, whose spot price changes by the hour"))
        }
        "rds/instance" | "rds/cluster" if component.desired["lifecycle_support"].as_str() == Some(EXTENDED) => {
            Some(format!(
                "not counted: Extended Support of {address}, charged once standard support of its version has ended"
            ))
        }
        _ => None,
    }
}

/// The surcharge of clusters that stay on a version past its standard support. A note, if EKS does not say which those are.
async fn extended_support(aws: &Aws, region: &str, graph: &Graph) -> (Vec<Part>, Vec<String>) {
    let stays = |component: &&Component| {
        component.kind == "eks/cluster"
            && component.desired["support"].as_str().is_some_and(|support| support.eq_ignore_ascii_case("extended"))
    };
    let clusters: Vec<&Component> = graph.iter().filter(stays).collect();
    if clusters.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let releases = match tokio::time::timeout(LIMIT, aws.kubernetes_releases(region)).await {
        Ok(Ok(releases)) if !releases.is_empty() => releases,
        _ => {
            let note = "not counted: Extended Support of the cluster, if its version needs it";
            return (Vec::new(), vec![note.to_owned()]);
        }
    };
    let is_old = |component: &&&Component| {
        let version = component.desired["version"].as_str();
        let found = releases.iter().find(|release| Some(release.version.as_str()) == version);
        found.is_some_and(|release| release.support == Support::Extended)
    };
    (clusters.iter().filter(is_old).map(|cluster| parts::extended_support(cluster, region)).collect(), Vec::new())
}

/// The prices by key, from the cache or the list; and why some are missing.
async fn look_up(aws: &Aws, skus: BTreeSet<&Sku>) -> (BTreeMap<String, f64>, BTreeSet<String>) {
    let mut cache = Cache::load(aws.endpoint_of("pricing"));
    let missing = skus.iter().copied().filter(|sku| cache.get(&sku.key()).is_none());
    let asked = missing.map(|sku| async move { (sku, tokio::time::timeout(LIMIT, aws.price(sku)).await) });
    let mut notes = BTreeSet::new();
    for (sku, answer) in join_all(asked).await {
        match answer {
            Ok(Ok(price)) => cache.put(sku.key(), price),
            Ok(Err(error)) if error.class == ErrorClass::Denied => {
                notes.insert("the credentials may not call pricing:GetProducts".to_owned());
            }
            Ok(Err(error)) => {
                notes.insert(format!("the price list did not answer: {}", error.message));
            }
            Err(_) => {
                notes.insert(format!("the price list did not answer within {} s", LIMIT.as_secs()));
            }
        }
    }
    cache.store();
    let known = skus.iter().filter_map(|sku| Some((sku.key(), cache.get(&sku.key())??)));
    (known.collect(), notes)
}

fn sum(wanted: &[Part], prices: &BTreeMap<String, f64>) -> Estimate {
    let mut parts: BTreeMap<String, Option<f64>> = BTreeMap::new();
    let mut notes = BTreeSet::new();
    for part in wanted {
        let price = prices.get(&part.sku.key()).map(|usd| usd * part.units);
        if price.is_none() {
            notes.insert(format!("no price of {} for {}", part.sku.usage, part.address));
        }
        let so_far = parts.entry(part.address.clone()).or_insert(Some(0.0));
        *so_far = so_far.zip(price).map(|(sum, usd)| sum + usd);
    }
    let total = parts.values().copied().sum::<Option<f64>>().map(cents);
    Estimate {
        total,
        parts: parts.into_iter().map(|(address, usd)| (address, usd.map(cents))).collect(),
        notes: notes.into_iter().collect(),
    }
}

/// Rounded to cents.
fn cents(usd: f64) -> f64 {
    (usd * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_unknown_price_leaves_no_total() {
        let part = |address: &str, usage: &str, units: f64| Part {
            address: address.to_owned(),
            sku: Sku { service: "S", usage: usage.to_owned(), ..Sku::default() },
            units,
        };
        let price = |usage: &str, usd: f64| (part("", usage, 0.0).sku.key(), usd);
        let wanted = [part("a", "x", 730.0), part("a", "y", 10.0), part("b", "y", 1.0)];
        let whole = sum(&wanted, &BTreeMap::from([price("x", 0.1), price("y", 0.333)]));
        assert_eq!(whole.total, Some(76.66));
        assert_eq!(whole.parts, BTreeMap::from([("a".to_owned(), Some(76.33)), ("b".to_owned(), Some(0.33))]));
        let partly = sum(&wanted, &BTreeMap::from([price("y", 0.333)]));
        assert_eq!(partly.total, None);
        assert_eq!(partly.parts, BTreeMap::from([("a".to_owned(), None), ("b".to_owned(), Some(0.33))]));
        assert_eq!(partly.notes, ["no price of x for a"]);
        assert_eq!(sum(&[], &BTreeMap::new()).total, Some(0.0));
    }
}
