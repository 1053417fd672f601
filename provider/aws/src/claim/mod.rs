//! The claim: the CloudWatch Logs group `/stellar/<name>`, first object of a stack and last to go.
//!
//! Its tags say whose stack it is; streams of unique name are the atomic steps of its life (creating
//! a stream that exists fails, so whoever comes second knows):
//!
//! | stream | says |
//! |---|---|
//! | `owner/<n>`, `owner/<n>/<id>` | the newest is the owner: the fence that deletes and updates must carry |
//! | `resume/<n>` | that owner goes on where the one before it was interrupted |
//! | `phase/<n>/<phase>` | the newest is where the stack is in its life |
//! | `config/<n>` | one event: what was last applied, and the facts that were looked up, without secrets |
//! | `hold/<n>`, `hold/<n>/released` | who works on it now, with heartbeats |
//! | `journal/<n>` | what the operation with that hold did, for people |

mod event;
mod hold;
mod journal;
mod line;
mod list;
mod owner;
mod phase;

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use aws_sdk_cloudwatchlogs::types::{InputLogEvent, LogStream, OrderBy};
use serde::{Deserialize, Serialize};
use stellar_engine::{Error, ErrorClass, TAG_CLAIM, TAG_STACK, Tags};

pub use hold::{Ended, Hold, HoldFence};
pub use journal::{Journal, Pen};
pub use line::{Line, Word};
pub use list::Listed;
pub use owner::{Owners, Taking};
pub use phase::Phase;

use crate::{Aws, call};

/// The format that this version writes. A claim of a newer format is read, never written.
pub const FORMAT: u32 = 1;
const TAG_FORMAT: &str = "stellar:format";
const TAG_ORIGIN: &str = "stellar:origin";
/// How many streams of a sort are kept.
const KEEP: usize = 5;

/// A stack's claim as it stands in the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The claim id, constant for the stack's life: 32 hexadecimal digits.
    pub id: String,
    /// Who began it: a digest of account, role, backend and workspace.
    pub origin: String,
    /// The format number in its tags.
    pub format: u32,
    /// Who owns it, and did before.
    pub owners: Owners,
    /// The newest phase and its number.
    pub phase: Option<(u64, Phase)>,
    config: u64,
    hold: Option<(u64, bool)>,
    released: u64,
}

/// What a stack's claim remembers for the day when Terraform's state is lost.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The configuration last applied, as JSON, without secrets.
    pub config: serde_json::Value,
    /// The facts looked up for it.
    pub facts: serde_json::Value,
    /// Components that the operation had still to remove when it began.
    #[serde(default)]
    pub leaving: serde_json::Value,
}

impl Claim {
    /// The newest owner's id; `None` between two calls of the claim's creation.
    pub fn owner(&self) -> Option<&str> {
        self.owners.newest()
    }

    /// True when a newer version of this provider wrote it: it is read, never written.
    pub fn is_newer(&self) -> bool {
        self.format > FORMAT
    }

    /// The number of the newest [`Record`]; 0 before there is one.
    pub fn last_record(&self) -> u64 {
        self.config
    }

    /// The largest number of any sort of stream.
    fn newest(&self) -> u64 {
        let hold = self.hold.map_or(0, |(number, _)| number);
        self.phase.map_or(0, |(number, _)| number).max(self.owners.last()).max(hold).max(self.config)
    }

    /// The newest phase; a claim without one is [`Phase::Creating`].
    pub fn phase(&self) -> Phase {
        self.phase.as_ref().map_or(Phase::Creating, |(_, phase)| *phase)
    }
}

/// The claims of one region.
#[derive(Clone, Debug)]
pub struct Claims {
    aws: Arc<Aws>,
    region: String,
}

impl Claims {
    /// In the region.
    pub fn new(aws: Arc<Aws>, region: &str) -> Self {
        Self { aws, region: region.to_owned() }
    }

    /// The claim of the stack of that name; `None` when there is none.
    ///
    /// # Errors
    /// Of the calls; [`ErrorClass::Foreign`] when a log group of that name is no claim.
    pub async fn find(&self, stack: &str) -> Result<Option<Claim>, Error> {
        // Its ARN is known beforehand, so both can be asked at once.
        let arn = self.arn(stack).await?;
        let (tags, streams) = tokio::join!(self.tags(&arn), self.streams(stack));
        let (tags, streams) = (Error::absent_is_none(tags)?, Error::absent_is_none(streams)?);
        let (Some(tags), Some(streams)) = (tags, streams) else { return Ok(None) };
        let Some(id) = tags.get(TAG_CLAIM) else {
            return Err(Error::foreign(format!(
                "the log group {} exists without the tag {TAG_CLAIM}: it is no stack's claim; choose another name for the stack",
                group(stack)
            )));
        };
        let newest = |sort: &str| streams.iter().filter_map(|s| parse(s, sort)).max_by_key(|(n, _)| *n);
        Ok(Some(Claim {
            id: id.clone(),
            origin: tags.get(TAG_ORIGIN).cloned().unwrap_or_default(),
            format: tags.get(TAG_FORMAT).and_then(|f| f.parse().ok()).unwrap_or(FORMAT),
            owners: Owners::of(&streams),
            phase: newest("phase").and_then(|(n, phase)| Some((n, phase.parse().ok()?))),
            config: newest("config").map_or(0, |(n, _)| n),
            hold: hold::newest(&streams),
            released: hold::released(&streams),
        }))
    }

    /// Makes the claim, as the first object of a stack; `tags` are the user's.
    ///
    /// # Errors
    /// [`ErrorClass::Exists`] when somebody was first.
    pub async fn create(&self, stack: &str, id: &str, origin: &str, tags: &Tags) -> Result<Claim, Error> {
        let logs = self.aws.logs(&self.region);
        let mut tags = tags.clone();
        tags.extend([
            (TAG_CLAIM.to_owned(), id.to_owned()),
            (TAG_STACK.to_owned(), stack.to_owned()),
            (TAG_FORMAT.to_owned(), FORMAT.to_string()),
            (TAG_ORIGIN.to_owned(), origin.to_owned()),
        ]);
        let tags: std::collections::HashMap<_, _> = tags.into_iter().collect();
        let request = || {
            let create = logs.create_log_group().log_group_name(group(stack));
            create.set_tags(Some(tags.clone())).deletion_protection_enabled(true).send()
        };
        call("logs:CreateLogGroup", request).await?;
        Ok(Claim {
            id: id.to_owned(),
            origin: origin.to_owned(),
            format: FORMAT,
            owners: Owners::default(),
            phase: None,
            config: 0,
            hold: None,
            released: 0,
        })
    }

    /// Brings the user's tags of the claim from what they were to what they are.
    ///
    /// # Errors
    /// Those of the calls.
    pub async fn retag(&self, stack: &str, before: &Tags, after: &Tags) -> Result<(), Error> {
        if before == after {
            return Ok(());
        }
        let arn = self.arn(stack).await?;
        let logs = self.aws.logs(&self.region);
        let set: std::collections::HashMap<_, _> = after
            .iter()
            .filter(|(key, value)| before.get(*key) != Some(value))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        if !set.is_empty() {
            let request = || logs.tag_resource().resource_arn(&arn).set_tags(Some(set.clone())).send();
            call("logs:TagResource", request).await?;
        }
        let gone: Vec<String> = before.keys().filter(|key| !after.contains_key(*key)).cloned().collect();
        if !gone.is_empty() {
            let request = || logs.untag_resource().resource_arn(&arn).set_tag_keys(Some(gone.clone())).send();
            call("logs:UntagResource", request).await?;
        }
        Ok(())
    }

    /// Makes `id` the newest owner, enters a phase and remembers what is being applied. In this order: whoever takes over
    /// after a death between them finds the owner first, and does all three again.
    ///
    /// # Errors
    /// [`ErrorClass::Exists`] when another owner came in between.
    pub async fn take_over(
        &self,
        stack: &str,
        claim: &mut Claim,
        (id, taking): (&str, Taking),
        phase: Phase,
        record: &Record,
    ) -> Result<(), Error> {
        self.own(stack, claim, id, taking).await?;
        self.enter(stack, claim, phase).await?;
        self.remember(stack, claim, record).await
    }

    /// Enters a phase; nothing happens when it is in that phase already.
    pub async fn enter(&self, stack: &str, claim: &mut Claim, phase: Phase) -> Result<(), Error> {
        if claim.phase.as_ref().is_some_and(|(_, now)| *now == phase) {
            return Ok(());
        }
        let next = claim.phase.as_ref().map_or(0, |(n, _)| *n) + 1;
        self.ensure_stream(stack, &format!("phase/{next:06}/{phase}")).await?;
        claim.phase = Some((next, phase));
        Ok(())
    }

    /// Remembers what was applied, and forgets the oldest streams.
    pub async fn remember(&self, stack: &str, claim: &mut Claim, record: &Record) -> Result<(), Error> {
        let text =
            serde_json::to_string(record).map_err(|e| Error::bug(format!("the record has no JSON form: {e}")))?;
        let next = claim.config + 1;
        let stream = format!("config/{next:06}");
        self.ensure_stream(stack, &stream).await?;
        self.write(stack, &stream, vec![text]).await?;
        claim.config = next;
        // Every operation adds to each sort, so that a young stack has nothing to forget.
        if claim.newest() <= KEEP as u64 {
            return Ok(());
        }
        self.prune(stack).await
    }

    /// What was last remembered. An operation that died before it had written its record did nothing else either: the
    /// record before it counts.
    pub async fn recall(&self, stack: &str, claim: &Claim) -> Result<Option<Record>, Error> {
        for number in (1..=claim.config).rev().take(KEEP) {
            let event = self.first_event(stack, &format!("config/{number:06}")).await?;
            if let Some(record) = event.and_then(|(_, text)| serde_json::from_str(&text).ok()) {
                return Ok(Some(record));
            }
        }
        Ok(None)
    }

    /// Deletes the claim, as the last object of a stack.
    pub async fn delete(&self, stack: &str) -> Result<(), Error> {
        let logs = self.aws.logs(&self.region);
        let unprotect = || {
            logs.put_log_group_deletion_protection()
                .log_group_identifier(group(stack))
                .deletion_protection_enabled(false)
                .send()
        };
        match Error::absent_is_none(call("logs:PutLogGroupDeletionProtection", unprotect).await) {
            // An endpoint that does not know the protection has none: whether it deletes is told by the deletion.
            Err(error) if error.class == ErrorClass::Permanent => tracing::debug!(%error, "left to the deletion"),
            result => drop(result?),
        }
        let delete = || logs.delete_log_group().log_group_name(group(stack)).send();
        Error::absent_is_none(call("logs:DeleteLogGroup", delete).await)?;
        Ok(())
    }

    async fn arn(&self, stack: &str) -> Result<String, Error> {
        let caller = self.aws.caller(&self.region).await?;
        let (partition, account, region) = (&caller.partition, &caller.account, &self.region);
        Ok(format!("arn:{partition}:logs:{region}:{account}:log-group:{}", group(stack)))
    }

    async fn tags(&self, arn: &str) -> Result<Tags, Error> {
        let logs = self.aws.logs(&self.region);
        let output =
            call("logs:ListTagsForResource", || logs.list_tags_for_resource().resource_arn(arn).send()).await?;
        Ok(output.tags().into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())).collect())
    }

    async fn streams(&self, stack: &str) -> Result<Vec<String>, Error> {
        self.streams_of(stack, None).await
    }

    /// The names of the streams, or of those that begin with `prefix`.
    async fn streams_of(&self, stack: &str, prefix: Option<&str>) -> Result<Vec<String>, Error> {
        let logs = self.aws.logs(&self.region);
        let name = group(stack);
        let (mut all, mut token) = (Vec::new(), None);
        loop {
            let request = || {
                logs.describe_log_streams()
                    .log_group_name(&name)
                    .order_by(OrderBy::LogStreamName)
                    .set_log_stream_name_prefix(prefix.map(str::to_owned))
                    .set_next_token(token.clone())
                    .send()
            };
            let page = call("logs:DescribeLogStreams", request).await?;
            all.extend(page.log_streams().iter().filter_map(LogStream::log_stream_name).map(str::to_owned));
            token = page.next_token().map(str::to_owned);
            if token.is_none() {
                return Ok(all);
            }
        }
    }

    /// A stream whose name only its holder gives: one that exists was made by a request whose answer got lost.
    async fn ensure_stream(&self, stack: &str, stream: &str) -> Result<(), Error> {
        match self.create_stream(stack, stream).await {
            Err(error) if was_second(&error) => Ok(()),
            made => made,
        }
    }

    async fn create_stream(&self, stack: &str, stream: &str) -> Result<(), Error> {
        let logs = self.aws.logs(&self.region);
        call("logs:CreateLogStream", || {
            logs.create_log_stream().log_group_name(group(stack)).log_stream_name(stream).send()
        })
        .await?;
        Ok(())
    }

    /// Appends events, of this moment, to a stream.
    async fn write(&self, stack: &str, stream: &str, messages: Vec<String>) -> Result<(), Error> {
        let logs = self.aws.logs(&self.region);
        let event = |message| InputLogEvent::builder().timestamp(now_ms()).message(message).build();
        let events: Result<Vec<InputLogEvent>, _> = messages.into_iter().map(event).collect();
        let events = events.map_err(|e| Error::bug(format!("log event: {e}")))?;
        let request = || {
            let put = logs.put_log_events().log_group_name(group(stack)).log_stream_name(stream);
            put.set_log_events(Some(events.clone())).send()
        };
        call("logs:PutLogEvents", request).await?;
        Ok(())
    }

    async fn prune(&self, stack: &str) -> Result<(), Error> {
        let logs = self.aws.logs(&self.region);
        let mut streams = self.streams(stack).await?;
        streams.sort_unstable();
        for sort in ["config/", "owner/", "resume/", "phase/", "hold/", "journal/"] {
            let of_sort: Vec<&String> = streams.iter().filter(|s| s.starts_with(sort)).collect();
            // An owner has two streams, a hold too once it is released.
            let keep = if ["owner/", "hold/"].contains(&sort) { 2 * KEEP } else { KEEP };
            for old in of_sort.iter().rev().skip(keep) {
                let request =
                    || logs.delete_log_stream().log_group_name(group(stack)).log_stream_name(old.as_str()).send();
                Error::absent_is_none(call("logs:DeleteLogStream", request).await)?;
            }
        }
        Ok(())
    }
}

/// The log group's name.
pub fn group(stack: &str) -> String {
    format!("/stellar/{stack}")
}

/// A new random id of 32 hexadecimal digits.
pub fn new_id() -> String {
    format!("{:032x}", fastrand::u128(..))
}

/// `(number, rest)` of `sort/number/rest`; the rest is empty for `sort/number`, which owners and phases
/// do not count as.
fn parse<'a>(stream: &'a str, sort: &str) -> Option<(u64, &'a str)> {
    let rest = stream.strip_prefix(sort)?.strip_prefix('/')?;
    let (number, rest) = rest.split_once('/').unwrap_or((rest, ""));
    (["config", "hold", "resume"].contains(&sort) || !rest.is_empty()).then_some(())?;
    Some((number.parse().ok()?, rest))
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// True when the error says that somebody else was first.
pub fn was_second(error: &Error) -> bool {
    error.class == ErrorClass::Exists
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_name_their_sort_number_and_content() {
        let rows = [
            ("owner/000002/abc", "owner", Some((2, "abc"))),
            ("owner/000002", "owner", None),
            ("phase/000010/ready", "phase", Some((10, "ready"))),
            ("config/000003", "config", Some((3, ""))),
            ("journal", "config", None),
            ("phase/x/ready", "phase", None),
        ];
        for (stream, sort, expected) in rows {
            assert_eq!(parse(stream, sort), expected, "{stream}");
        }
    }
}
