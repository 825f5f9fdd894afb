//! Virtual time. Nothing ever waits: when nobody can go on, time jumps to the
//! next moment at which somebody wants to be woken. One sleeper wakes at a
//! time, in the order of due time and then of falling asleep.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use async_trait::async_trait;
use stripegym_core::{Clock, Timestamp};

use crate::consumer::POLL;

/// The longest that an idle worker's poll is stretched to.
const POLL_STRETCH_MAX: u32 = 65_536;

/// The time of one run, shared by everything in it.
#[derive(Clone)]
pub struct Time(Arc<Mutex<Inner>>);

struct Inner {
    now_ms: i64,
    sequence: u64,
    due: BinaryHeap<Reverse<(i64, u64, usize)>>,
    sleepers: Vec<Sleeper>,
    free: Vec<usize>,
    /// Times a poll is stretched to while nothing happens, per process.
    stretch: Vec<u32>,
}

struct Sleeper {
    sequence: u64,
    process: usize,
    waker: Option<Waker>,
    fired: bool,
}

impl Time {
    /// Time that begins at `now_ms`.
    #[must_use]
    pub fn starting(now_ms: i64) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            now_ms,
            sequence: 0,
            due: BinaryHeap::new(),
            sleepers: Vec::new(),
            free: Vec::new(),
            stretch: Vec::new(),
        })))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The moment, in milliseconds since the Unix epoch.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.inner().now_ms
    }

    /// Moves on, never back.
    pub fn advance_to(&self, ms: i64) {
        let mut inner = self.inner();
        inner.now_ms = inner.now_ms.max(ms);
    }

    /// When the next sleeper wakes.
    #[must_use]
    pub fn next_due(&self) -> Option<i64> {
        let mut inner = self.inner();
        while let Some(Reverse((due, sequence, slot))) = inner.due.peek().copied() {
            let sleeper = &inner.sleepers[slot];
            if sleeper.sequence == sequence && sleeper.waker.is_some() {
                return Some(due);
            }
            inner.due.pop();
        }
        None
    }

    /// Moves on to the next sleeper, wakes it, and says whose it is.
    #[must_use]
    pub fn wake_next(&self) -> Option<usize> {
        self.next_due()?;
        let (waker, process) = {
            let mut inner = self.inner();
            let Reverse((due, _, slot)) = inner.due.pop()?;
            inner.now_ms = inner.now_ms.max(due);
            let sleeper = &mut inner.sleepers[slot];
            sleeper.fired = true;
            (sleeper.waker.take(), sleeper.process)
        };
        if let Some(waker) = waker {
            waker.wake();
        }
        Some(process)
    }

    /// Something happened: workers look around at their own pace again.
    pub fn stir(&self) {
        self.inner().stretch.fill(1);
    }

    /// This time, as one process sees it.
    #[must_use]
    pub fn clock(&self, process: usize) -> SimClock {
        let mut inner = self.inner();
        if inner.stretch.len() <= process {
            inner.stretch.resize(process + 1, 1);
        }
        drop(inner);
        SimClock {
            time: self.clone(),
            process,
        }
    }

    /// Days would pass in seconds of polling. A worker that finds nothing looks
    /// a quarter as often each time, as a busy machine might let it.
    fn stretched(&self, wait: Duration, process: usize) -> Duration {
        if wait != POLL {
            return wait;
        }
        let mut inner = self.inner();
        let times = inner.stretch[process];
        inner.stretch[process] = (times * 4).min(POLL_STRETCH_MAX);
        wait * times
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Time({})", self.now_ms())
    }
}

/// The clock of one process.
#[derive(Debug, Clone)]
pub struct SimClock {
    time: Time,
    process: usize,
}

impl SimClock {
    /// Returns after `ms` milliseconds.
    #[must_use]
    pub fn nap(&self, ms: i64) -> Nap {
        Nap {
            time: self.time.clone(),
            process: self.process,
            until_ms: self.time.now_ms() + ms,
            place: None,
        }
    }
}

#[async_trait]
impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_ms(self.time.now_ms())
    }

    async fn sleep(&self, wait: Duration) {
        let wait = self.time.stretched(wait, self.process);
        let ms = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX / 4);
        self.nap(ms).await;
    }
}

/// A sleep under way; dropped, nobody is woken.
#[derive(Debug)]
pub struct Nap {
    time: Time,
    process: usize,
    until_ms: i64,
    place: Option<(usize, u64)>,
}

impl Future for Nap {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let mut inner = this.time.inner();
        if let Some((slot, _)) = this.place {
            let sleeper = &mut inner.sleepers[slot];
            if sleeper.fired {
                return Poll::Ready(());
            }
            sleeper.waker = Some(context.waker().clone());
            return Poll::Pending;
        }
        if this.until_ms <= inner.now_ms {
            return Poll::Ready(());
        }
        inner.sequence += 1;
        let sleeper = Sleeper {
            sequence: inner.sequence,
            process: this.process,
            waker: Some(context.waker().clone()),
            fired: false,
        };
        let sequence = inner.sequence;
        let slot = if let Some(slot) = inner.free.pop() {
            inner.sleepers[slot] = sleeper;
            slot
        } else {
            inner.sleepers.push(sleeper);
            inner.sleepers.len() - 1
        };
        inner.due.push(Reverse((this.until_ms, sequence, slot)));
        this.place = Some((slot, sequence));
        Poll::Pending
    }
}

impl Drop for Nap {
    fn drop(&mut self) {
        if let Some((slot, _)) = self.place {
            let waker = {
                let mut inner = self.time.inner();
                inner.free.push(slot);
                inner.sleepers[slot].sequence = 0;
                inner.sleepers[slot].waker.take()
            };
            drop(waker);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleepers_wake_in_order_and_the_cancelled_never() {
        let time = Time::starting(1000);
        let clock = time.clock(0);
        let mut context = Context::from_waker(Waker::noop());
        let mut late = Box::pin(clock.nap(50));
        let mut early = Box::pin(clock.nap(10));
        let mut gone = Box::pin(clock.nap(5));
        for nap in [&mut late, &mut early, &mut gone] {
            assert!(nap.as_mut().poll(&mut context).is_pending());
        }
        drop(gone);
        assert_eq!(time.wake_next(), Some(0));
        assert_eq!(time.now_ms(), 1010);
        assert!(early.as_mut().poll(&mut context).is_ready());
        assert!(late.as_mut().poll(&mut context).is_pending());
        assert_eq!(time.wake_next(), Some(0));
        assert_eq!(time.now_ms(), 1050);
        assert!(late.as_mut().poll(&mut context).is_ready());
        assert_eq!(time.wake_next(), None);
    }
}
