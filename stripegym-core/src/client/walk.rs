//! Walks over the pages of a list or a search, up to a bound.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use http::Response;
use serde::de::Error as _;

use super::{ApiError, Client, Request, header_text};
use crate::object::{View, search_from_slice};

/// The most objects on one page; walks ask for full pages unless told otherwise.
pub const PAGE_LENGTH_MAX: u32 = 100;

/// How far a walk goes at most. There is no walk without a bound: a list may
/// be longer than you think, and grows while you read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtMost {
    /// So many objects.
    Items(usize),
    /// So many pages, which is so many requests.
    Pages(usize),
}

type Fetching = Pin<Box<dyn Future<Output = Result<Response<Bytes>, ApiError>> + Send>>;

/// The objects of a list or a search, page after page: a [`Stream`], and
/// without one [`Walk::next`]. It ends at the last object, at its bound or
/// after the first error.
///
/// ```no_run
/// use stripegym_core::client::{ApiError, AtMost, Client};
/// use stripegym_core::customer::ListCustomers;
/// # async fn run(stripe: Client) -> Result<(), Box<dyn std::error::Error>> {
/// let mut customers = ListCustomers::new().walk(&stripe, AtMost::Items(1_000));
/// while let Some(customer) = customers.next().await {
///     println!("{}", customer?.id()?);
/// }
/// assert!(!customers.is_cut_short(), "more than 1,000 customers");
/// # Ok(()) }
/// ```
#[must_use = "a walk does nothing until it is polled"]
pub struct Walk<T> {
    client: Client,
    request: Request,
    by: By,
    ready: VecDeque<T>,
    fetching: Option<Fetching>,
    items_left: usize,
    pages_left: usize,
    state: State,
}

/// What leads from one page to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Older,
    Newer,
    Page,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// There is a page to ask for.
    More,
    /// The last page has been read.
    End,
    /// The bound was reached before the end.
    CutShort,
}

impl<T: View> Walk<T> {
    pub(crate) fn over_list(client: &Client, request: Request, at_most: AtMost) -> Self {
        let newer = request.form().get("ending_before").is_some();
        Self::new(
            client,
            request,
            if newer { By::Newer } else { By::Older },
            at_most,
        )
    }

    pub(crate) fn over_search(client: &Client, request: Request, at_most: AtMost) -> Self {
        Self::new(client, request, By::Page, at_most)
    }

    fn new(client: &Client, mut request: Request, by: By, at_most: AtMost) -> Self {
        let (items_left, pages_left) = match at_most {
            AtMost::Items(items) => (items, usize::MAX),
            AtMost::Pages(pages) => (usize::MAX, pages),
        };
        if request.form().get("limit").is_none() {
            let page = usize::try_from(PAGE_LENGTH_MAX).unwrap_or(usize::MAX);
            let limit = items_left.clamp(1, page).to_string();
            request.form_mut().set("limit", limit);
        }
        Self {
            client: client.clone(),
            request,
            by,
            ready: VecDeque::new(),
            fetching: None,
            items_left,
            pages_left,
            state: State::More,
        }
    }

    /// The next object; `None` at the end.
    pub async fn next(&mut self) -> Option<Result<T, ApiError>> {
        std::future::poll_fn(|context| self.poll(context)).await
    }

    /// True once the bound has ended the walk although there is more.
    #[must_use]
    pub fn is_cut_short(&self) -> bool {
        self.state == State::CutShort
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T, ApiError>>> {
        loop {
            if self.items_left == 0 {
                if !self.ready.is_empty() || self.state == State::More {
                    self.state = State::CutShort;
                }
                self.ready.clear();
                return Poll::Ready(None);
            }
            if let Some(object) = self.ready.pop_front() {
                self.items_left -= 1;
                return Poll::Ready(Some(Ok(object)));
            }
            if self.state != State::More {
                return Poll::Ready(None);
            }
            if self.fetching.is_none() {
                if self.pages_left == 0 {
                    self.state = State::CutShort;
                    return Poll::Ready(None);
                }
                self.pages_left -= 1;
                let (client, request) = (self.client.clone(), self.request.clone());
                self.fetching = Some(Box::pin(async move { client.execute(request).await }));
            }
            let Some(fetching) = self.fetching.as_mut() else {
                return Poll::Ready(None);
            };
            let answer = match fetching.as_mut().poll(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(answer) => answer,
            };
            self.fetching = None;
            let taken = answer.and_then(|answer| self.take(&answer));
            if let Err(error) = taken {
                self.state = State::End;
                return Poll::Ready(Some(Err(error)));
            }
        }
    }

    fn keep(&mut self, objects: Vec<Ided<T>>) {
        self.ready
            .extend(objects.into_iter().map(|object| object.view));
    }

    /// Reads a page and finds out what leads to the next.
    fn take(&mut self, answer: &Response<Bytes>) -> Result<(), ApiError> {
        let request_id = header_text(answer, "request-id");
        let unreadable = |source| ApiError::unreadable(answer.status(), request_id, source);
        let page = search_from_slice::<Ided<T>>(answer.body()).map_err(unreadable)?;
        let more = page.has_more();
        let next_page = page.next_page().map(ToOwned::to_owned);
        let mut objects = page.into_data();
        if self.by == By::Newer {
            objects.reverse();
        }
        let last = objects.last().and_then(|object| object.id.clone());
        if !more {
            self.state = State::End;
            self.keep(objects);
            return Ok(());
        }
        let (key, cursor) = match self.by {
            By::Older => ("starting_after", last),
            By::Newer => ("ending_before", last),
            By::Page => ("page", next_page),
        };
        match cursor {
            Some(cursor) => {
                self.request.form_mut().set(key, cursor);
                self.keep(objects);
                Ok(())
            }
            // To stop here in silence would look like the end of the list.
            None => Err(unreadable(serde_json::Error::custom(
                "there is more, but nothing that leads there",
            ))),
        }
    }
}

/// A view with the id that it was read with.
struct Ided<T> {
    id: Option<String>,
    view: T,
}

impl<T: View> View for Ided<T> {
    const OBJECT: &'static str = T::OBJECT;

    fn from_object(json: serde_json::Map<String, serde_json::Value>) -> Self {
        let id = json.get("id").and_then(serde_json::Value::as_str);
        Self {
            id: id.map(ToOwned::to_owned),
            view: T::from_object(json),
        }
    }
}

// Nothing in it is pinned: the request under way is in a box of its own.
impl<T> Unpin for Walk<T> {}

impl<T: View> Stream for Walk<T> {
    type Item = Result<T, ApiError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(context)
    }
}

impl<T> fmt::Debug for Walk<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Walk({}, {:?})", self.request.path(), self.state)
    }
}
