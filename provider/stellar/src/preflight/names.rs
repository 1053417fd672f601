//! Names that somebody else's object has already.

use futures::future::try_join_all;
use tfplugin_sdk::Path;

use super::{Finding, Findings, Survey};

/// Kinds whose names are unique in the account and region, with the property that holds the name and the section.
const NAMED: [(&str, &str, &str); 3] = [
    ("eks/cluster", "name", "kubernetes"),
    ("rds/instance", "identifier", "database"),
    ("elasticache/replication-group", "name", "cache"),
];

/// Looks for objects of the names that a new stack would take. A stack that exists knows its own objects.
pub async fn check(survey: &Survey<'_>) -> Findings {
    if !survey.is_new {
        return Ok(Vec::new());
    }
    let mut looks = Vec::new();
    for (kind, property, section) in NAMED {
        for component in survey.of_kind(kind) {
            let Some(name) = component.desired[property].as_str() else { continue };
            looks.push(async move {
                let taken = survey.aws.is_taken(survey.region, kind, name).await?;
                Ok(taken.then(|| collision(kind, name, section)))
            });
        }
    }
    Ok(try_join_all(looks).await?.into_iter().flatten().collect())
}

fn collision(kind: &str, name: &str, section: &str) -> Finding {
    Finding {
        fatal: true,
        path: Path::root().attr(section),
        summary: "A name is taken",
        detail: format!(
            "The account has an object {kind} named {name} that does not belong to a stack of this name. Choose another name \
             for the stack, or remove the object."
        ),
    }
}
