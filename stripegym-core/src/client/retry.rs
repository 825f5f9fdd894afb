//! Whether and when a call is tried again: the policy of the official SDKs.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use bytes::Bytes;
use http::Response;

use super::{Request, TransportError, header_text, is_server_fault};

const WAIT_FIRST_MS: u64 = 500;
const WAIT_MAX_MS: u64 = 5_000;

/// Stripe's own word comes first, then the status. A plain 429 is not retried:
/// the limiter wants less, not the same again.
pub(super) fn is_worth_it(outcome: Result<&Response<Bytes>, &TransportError>) -> bool {
    let answer = match outcome {
        Ok(answer) => answer,
        Err(error) => return error.may_pass(),
    };
    match header_text(answer, "stripe-should-retry") {
        Some("true") => true,
        Some("false") => false,
        _ => answer.status() == http::StatusCode::CONFLICT || is_server_fault(answer.status()),
    }
}

/// What tells this call's waits from those of others.
pub(super) fn seed(request: &Request, nth_call: u64) -> u64 {
    let mut hasher = DefaultHasher::new();
    (request.path(), request.idempotency_key(), nth_call).hash(&mut hasher);
    hasher.finish()
}

/// Half a second doubling to five, less up to half by chance, never under half a second.
pub(super) fn wait(seed: u64, attempt: u32) -> Duration {
    let doublings = attempt.saturating_sub(1).min(10);
    let most = (WAIT_FIRST_MS << doublings).min(WAIT_MAX_MS);
    let mut hasher = DefaultHasher::new();
    (seed, attempt).hash(&mut hasher);
    let less = hasher.finish() % (most / 2 + 1);
    Duration::from_millis((most - less).max(WAIT_FIRST_MS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::TransportErrorKind;

    fn answer(status: u16, should_retry: Option<&str>) -> Response<Bytes> {
        let mut built = Response::builder().status(status);
        if let Some(word) = should_retry {
            built = built.header("stripe-should-retry", word);
        }
        built.body(Bytes::new()).unwrap()
    }

    #[test]
    fn the_verdicts_of_the_official_sdks() {
        for (status, header, expected) in [
            (409, None, true),
            (500, None, true),
            (503, None, true),
            (429, None, false),
            (429, Some("true"), true),
            (500, Some("false"), false),
            (400, Some("true"), true),
            (402, None, false),
            (404, None, false),
        ] {
            let answer = answer(status, header);
            assert_eq!(is_worth_it(Ok(&answer)), expected, "{status} {header:?}");
        }
    }

    #[test]
    fn lost_connections_and_timeouts_are_tried_again_but_not_bad_requests() {
        for (kind, expected) in [
            (TransportErrorKind::Connect, true),
            (TransportErrorKind::Timeout, true),
            (TransportErrorKind::Interrupted, true),
            (TransportErrorKind::Unsendable, false),
            (TransportErrorKind::Tls, false),
        ] {
            let error = TransportError::new(kind, "x");
            assert_eq!(is_worth_it(Err(&error)), expected, "{kind:?}");
        }
    }

    #[test]
    fn waits_stay_between_half_a_second_and_five() {
        for seed in 0..200 {
            for attempt in 1..12 {
                let wait = wait(seed, attempt).as_millis();
                assert!((500..=5_000).contains(&wait), "{wait}");
            }
        }
    }
}
