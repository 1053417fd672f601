//! A policy as IAM takes it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

/// Characters of a managed policy, without white space. Source: IAM User Guide, "IAM and AWS STS quotas".
pub const LIMIT: usize = 6144;

/// One statement: who has it may do any of the actions with any of the resources, under all of the conditions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statement {
    /// As IAM spells them.
    pub actions: BTreeSet<String>,
    /// ARNs with wildcards.
    pub resources: BTreeSet<String>,
    /// Operator and key → values.
    pub conditions: BTreeMap<(&'static str, String), BTreeSet<String>>,
}

/// Statements by their `Sid`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Letters and digits → statement.
    pub statements: BTreeMap<&'static str, Statement>,
}

impl Policy {
    /// All in one document, which may be longer than a managed policy can be.
    pub fn json(&self) -> String {
        document(self.statements.iter().map(|(sid, statement)| statement.json(sid)).collect())
    }

    /// As documents of at most [`LIMIT`] characters each; together they allow what [`Policy::json`] does.
    pub fn documents(&self) -> Vec<String> {
        let mut documents = Vec::new();
        let mut gathered: Vec<Value> = Vec::new();
        for piece in self.statements.iter().flat_map(|(sid, statement)| statement.pieces(sid)) {
            let longer = document(gathered.iter().chain([&piece]).cloned().collect());
            if longer.len() > LIMIT && !gathered.is_empty() {
                documents.push(document(std::mem::take(&mut gathered)));
            }
            gathered.push(piece);
        }
        documents.push(document(gathered));
        documents
    }
}

impl Statement {
    fn json(&self, sid: &str) -> Value {
        let mut fields = Map::new();
        fields.insert("Sid".to_owned(), sid.into());
        fields.insert("Effect".to_owned(), "Allow".into());
        fields.insert("Action".to_owned(), list(&self.actions));
        fields.insert("Resource".to_owned(), list(&self.resources));
        let mut conditions = Map::new();
        for ((operator, key), values) in &self.conditions {
            let keys = conditions.entry(*operator).or_insert_with(|| json!({}));
            keys[key] = list(values);
        }
        if !conditions.is_empty() {
            fields.insert("Condition".to_owned(), conditions.into());
        }
        Value::Object(fields)
    }

    /// The statement, in halves when it alone is too long for a document.
    fn pieces(&self, sid: &str) -> Vec<Value> {
        let whole = self.json(sid);
        if document(vec![whole.clone()]).len() <= LIMIT || self.actions.len() < 2 {
            return vec![whole];
        }
        let actions: Vec<String> = self.actions.iter().cloned().collect();
        let (first, second) = actions.split_at(actions.len() / 2);
        let half = |actions: &[String], letter: &str| {
            let half = Self { actions: actions.iter().cloned().collect(), ..self.clone() };
            half.pieces(&format!("{sid}{letter}"))
        };
        [half(first, "A"), half(second, "B")].concat()
    }
}

fn document(statements: Vec<Value>) -> String {
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

/// A list of one is that one, which is shorter.
fn list(all: &BTreeSet<String>) -> Value {
    match all.first() {
        Some(only) if all.len() == 1 => only.as_str().into(),
        _ => all.iter().cloned().collect(),
    }
}
