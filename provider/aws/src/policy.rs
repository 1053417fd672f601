//! Policy documents as IAM, KMS and S3 answer them: the same meaning, but not always the same text.

use serde_json::Value;
use stellar_engine::Error;

/// A document that AWS reports: as desired when it says the same, else in canonical form.
///
/// # Errors
/// [`stellar_engine::ErrorClass::Permanent`] when the text is not JSON.
pub(crate) fn like(text: &str, desired: Option<&Value>) -> Result<Value, Error> {
    let found: Value = serde_json::from_str(text)
        .map_err(|e| Error::permanent(format!("AWS answered a policy that is not JSON: {e}")))?;
    let found = canonical(found);
    let same = desired.filter(|desired| canonical((*desired).clone()) == found);
    Ok(same.cloned().unwrap_or(found))
}

/// The document with lists of strings in alphabetical order and a list of one string as that string:
/// IAM's grammar makes no difference between them, and services may answer with either.
fn canonical(document: Value) -> Value {
    match document {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.into_iter().map(canonical).collect();
            if items.iter().all(Value::is_string) {
                items.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
                if items.len() == 1 {
                    return items.remove(0);
                }
            }
            Value::Array(items)
        }
        Value::Object(fields) => fields.into_iter().map(|(key, value)| (key, canonical(value))).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn policies_that_say_the_same_are_equal() {
        let rows = [
            (json!({"Action": ["b", "a"]}), json!({"Action": ["a", "b"]})),
            (json!({"Principal": {"AWS": ["x"]}}), json!({"Principal": {"AWS": "x"}})),
            (json!({"Statement": [{"Action": ["a"]}]}), json!({"Statement": [{"Action": "a"}]})),
            (json!({"Statement": [{"Sid": "b"}, {"Sid": "a"}]}), json!({"Statement": [{"Sid": "b"}, {"Sid": "a"}]})),
            (json!([]), json!([])),
        ];
        for (written, expected) in rows {
            let text = written.to_string();
            assert_eq!(like(&text, None).as_ref(), Ok(&expected), "{written}");
            assert_eq!(like(&text, Some(&written)).as_ref(), Ok(&written), "{written}: as desired");
            assert_eq!(like(&text, Some(&json!({"Action": "c"}))).as_ref(), Ok(&expected), "{written}: not as desired");
        }
        assert!(like("", None).is_err());
    }
}
