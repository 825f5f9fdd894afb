//! Parameters as tables: each endpoint declares what it takes, and one checker reads them all.

mod args;
mod check;

pub(crate) use args::Args;
pub(crate) use check::{check, merge_metadata};

/// What a value must look like.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    Text {
        max: usize,
    },
    Integer {
        min: i64,
        max: i64,
    },
    Boolean,
    /// An amount in minor units with up to twelve places after the point, kept as text.
    Decimal,
    Choice(&'static [&'static str]),
    Currency,
    Email,
    Url,
    /// At most 50 keys of 40 characters with values of 500; an empty value unsets a key.
    Metadata,
    Hash(&'static [Param]),
    /// A word in older versions, a hash in newer ones.
    TextOrHash(&'static [Param]),
    List {
        of: &'static Self,
        max: usize,
    },
    /// A time in seconds, or `[gt]`, `[gte]`, `[lt]`, `[lte]`.
    Range,
    /// Stripe has it, the sandbox not yet: refused in plain words rather than ignored.
    NotYet,
}

/// One parameter of one endpoint.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Param {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    pub(crate) required: bool,
    /// An empty string unsets it.
    pub(crate) clearable: bool,
}

/// Free text of Stripe's usual length.
pub(crate) const TEXT_MAX: usize = 5_000;

impl Param {
    pub(crate) const fn new(name: &'static str, shape: Shape) -> Self {
        Self {
            name,
            shape,
            required: false,
            clearable: false,
        }
    }

    pub(crate) const fn text(name: &'static str) -> Self {
        Self::new(name, Shape::Text { max: TEXT_MAX })
    }

    pub(crate) const fn text_up_to(name: &'static str, max: usize) -> Self {
        Self::new(name, Shape::Text { max })
    }

    pub(crate) const fn integer(name: &'static str) -> Self {
        Self::new(
            name,
            Shape::Integer {
                min: i64::MIN,
                max: i64::MAX,
            },
        )
    }

    pub(crate) const fn integer_in(name: &'static str, min: i64, max: i64) -> Self {
        Self::new(name, Shape::Integer { min, max })
    }

    pub(crate) const fn boolean(name: &'static str) -> Self {
        Self::new(name, Shape::Boolean)
    }

    pub(crate) const fn choice(name: &'static str, values: &'static [&'static str]) -> Self {
        Self::new(name, Shape::Choice(values))
    }

    pub(crate) const fn url(name: &'static str) -> Self {
        Self::new(name, Shape::Url)
    }

    pub(crate) const fn hash(name: &'static str, fields: &'static [Self]) -> Self {
        Self::new(name, Shape::Hash(fields))
    }

    pub(crate) const fn list(name: &'static str, of: &'static Shape, max: usize) -> Self {
        Self::new(name, Shape::List { of, max })
    }

    pub(crate) const fn metadata() -> Self {
        Self::new("metadata", Shape::Metadata).clearable()
    }

    pub(crate) const fn not_yet(name: &'static str) -> Self {
        Self::new(name, Shape::NotYet)
    }

    pub(crate) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(crate) const fn clearable(mut self) -> Self {
        self.clearable = true;
        self
    }
}

/// Lists of plain texts are common enough for a name.
pub(crate) const TEXT: Shape = Shape::Text { max: TEXT_MAX };

/// What every list takes.
pub(crate) const PAGE: &[Param] = &[
    Param::integer_in("limit", 1, 100),
    Param::text("starting_after"),
    Param::text("ending_before"),
    Param::new("created", Shape::Range),
];

/// A postal address.
pub(crate) const ADDRESS: &[Param] = &[
    Param::text("city").clearable(),
    Param::text("country").clearable(),
    Param::text("line1").clearable(),
    Param::text("line2").clearable(),
    Param::text("postal_code").clearable(),
    Param::text("state").clearable(),
];
