//! What to do next with a call, and what an answer means: pure functions.

use crate::client::ApiError;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::journal::{CallState, KEY_TRUSTED_FOR};
use crate::store::{JournalEntry, Settlement};

/// How far the clocks of two machines may be apart. With more between them and
/// Stripe's, no webhook would be verified either.
const CLOCKS_APART_MAX: Duration = Duration::from_secs(300);

/// What to do with a call as the journal has it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing: it is done, and made this.
    Done(String),
    /// Send the frozen call, for the first time or again.
    Send,
    /// Its key may be forgotten: see whether it had its effect.
    LookUp,
    /// It had none: plan it under a new key.
    Replan,
}

pub(super) fn next_step(entry: &JournalEntry, now: Timestamp) -> Step {
    match (entry.state, &entry.object_id, entry.first_sent_at) {
        (CallState::Ok, Some(object_id), _) => Step::Done(object_id.clone()),
        (CallState::Failed, ..) => Step::Replan,
        (CallState::Planned, ..) => Step::Send,
        (CallState::Sent | CallState::Unknown, _, Some(sent)) => {
            // A clock that was set back makes the key look young; one that was
            // set back to well before the call is not believed at all. A little
            // before, it is another machine's, whose call may be under way: a
            // look-up would miss it.
            let believable = now.after(CLOCKS_APART_MAX) >= sent;
            if believable && now.since(sent) < KEY_TRUSTED_FOR {
                Step::Send
            } else {
                Step::LookUp
            }
        }
        // No store writes such a row; looking first is never wrong.
        _ => Step::LookUp,
    }
}

/// What one try came to.
#[derive(Debug)]
pub(super) enum Verdict {
    /// It is done, and made this.
    Done(String),
    /// Nothing happened and nothing will.
    Refused(ApiError),
    /// Nobody knows.
    Unknown(ApiError),
    /// Stripe will say the same for this key for ever, and it is no answer.
    FinalForItsKey,
    /// The same call is under way elsewhere.
    Elsewhere,
}

pub(super) fn verdict(answer: Result<Option<String>, ApiError>) -> Verdict {
    match answer {
        Ok(Some(object_id)) => Verdict::Done(object_id),
        // Done, but what it made cannot be read from a stored answer either.
        Ok(None) => Verdict::FinalForItsKey,
        Err(error) => match &error {
            ApiError::Declined(_) | ApiError::Invalid(_) | ApiError::NotFound(_) => {
                Verdict::Refused(error)
            }
            ApiError::IdempotencyMisuse(_) => Verdict::FinalForItsKey,
            ApiError::Fault(refusal) if refusal.is_replayed() => Verdict::FinalForItsKey,
            ApiError::Conflict(_) => Verdict::Elsewhere,
            // A wrong key or a limit: nothing happened, and the call stays as it is.
            _ => Verdict::Unknown(error),
        },
    }
}

impl Verdict {
    /// What to write down, if anything.
    pub(super) fn settlement(&self) -> Option<Settlement> {
        match self {
            Self::Done(object_id) => Some(Settlement::Ok {
                object_id: object_id.clone(),
            }),
            Self::Refused(why) => Some(Settlement::Failed {
                reason: why.to_string(),
            }),
            Self::Unknown(why) => Some(Settlement::Unknown {
                reason: why.to_string(),
            }),
            Self::FinalForItsKey => Some(Settlement::Unknown {
                reason: "the stored answer is a failure".to_owned(),
            }),
            Self::Elsewhere => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::CallKey;
    use crate::store::FrozenCall;

    const HOUR_MS: i64 = 3_600_000;

    fn entry(state: CallState) -> JournalEntry {
        let sent = Timestamp::from_unix_ms(1_000 * HOUR_MS);
        JournalEntry {
            call: FrozenCall {
                key: CallKey::new("customer:41").unwrap(),
                generation: 1,
                idempotency_key: "k".to_owned(),
                method: "POST".to_owned(),
                path: "/v1/customers".to_owned(),
                body: String::new(),
                api_version: "v".to_owned(),
                account: None,
            },
            state,
            planned_at: sent,
            first_sent_at: (state != CallState::Planned).then_some(sent),
            object_id: (state == CallState::Ok).then(|| "cus_1".to_owned()),
        }
    }

    fn step(state: CallState, hours_later: i64) -> Step {
        let now = Timestamp::from_unix_ms((1_000 + hours_later) * HOUR_MS);
        next_step(&entry(state), now)
    }

    #[test]
    fn a_call_is_sent_again_only_while_its_key_is_trusted() {
        for state in [CallState::Sent, CallState::Unknown] {
            assert_eq!(step(state, 0), Step::Send);
            assert_eq!(step(state, 22), Step::Send);
            for hours in [23, 25, 24 * 40] {
                assert_eq!(step(state, hours), Step::LookUp, "{hours} h");
            }
        }
    }

    #[test]
    fn a_clock_set_back_does_not_make_a_key_young() {
        assert_eq!(step(CallState::Unknown, -1), Step::LookUp);
    }

    #[test]
    fn a_call_just_sent_by_a_machine_whose_clock_is_ahead_is_young() {
        let entry = entry(CallState::Sent);
        let behind_by = |ms| Timestamp::from_unix_ms(1_000 * HOUR_MS - ms);
        assert_eq!(next_step(&entry, behind_by(200)), Step::Send);
        assert_eq!(next_step(&entry, behind_by(300_001)), Step::LookUp);
    }

    #[test]
    fn what_was_never_sent_is_sent_and_what_is_done_is_done_at_any_age() {
        assert_eq!(step(CallState::Planned, 24 * 40), Step::Send);
        assert_eq!(step(CallState::Ok, 24 * 40), Step::Done("cus_1".to_owned()));
        assert_eq!(step(CallState::Failed, 0), Step::Replan);
    }
}
