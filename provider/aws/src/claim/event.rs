//! Single events of a stream.

use aws_sdk_cloudwatchlogs::{operation::get_log_events::GetLogEventsOutput, types::OutputLogEvent};
use stellar_engine::Error;

use super::{Claims, group};
use crate::call;

impl Claims {
    /// The oldest event of a stream: when it was written and what it says.
    pub(super) async fn first_event(&self, stack: &str, stream: &str) -> Result<Option<(i64, String)>, Error> {
        self.event(stack, stream, true, GetLogEventsOutput::next_forward_token).await
    }

    /// The newest event of a stream.
    pub(super) async fn last_event(&self, stack: &str, stream: &str) -> Result<Option<(i64, String)>, Error> {
        self.event(stack, stream, false, GetLogEventsOutput::next_backward_token).await
    }

    /// A page may be empty although there are more events behind it: the stream ends where the token stays the same
    /// ("GetLogEvents" in the API reference).
    async fn event(
        &self,
        stack: &str,
        stream: &str,
        from_head: bool,
        next: fn(&GetLogEventsOutput) -> Option<&str>,
    ) -> Result<Option<(i64, String)>, Error> {
        let logs = self.aws.logs(&self.region);
        let of_stream = || logs.get_log_events().log_group_name(group(stack)).log_stream_name(stream);
        let mut token: Option<String> = None;
        loop {
            let request = || of_stream().limit(1).start_from_head(from_head).set_next_token(token.clone()).send();
            let page = Error::absent_is_none(call("logs:GetLogEvents", request).await)?;
            let Some(page) = page else { return Ok(None) };
            if let Some(event) = page.events().last() {
                return Ok(Some(what(event)));
            }
            let following = next(&page).map(str::to_owned);
            if following.is_none() || following == token {
                return Ok(None);
            }
            token = following;
        }
    }
}

fn what(event: &OutputLogEvent) -> (i64, String) {
    (event.timestamp().unwrap_or_default(), event.message().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Aws, tests::serve};

    fn page(events: &str, forward: &str, backward: &str) -> String {
        let body =
            format!(r#"{{"events": [{events}], "nextForwardToken": "{forward}", "nextBackwardToken": "{backward}"}}"#);
        format!("200 OK\r\nContent-Type: application/x-amz-json-1.1\r\n\r\n{body}")
    }

    #[tokio::test]
    async fn an_empty_page_is_not_the_end_until_its_token_comes_again() {
        let event = r#"{"timestamp": 1, "message": "m"}"#;
        let found = Some((1, "m".to_owned()));
        let rows = [
            (vec![page(event, "f1", "b1")], found.clone(), vec![None]),
            (vec![page("", "f1", "b1"), page(event, "f2", "b2")], found, vec![None, Some("1")]),
            (
                vec![page("", "f1", "b1"), page("", "f2", "b2"), page("", "f2", "b2")],
                None,
                vec![None, Some("1"), Some("2")],
            ),
        ];
        for (answers, expected, tokens) in rows {
            for (is_first, letter) in [(true, "f"), (false, "b")] {
                let (url, asked) = serve(answers.clone()).await;
                let claims = Claims::new(Aws::at(&url), "eu-west-1");
                let event = match is_first {
                    true => claims.first_event("shop", "config/000001").await,
                    false => claims.last_event("shop", "config/000001").await,
                };
                assert_eq!(event, Ok(expected.clone()), "{answers:?}");
                let sent = asked.lock().unwrap().clone();
                let token = |body: &String| {
                    let body: serde_json::Value = serde_json::from_str(body).unwrap();
                    body["nextToken"].as_str().map(str::to_owned)
                };
                let expected: Vec<Option<String>> =
                    tokens.iter().map(|number| number.map(|number| format!("{letter}{number}"))).collect();
                assert_eq!(sent.iter().map(token).collect::<Vec<_>>(), expected, "{answers:?}");
            }
        }
    }
}
