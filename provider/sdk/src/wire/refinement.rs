//! Refinements on the wire: extension 12, a map from small numbers to limits.
//!
//! Source: Terraform's documentation of the plugin wire format. Keys that are not known mean nothing, and so does a body
//! that cannot be read: to know less is always allowed.

use rmp::{decode, encode};

use super::decode::Reader;
use super::encode::{number, written};
use crate::refinement::{Bound, Refinement};
use crate::{AttrType, Path, Value};

/// The extension of a refined unknown value.
pub(super) const CODE: i8 = 12;

/// The longest body that Terraform reads.
const LONGEST: usize = 1024;

/// The longest prefix that is written, so that a body stays under [`LONGEST`].
const LONGEST_PREFIX: usize = 256;

const NULL: u8 = 1;
const PREFIX: u8 = 2;
const LOWER: u8 = 3;
const UPPER: u8 = 4;
const SHORTEST: u8 = 5;
const LONGEST_COLLECTION: u8 = 6;

/// Reads a body; an unknown value without limits when it says nothing.
pub(super) fn read(body: &[u8]) -> Value {
    let refinement = if body.len() <= LONGEST { entries(body).unwrap_or_default() } else { Refinement::default() };
    if refinement == Refinement::default() { Value::Unknown } else { Value::Refined(Box::new(refinement)) }
}

fn entries(body: &[u8]) -> Option<Refinement> {
    let mut reader = Reader::new(body);
    let mut refinement = Refinement::default();
    for _ in 0..decode::read_map_len(&mut reader.bytes).ok()? {
        let key: i64 = decode::read_int(&mut reader.bytes).ok()?;
        match u8::try_from(key).unwrap_or_default() {
            NULL => refinement.null = Some(decode::read_bool(&mut reader.bytes).ok()?),
            PREFIX => refinement.prefix = reader.string(&Path::root()).ok()?.to_owned(),
            LOWER => refinement.lower = Some(bound(&mut reader)?),
            UPPER => refinement.upper = Some(bound(&mut reader)?),
            SHORTEST => refinement.shortest = Some(decode::read_int(&mut reader.bytes).ok()?),
            LONGEST_COLLECTION => refinement.longest = Some(decode::read_int(&mut reader.bytes).ok()?),
            // What follows a key of a newer Terraform has a form that nobody here knows.
            _ => return Some(refinement),
        }
    }
    Some(refinement)
}

/// `[number, inclusive]`
fn bound(reader: &mut Reader<'_>) -> Option<Bound> {
    let pair = AttrType::Tuple(vec![AttrType::Number, AttrType::Bool]);
    let value = reader.value(&pair, &Path::root()).ok()?;
    match value.as_list()? {
        [number, inclusive] => Some(Bound { number: number.as_number()?.clone(), inclusive: inclusive.as_bool()? }),
        _ => None,
    }
}

/// Writes a refined unknown value with its extension.
pub(super) fn write(refinement: &Refinement, out: &mut Vec<u8>) {
    let mut body = Vec::new();
    let mut length = 0;
    let mut entry = |key: u8, write: &dyn Fn(&mut Vec<u8>)| {
        length += 1;
        written(encode::write_uint(&mut body, key.into()));
        write(&mut body);
    };
    if let Some(null) = refinement.null {
        entry(NULL, &|body| written(encode::write_bool(body, null)));
    }
    if !refinement.prefix.is_empty() {
        let end = refinement.prefix.floor_char_boundary(LONGEST_PREFIX);
        entry(PREFIX, &|body| written(encode::write_str(body, &refinement.prefix[..end])));
    }
    for (key, bound) in [(LOWER, &refinement.lower), (UPPER, &refinement.upper)] {
        if let Some(Bound { number: end, inclusive }) = bound {
            entry(key, &|body| {
                written(encode::write_array_len(body, 2));
                number(end, body);
                written(encode::write_bool(body, *inclusive));
            });
        }
    }
    for (key, length) in [(SHORTEST, refinement.shortest), (LONGEST_COLLECTION, refinement.longest)] {
        if let Some(length) = length {
            entry(key, &|body| written(encode::write_uint(body, length)));
        }
    }
    let mut map = Vec::new();
    written(encode::write_map_len(&mut map, length));
    map.extend(body);
    written(encode::write_ext_meta(out, super::encode::wire_length(map.len()), CODE));
    out.extend(map);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(refinement: &Refinement) -> Value {
        let mut out = Vec::new();
        write(refinement, &mut out);
        Reader::new(&out).value(&AttrType::String, &Path::root()).expect("reads")
    }

    #[test]
    fn every_limit_survives_the_way_over_the_wire() {
        let bound = |text: &str, inclusive| Some(Bound { number: text.parse().expect("a number"), inclusive });
        let refinements = [
            Refinement::not_null(),
            Refinement { null: Some(true), ..Refinement::default() },
            Refinement { prefix: "arn:aws:".into(), null: Some(false), ..Refinement::default() },
            Refinement { lower: bound("0", true), upper: bound("0.1", false), ..Refinement::default() },
            Refinement { shortest: Some(1), longest: Some(u64::MAX), ..Refinement::default() },
        ];
        for refinement in refinements {
            assert_eq!(round(&refinement), Value::Refined(Box::new(refinement)));
        }
    }

    #[test]
    fn a_prefix_is_cut_before_terraform_refuses_the_message() {
        let long = Refinement { prefix: "ä".repeat(2000), ..Refinement::default() };
        let Value::Refined(read) = round(&long) else { panic!("a refinement") };
        assert!(long.prefix.starts_with(&read.prefix) && read.prefix.len() <= LONGEST_PREFIX);
    }

    #[test]
    fn what_says_nothing_is_plainly_unknown() {
        let cases: [&[u8]; 6] = [&[], &[0x80], &[0xc0], &[0x81, 0x01], &[0x81, 0x63, 0xc3], &[0x81, 0x03, 0x91, 0x01]];
        for body in cases {
            assert_eq!(read(body), Value::Unknown, "{body:x?}");
        }
        assert_eq!(read(&[0; LONGEST + 1]), Value::Unknown);
    }

    #[test]
    fn a_key_of_a_newer_terraform_ends_the_reading_and_keeps_what_was_read() {
        let body = [0x82, 0x01, 0xc2, 0x63, 0xc3];
        assert_eq!(read(&body), Value::Refined(Box::new(Refinement::not_null())));
    }
}
