//! The journal: what an operation does, for people (`aws logs tail /stellar/<name> --log-stream-name-prefix journal/
//! --follow`; the streams beside it hold the heartbeats). No decision reads it, and an apply succeeds when writing it
//! always fails.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use stellar_engine::Error;
use tokio::{sync::mpsc, task::JoinSet, time::timeout};

use super::{Claims, group};
use crate::call;

/// Lines are collected for so long before they are written.
const GATHER: Duration = Duration::from_secs(1);
/// How long the end of an operation waits for the last lines.
const CLOSE: Duration = Duration::from_secs(2);
/// Lines per call; the service takes 10,000.
const LINES: usize = 500;
/// Lines that wait to be written, when writing is slow: further ones are counted and left out.
const WAITING: usize = 10_000;

/// A journal that is being written.
#[derive(Debug)]
pub struct Journal {
    pen: Pen,
    writer: JoinSet<()>,
}

impl Claims {
    /// Begins the journal of the operation with that hold's number.
    pub fn journal(&self, stack: &str, number: u64) -> Journal {
        let (lines, inbox) = mpsc::channel(WAITING);
        let pen = Pen { lines, lost: Arc::default() };
        let mut writer = JoinSet::new();
        writer.spawn(write(self.clone(), stack.to_owned(), stream(number), inbox, pen.lost.clone()));
        Journal { pen, writer }
    }

    /// The journal's lines after `token`, which an earlier answer gave, each with the milliseconds since 1970 at which
    /// it was written; and the token for the next call. Empty as long as there is no journal.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn read_journal(
        &self,
        stack: &str,
        number: u64,
        token: Option<String>,
    ) -> Result<(Vec<(i64, String)>, Option<String>), Error> {
        let logs = self.aws.logs(&self.region);
        let (mut lines, mut token) = (Vec::new(), token);
        loop {
            let request = || {
                let request = logs.get_log_events().log_group_name(group(stack)).log_stream_name(stream(number));
                request.start_from_head(true).set_next_token(token.clone()).send()
            };
            let Some(page) = Error::absent_is_none(call("logs:GetLogEvents", request).await)? else {
                return Ok((lines, token));
            };
            let events = page.events.unwrap_or_default();
            let line = |event: aws_sdk_cloudwatchlogs::types::OutputLogEvent| {
                (event.timestamp.unwrap_or_default(), event.message.unwrap_or_default())
            };
            lines.extend(events.into_iter().map(line));
            // The service answers the same token again at the end (API reference of GetLogEvents).
            let next = page.next_forward_token;
            if next.is_none() || next == token {
                return Ok((lines, token));
            }
            token = next;
        }
    }
}

impl Journal {
    /// A handle by which lines are added.
    pub fn pen(&self) -> Pen {
        self.pen.clone()
    }

    /// Writes what is left, for at most two seconds.
    pub async fn close(self) {
        let Self { pen, mut writer } = self;
        drop(pen);
        if timeout(CLOSE, writer.join_next()).await.is_err() {
            tracing::debug!("the journal's last lines were not written in time");
        }
    }
}

/// Adds lines to a journal. It never waits.
#[derive(Clone, Debug)]
pub struct Pen {
    lines: mpsc::Sender<String>,
    lost: Arc<AtomicUsize>,
}

impl Pen {
    /// Adds a line.
    pub fn line(&self, text: impl ToString) {
        // Also when the writer is gone because the operation has ended: nobody misses the line then.
        if self.lines.try_send(text.to_string()).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Adds several lines.
    pub fn lines(&self, lines: &[String]) {
        for line in lines {
            self.line(line.as_str());
        }
    }
}

async fn write(
    claims: Claims,
    stack: String,
    stream: String,
    mut inbox: mpsc::Receiver<String>,
    lost: Arc<AtomicUsize>,
) {
    let mut begun = false;
    let mut open = true;
    while open {
        let mut lines = Vec::new();
        if inbox.recv_many(&mut lines, LINES).await == 0 {
            return;
        }
        let gathering = async { while inbox.recv_many(&mut lines, LINES).await > 0 {} };
        // Ends early when the last pen is gone.
        open = timeout(GATHER, gathering).await.is_err();
        let missing = lost.swap(0, Ordering::Relaxed);
        if missing > 0 {
            lines.push(format!("({missing} lines are missing here: they came faster than they could be written)"));
        }
        if !begun {
            begun = claims.create_stream(&stack, &stream).await.is_ok();
        }
        for lines in lines.chunks(LINES) {
            if let Err(error) = claims.write(&stack, &stream, lines.to_vec()).await {
                tracing::debug!(stack, %error, "the journal could not be written");
            }
        }
    }
}

fn stream(number: u64) -> String {
    format!("journal/{number:06}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_journal_that_is_not_written_takes_no_room_and_no_time() {
        let (lines, inbox) = mpsc::channel(2);
        let pen = Pen { lines, lost: Arc::default() };
        for number in 0..5 {
            pen.line(number);
        }
        assert_eq!(pen.lost.load(Ordering::Relaxed), 3);
        drop(inbox);
        pen.line("nobody reads it");
        assert_eq!(pen.lost.load(Ordering::Relaxed), 4);
    }
}
