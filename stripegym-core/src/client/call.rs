//! Call types: a request with typed setters and a typed answer.

use serde_json::Value;

use super::Request;
use crate::form::Form;
use crate::object::View;

/// A typed call: what it sends and what it answers with. Sealed by use: the
/// list of calls is the library's; [`super::Client::execute`] makes any other.
pub trait Call: Send {
    /// What the call answers with.
    type Output: Answer;

    /// The request it makes.
    fn into_request(self) -> Request;
}

/// What can be read from the body of a successful answer.
pub trait Answer: Sized {
    /// Reads the body.
    ///
    /// # Errors
    /// When the body is not the JSON it should be.
    fn from_slice(bytes: &[u8]) -> Result<Self, serde_json::Error>;
}

impl<T: View> Answer for T {
    fn from_slice(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        View::from_slice(bytes)
    }
}

/// A value that can be sent as a parameter.
pub trait Param {
    /// Writes it under `key`.
    fn put(self, form: &mut Form, key: &str);
}

impl Param for &str {
    fn put(self, form: &mut Form, key: &str) {
        form.set(key, self);
    }
}

impl Param for i64 {
    fn put(self, form: &mut Form, key: &str) {
        form.set(key, self.to_string());
    }
}

impl Param for u32 {
    fn put(self, form: &mut Form, key: &str) {
        form.set(key, self.to_string());
    }
}

impl Param for bool {
    fn put(self, form: &mut Form, key: &str) {
        form.set(key, if self { "true" } else { "false" });
    }
}

impl Param for &Value {
    fn put(self, form: &mut Form, key: &str) {
        form.set_json(key, self);
    }
}

impl<T: crate::id::Id> Param for &T {
    fn put(self, form: &mut Form, key: &str) {
        form.set(key, self.as_str());
    }
}

/// A list: `key[0]`, `key[1]`, …
impl Param for &[&str] {
    fn put(self, form: &mut Form, key: &str) {
        for (index, item) in self.iter().enumerate() {
            form.set(format!("{key}[{index}]"), *item);
        }
    }
}

/// Declares call types. Each setter writes the parameter of its own name, or
/// the one after `=`. With `+ metadata;` the call takes metadata.
macro_rules! calls {
    ($($(#[$doc:meta])* $name:ident -> $output:ty {
        $($(#[$field_doc:meta])* $field:ident: $type:ty $(= $key:literal)?;)*
    } $(+ $metadata:ident;)?)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone)]
        #[must_use = "a call does nothing until it is sent"]
        pub struct $name($crate::client::Request);

        impl $name {
            $(
                $(#[$field_doc])*
                pub fn $field(mut self, value: $type) -> Self {
                    use $crate::client::Param as _;
                    value.put(self.0.form_mut(), calls!(@key $field $($key)?));
                    self
                }
            )*

            $(
                #[doc = concat!("Sets one key of the ", stringify!($metadata),
                    ": at most 50 keys of 40 characters, values of 500.")]
                pub fn $metadata(mut self, key: &str, value: &str) -> Self {
                    self.0.form_mut().set(format!("metadata[{key}]"), value);
                    self
                }
            )?

            /// Asks for a related object in full, by its dotted path.
            pub fn expand(mut self, path: &str) -> Self {
                let taken = self.0.form().iter().filter(|(key, _)| key.starts_with("expand[")).count();
                self.0.form_mut().set(format!("expand[{taken}]"), path);
                self
            }

            /// Uses this idempotency key instead of a fresh one. Only POSTs take one.
            pub fn idempotent(self, key: $crate::client::IdempotencyKey) -> Self {
                Self(self.0.with_idempotency_key(key))
            }

            /// Acts on a connected account.
            pub fn on_account(self, account: $crate::id::AccountId) -> Self {
                Self(self.0.with_account(account))
            }

            /// Makes the call.
            ///
            /// # Errors
            /// See [`ApiError`](crate::client::ApiError).
            pub async fn send(
                self,
                client: &$crate::client::Client,
            ) -> Result<$output, $crate::client::ApiError> {
                client.send(self).await
            }
        }

        impl $crate::client::Call for $name {
            type Output = $output;

            fn into_request(self) -> $crate::client::Request {
                self.0
            }
        }
    )*};
    (@key $field:ident) => { stringify!($field) };
    (@key $field:ident $key:literal) => { $key };
}

pub(crate) use calls;
