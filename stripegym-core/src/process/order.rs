//! Which of two tellings of an object is the newer one.
//!
//! Stripe delivers events in any order, and counts their time in whole seconds,
//! so two of one object often bear the same. What an event carries is the
//! object as it was then. A fetch answers with the object as it is, at some
//! moment after the question was asked. So:
//!
//! - an event newer than all before is taken at its word;
//! - one older than what we have changes nothing of it;
//! - where time does not tell, the object is fetched, unless both say the same;
//! - and whatever had reached us before a fetch began is in its answer, so it
//!   needs no fetch of its own. The database's numbers say so, no clock does.
//!
//! Every write bears the number under which its work began, and is refused
//! where work that began later has written: an answer that was long on its way
//! never undoes a newer one.

use crate::store::Head;

/// Stripe's clock, as an answer's `Date` tells it, and the one that stamps
/// events may differ by so many seconds.
const CLOCKS_DIFFER_S: i64 = 5;

/// When an event was made, and when it reached us.
#[derive(Debug, Clone, Copy)]
pub(super) struct Telling {
    /// When Stripe made it, in seconds since the Unix epoch.
    pub(super) created: i64,
    /// The number under which it came in.
    pub(super) receipt: i64,
    /// Whether it tells of the object's end, which nothing follows.
    pub(super) deletes: bool,
}

/// What an event does to the row of its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Its payload becomes the row.
    Payload,
    /// The object has to be fetched.
    Fetch,
    /// Nothing: we know as much or more.
    Nothing,
    /// The row goes, for good.
    Remove,
}

/// Decides from what we have and what the event says.
pub(super) fn decide(head: Option<&Head>, told: Telling) -> Step {
    let Some(head) = head else {
        return if told.deletes {
            Step::Remove
        } else {
            Step::Payload
        };
    };
    if head.gone {
        return Step::Nothing;
    }
    if told.deletes {
        return Step::Remove;
    }
    if head.fetched.is_some_and(|fetch| told.receipt < fetch.fence) || told.created < head.created {
        return Step::Nothing;
    }
    let may_be_in_answer = |at: i64| told.created <= at.saturating_add(CLOCKS_DIFFER_S);
    if told.created == head.created || head.fetched.is_some_and(|fetch| may_be_in_answer(fetch.at))
    {
        return Step::Fetch;
    }
    Step::Payload
}

/// Whether work that began under `fence` may still write.
pub(super) fn may_write(head: Option<&Head>, fence: i64) -> bool {
    head.is_none_or(|head| !head.gone && head.fence <= fence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::LastFetch;

    const HEAD: Head = Head {
        created: 100,
        fence: 7,
        fetched: None,
        gone: false,
    };

    fn told(created: i64) -> Telling {
        Telling {
            created,
            receipt: 20,
            deletes: false,
        }
    }

    #[test]
    fn the_newer_wins_the_older_yields_and_a_tie_is_fetched() {
        assert_eq!(decide(None, told(1)), Step::Payload);
        assert_eq!(decide(Some(&HEAD), told(101)), Step::Payload);
        assert_eq!(decide(Some(&HEAD), told(100)), Step::Fetch);
        assert_eq!(decide(Some(&HEAD), told(99)), Step::Nothing);
    }

    #[test]
    fn what_a_fetch_may_or_may_not_have_seen_is_fetched_again() {
        let fetched = Some(LastFetch { fence: 9, at: 110 });
        let head = Head { fetched, ..HEAD };
        assert_eq!(decide(Some(&head), told(115)), Step::Fetch);
        assert_eq!(decide(Some(&head), told(116)), Step::Payload);
    }

    #[test]
    fn what_had_come_in_before_a_fetch_began_is_in_its_answer() {
        let fetched = Some(LastFetch { fence: 21, at: 110 });
        let head = Head { fetched, ..HEAD };
        assert_eq!(decide(Some(&head), told(100)), Step::Nothing);
        assert_eq!(decide(Some(&head), told(500)), Step::Nothing);
    }

    #[test]
    fn what_is_deleted_stays_deleted() {
        let gone = Head { gone: true, ..HEAD };
        assert_eq!(decide(Some(&gone), told(500)), Step::Nothing);
        let end = Telling {
            deletes: true,
            ..told(1)
        };
        assert_eq!(decide(None, end), Step::Remove);
        assert_eq!(
            decide(Some(&HEAD), end),
            Step::Remove,
            "whenever it was made"
        );
        assert!(!may_write(Some(&gone), 1000));
    }

    #[test]
    fn work_that_began_earlier_writes_no_more() {
        assert!(may_write(None, 1));
        assert!(may_write(Some(&HEAD), 7));
        assert!(!may_write(Some(&HEAD), 6));
    }
}
