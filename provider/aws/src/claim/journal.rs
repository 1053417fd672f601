//! The journal: what an operation does, for people (`aws logs tail /stellar/<name> --follow`). No decision reads it, and
//! an apply succeeds when writing it always fails.

use std::time::Duration;

use tokio::{sync::mpsc, task::JoinSet, time::timeout};

use super::Claims;

/// Lines are collected for so long before they are written.
const GATHER: Duration = Duration::from_secs(1);
/// How long the end of an operation waits for the last lines.
const CLOSE: Duration = Duration::from_secs(2);
/// Lines per call; the service takes 10,000.
const LINES: usize = 500;

/// A journal that is being written.
#[derive(Debug)]
pub struct Journal {
    lines: mpsc::UnboundedSender<String>,
    writer: JoinSet<()>,
}

impl Claims {
    /// Begins the journal of the operation with that hold's number.
    pub fn journal(&self, stack: &str, number: u64) -> Journal {
        let (lines, inbox) = mpsc::unbounded_channel();
        let mut writer = JoinSet::new();
        writer.spawn(write(self.clone(), stack.to_owned(), format!("journal/{number:06}"), inbox));
        Journal { lines, writer }
    }
}

impl Journal {
    /// A handle by which lines are added.
    pub fn pen(&self) -> Pen {
        Pen(self.lines.clone())
    }

    /// Writes what is left, for at most two seconds.
    pub async fn close(self) {
        let Self { lines, mut writer } = self;
        drop(lines);
        if timeout(CLOSE, writer.join_next()).await.is_err() {
            tracing::debug!("the journal's last lines were not written in time");
        }
    }
}

/// Adds lines to a journal.
#[derive(Clone, Debug)]
pub struct Pen(mpsc::UnboundedSender<String>);

impl Pen {
    /// Adds a line.
    pub fn line(&self, text: impl Into<String>) {
        // The writer is gone when the operation has ended: nobody misses the line.
        drop(self.0.send(text.into()));
    }

    /// Adds several lines.
    pub fn lines(&self, lines: &[String]) {
        for line in lines {
            self.line(line.as_str());
        }
    }
}

async fn write(claims: Claims, stack: String, stream: String, mut inbox: mpsc::UnboundedReceiver<String>) {
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
