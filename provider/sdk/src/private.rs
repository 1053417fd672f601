//! Private state with types: what a provider remembers of an object, out of sight of configurations.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Private state by key. Its bytes have the form that providers in Go write, `{"key": base64 of JSON}`, so that a
/// provider that moves from Go finds what it stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Private(BTreeMap<String, Vec<u8>>);

/// Private state that cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PrivateError {
    /// The bytes are not what [`Private::encode`] writes.
    #[error("the private state is not a JSON object of base64 texts")]
    Form(#[source] serde_json::Error),
    /// One entry is not what [`Private::set`] was given.
    #[error("the private state under {key:?} is not of the expected type")]
    Entry {
        /// The entry's key.
        key: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

impl Private {
    /// Reads what a request carries; nothing is an empty private state.
    ///
    /// # Errors
    /// When the bytes are of another form.
    pub fn decode(bytes: &[u8]) -> Result<Self, PrivateError> {
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        let texts: BTreeMap<String, String> = serde_json::from_slice(bytes).map_err(PrivateError::Form)?;
        let entry = |(key, text): (String, String)| {
            let bytes = STANDARD.decode(text).map_err(|error| PrivateError::Form(serde::de::Error::custom(error)))?;
            Ok((key, bytes))
        };
        texts.into_iter().map(entry).collect::<Result<_, _>>().map(Self)
    }

    /// What an answer carries; an empty private state is no bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let entries = self.0.iter().map(|(key, bytes)| (key.clone(), STANDARD.encode(bytes).into()));
        serde_json::Value::Object(entries.collect()).to_string().into()
    }

    /// The value under `key`, if there is one.
    ///
    /// # Errors
    /// When it is of another type.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, PrivateError> {
        let read = |bytes: &Vec<u8>| serde_json::from_slice(bytes);
        let wrong = |source| PrivateError::Entry { key: key.into(), source };
        self.0.get(key).map(read).transpose().map_err(wrong)
    }

    /// Stores a value under `key`. Keys that begin with a dot belong to Go's framework.
    ///
    /// # Errors
    /// When the value has no JSON form.
    pub fn set<T: Serialize>(&mut self, key: &str, value: &T) -> Result<(), PrivateError> {
        let bytes = serde_json::to_vec(value).map_err(|source| PrivateError::Entry { key: key.into(), source })?;
        self.0.insert(key.into(), bytes);
        Ok(())
    }

    /// Forgets what stands under `key`.
    pub fn remove(&mut self, key: &str) {
        self.0.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_by_key_in_the_form_of_go() {
        let mut private = Private::default();
        assert_eq!(private.encode(), b"");
        private.set("seen", &vec![1, 2]).expect("JSON");
        let bytes = private.encode();
        assert_eq!(bytes, br#"{"seen":"WzEsMl0="}"#);
        let read = Private::decode(&bytes).expect("reads");
        assert_eq!(read.get::<Vec<u8>>("seen").expect("a list"), Some(vec![1, 2]));
        assert_eq!(read.get::<String>("other").expect("nothing"), None);
        let error = read.get::<String>("seen").expect_err("another type").to_string();
        assert_eq!(error, "the private state under \"seen\" is not of the expected type");
        private.remove("seen");
        assert_eq!(private, Private::decode(b"").expect("empty"));
    }

    #[test]
    fn foreign_bytes_are_an_error() {
        for bytes in [&b"{"[..], b"[]", br#"{"a":1}"#, br#"{"a":"%"}"#] {
            assert!(Private::decode(bytes).is_err(), "{bytes:?}");
        }
    }
}
