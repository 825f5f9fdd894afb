//! One process: a runtime of its own on this very thread, which runs until it
//! can do no more, and dies by being dropped.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};

use stripegym_core::process::Mode;
use tokio::runtime::{Builder, Runtime};

use super::site::Life;
use super::store::{Shared, SimStore};
use crate::api::SimApi;
use crate::consumer::Consumer;
use crate::world::World;

/// Tells when a runtime has nothing left to do.
#[derive(Default)]
struct Idle {
    is_idle: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

/// A living process.
pub(crate) struct Process {
    runtime: Runtime,
    idle: Arc<Idle>,
    pub(crate) consumer: Consumer,
    pub(crate) life: Life,
    pub(crate) frozen_until: Option<i64>,
}

impl Process {
    /// Starts one over a store that may have seen others.
    pub(crate) fn start(shared: &Shared, life: Life, world: &Arc<World>, mode: Mode) -> Self {
        let idle = Arc::new(Idle::default());
        let hook = (Arc::clone(&idle), shared.clone());
        let runtime = Builder::new_current_thread()
            // It yields only when it has nothing to do.
            .event_interval(u32::MAX)
            .on_thread_park(move || {
                let (idle, shared) = &hook;
                if shared.is_busy() {
                    return; // the store answers from another thread
                }
                idle.is_idle.store(true, Ordering::Relaxed);
                let waker = idle.waker.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(waker) = waker.as_ref() {
                    waker.wake_by_ref();
                }
            })
            .enable_all()
            .build()
            .expect("a runtime without threads");
        let consumer = {
            let _here = runtime.enter();
            Consumer::start(
                Arc::new(SimStore::new(shared.clone(), life.clone())),
                Arc::new(life.clock.clone()),
                SimApi::new(Arc::clone(world), life.clone()),
                1,
                mode,
            )
        };
        Self {
            runtime,
            idle,
            consumer,
            life,
            frozen_until: None,
        }
    }

    /// Gives it something to do.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        drop(self.runtime.spawn(work));
    }

    /// Runs until nothing in it can go on before time moves.
    pub(crate) fn run(&self) {
        self.idle.is_idle.store(false, Ordering::Relaxed);
        self.runtime.block_on(std::future::poll_fn(|context| {
            if self.idle.is_idle.swap(false, Ordering::Relaxed) {
                return Poll::Ready(());
            }
            let mut waker = self
                .idle
                .waker
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            *waker = Some(context.waker().clone());
            Poll::Pending
        }));
    }
}

impl Drop for Process {
    /// The runtime's own hook holds the waker, and the waker the runtime.
    fn drop(&mut self) {
        let mut waker = self
            .idle
            .waker
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *waker = None;
    }
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Process({})", self.life.process())
    }
}
