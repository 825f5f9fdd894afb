//! The simulated Stripe's API: what a world was at some moment, over a
//! connection that may fail. An answer shows the state of one moment between
//! the request's start and its end; a slow one arrives minutes later.

mod date;
mod query;
mod view;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use stripegym_core::Clock;
use stripegym_core::client::{Transport, TransportError, TransportErrorKind};

use crate::faults::ApiFault;
use crate::run::{Life, Place};
use crate::world::World;
use crate::world::id::Id;

/// The API, as one process reaches it.
pub struct SimApi {
    world: Arc<World>,
    life: Life,
}

impl SimApi {
    /// The API over a world that has been played.
    #[must_use]
    pub fn new(world: Arc<World>, life: Life) -> Self {
        Self { world, life }
    }

    fn answer(&self, status: u16, body: String, number: u32) -> Response<Bytes> {
        let mut answer = Response::new(Bytes::from(body));
        *answer.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
        let headers = answer.headers_mut();
        let date = date::http_date(self.life.clock.now().unix_s());
        for (name, value) in [("date", date), ("request-id", format!("req_S{number}"))] {
            if let Ok(value) = value.parse() {
                headers.insert(name, value);
            }
        }
        answer
    }
}

impl fmt::Debug for SimApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SimApi")
    }
}

fn broken() -> TransportError {
    TransportError::new(TransportErrorKind::Interrupted, "the connection broke")
}

#[async_trait]
impl Transport for SimApi {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let life = &self.life;
        let cross = |name| async move {
            let crossed = life.cross(Place::Request, name).await;
            crossed.map_err(|_| broken())
        };
        cross("request").await?;
        let (_, last) = request.uri().path().rsplit_once('/').unwrap_or_default();
        let (number, fault) = life.next_call(Id::parse(last).is_some());
        let draw = |end: u64| i64::try_from(life.site.chance(end)).unwrap_or(0);
        let takes = match fault {
            Some(ApiFault::Slow(ms)) => ms,
            // Now and then an answer takes its time, and others overtake it.
            _ if draw(6) == 0 => 500 + draw(8_000),
            _ => 15 + draw(300),
        };
        // The moment of truth lies somewhere in between.
        let until_seen = draw(u64::try_from(takes).unwrap_or(0) + 1);
        life.clock.nap(until_seen).await;
        let now_ms = life.clock.now().unix_ms();
        let (status, body) = match fault {
            Some(ApiFault::Limited) => (429, view::error("rate_limit", "Too many requests.")),
            Some(ApiFault::Status(status)) => (status, view::error("api_error", "Sorry.")),
            _ => view::get(&self.world, &request, now_ms),
        };
        // The header is of the moment of truth, as a server writes it.
        let answer = self.answer(status, body, number);
        life.clock.nap(takes - until_seen).await;
        life.site.note(|| {
            let path = request
                .uri()
                .path_and_query()
                .map_or("", |path| path.as_str());
            let process = life.process();
            match fault {
                Some(fault) => format!("   p{process} GET {path} {status} ({fault:?})"),
                None => format!("   p{process} GET {path} {status}"),
            }
        });
        cross("answer").await?;
        if matches!(fault, Some(ApiFault::Lost)) {
            return Err(broken());
        }
        Ok(answer)
    }
}
