//! Who owns a stack: the fence that every update and delete must carry.
//!
//! An owner is the stream `owner/<n>`, which only one can create, and beside it `owner/<n>/<id>`. Whoever dies between the
//! two has used up a number and owns nothing. An owner that goes on with an interrupted create says so before, by
//! `resume/<n>`: the state of its predecessor is then known to be the same stack's, only older.

use std::collections::{BTreeMap, BTreeSet};

use stellar_engine::Error;

use super::{Claim, Claims, parse, was_second};

/// The owners of a stack that are still on record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owners {
    /// Ids by number.
    ids: BTreeMap<u64, String>,
    /// Numbers of those that went on with what the one before them had begun.
    resumed: BTreeSet<u64>,
    /// The highest number in use, also of an owner that died before it was one.
    last: u64,
}

/// How an owner comes to its stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taking {
    /// It is new, or was imported: whoever owned it before has nothing to do with it any more.
    Anew,
    /// It finishes what the owner before it had begun.
    Resumed,
}

impl Owners {
    /// From the names of a claim's streams.
    pub(super) fn of(streams: &[String]) -> Self {
        let mut owners = Self::default();
        for stream in streams {
            if let Some((number, id)) = parse(stream, "owner") {
                owners.ids.insert(number, id.to_owned());
            }
            if let Some((number, _)) = parse(stream, "resume") {
                owners.resumed.insert(number);
            }
            owners.last = owners.last.max(number(stream).unwrap_or_default());
        }
        owners
    }

    /// The newest owner's id.
    pub fn newest(&self) -> Option<&str> {
        self.ids.last_key_value().map(|(_, id)| id.as_str())
    }

    /// The highest number in use.
    pub(super) fn last(&self) -> u64 {
        self.last
    }

    /// True for a former owner whose stack was only gone on with since.
    pub fn is_resumed(&self, id: &str) -> bool {
        let Some((number, _)) = self.ids.iter().rev().find(|(_, known)| *known == id) else { return false };
        let mut since = self.ids.range(number + 1..).peekable();
        since.peek().is_some() && since.all(|(number, _)| self.resumed.contains(number))
    }
}

impl Claims {
    /// Makes `id` the newest owner.
    ///
    /// # Errors
    /// [`stellar_engine::ErrorClass::Exists`] when another owner came in between.
    pub async fn own(&self, stack: &str, claim: &mut Claim, id: &str, taking: Taking) -> Result<(), Error> {
        let next = claim.owners.last + 1;
        if taking == Taking::Resumed {
            self.ensure_stream(stack, &format!("resume/{next:06}")).await?;
            claim.owners.resumed.insert(next);
        }
        // The number alone is unique: of two that come at once, one fails here.
        if let Err(error) = self.create_stream(stack, &format!("owner/{next:06}")).await {
            // Unless it was made by a request of ours whose answer got lost: nobody is behind it then.
            if !was_second(&error) || !self.streams_of(stack, Some(&format!("owner/{next:06}/"))).await?.is_empty() {
                return Err(error);
            }
        }
        self.ensure_stream(stack, &format!("owner/{next:06}/{id}")).await?;
        claim.owners.last = next;
        claim.owners.ids.insert(next, id.to_owned());
        Ok(())
    }
}

/// The number of `owner/<n>…` and `resume/<n>`.
fn number(stream: &str) -> Option<u64> {
    let (sort, rest) = stream.split_once('/')?;
    let number = rest.split('/').next()?;
    ["owner", "resume"].contains(&sort).then(|| number.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owners(streams: &[&str]) -> Owners {
        Owners::of(&streams.iter().map(|stream| (*stream).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn the_highest_number_is_the_owner_and_one_that_died_halfway_uses_its_number_up() {
        let rows: [(&[&str], Option<&str>, u64); 5] = [
            (&[], None, 0),
            (&["hold/000007", "phase/000009/ready"], None, 0),
            (&["owner/000001", "owner/000001/a"], Some("a"), 1),
            (&["owner/000001", "owner/000001/a", "owner/000002"], Some("a"), 2),
            (&["owner/000002/b", "owner/000001/a", "resume/000003"], Some("b"), 3),
        ];
        for (streams, newest, last) in rows {
            let found = owners(streams);
            assert_eq!((found.newest(), found.last), (newest, last), "{streams:?}");
        }
    }

    #[test]
    fn an_owner_is_superseded_by_resumes_alone_or_fenced_out() {
        let rows: [(&[&str], &str, bool); 6] = [
            (&["owner/000001/a"], "a", false),
            (&["owner/000001/a", "owner/000002/b"], "a", false),
            (&["owner/000001/a", "owner/000002/b", "resume/000002"], "a", true),
            (&["owner/000001/a", "owner/000002/b", "resume/000002"], "b", false),
            (&["owner/000001/a", "owner/000002/b", "resume/000002", "owner/000003/c"], "a", false),
            (&["owner/000002/b", "resume/000002"], "a", false),
        ];
        for (streams, id, expected) in rows {
            assert_eq!(owners(streams).is_resumed(id), expected, "{streams:?} {id}");
        }
    }
}
