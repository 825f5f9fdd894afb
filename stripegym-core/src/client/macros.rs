//! The macros that declare call types and the parts of their parameters.

/// Declares the call types of one module and their list.
///
/// `Name(id: &Id; required: &str) -> Answer = Get "/v1/path/{id}" { setters }`
/// makes a public `new` whose arguments behind the semicolon are parameters;
/// `Name[id: &Id]` makes a private `start` for constructors of your own.
/// Each setter writes the parameter of its own name, or the one after `=`.
/// Behind the setters: `+ metadata;`, `+ list(Item, ItemId);`, `+ search(Item);`.
macro_rules! calls {
    ($($(#[$doc:meta])* $name:ident $args:tt -> $output:ty = $method:ident $path:literal {
        $($(#[$field_doc:meta])* $field:ident: $type:ty $(= $key:literal)?;)*
    } $(+ $extra:ident $(($($extra_arg:tt)*))?;)*)*) => {
        /// Every call type of this module.
        pub(crate) const CALLS: &[$crate::client::CallInfo] =
            &[$(<$name as $crate::client::Call>::INFO),*];

        $(
        $(#[$doc])*
        #[doc = concat!("\n\n`", stringify!($method), " ", $path, "`")]
        #[derive(Debug, Clone)]
        #[must_use = "a call does nothing until it is sent"]
        pub struct $name($crate::client::Request);

        #[allow(clippy::new_without_default)] // a call is made to be sent, not to be defaulted
        impl $name {
            $crate::client::calls!(@new $args $method $path);

            $(
                $(#[$field_doc])*
                #[inline]
                pub fn $field(mut self, value: $type) -> Self {
                    use $crate::client::Param as _;
                    value.put(self.0.form_mut(), $crate::client::calls!(@key $field $($key)?));
                    self
                }
            )*

            $($crate::client::calls!(@extra $extra $($($extra_arg)*)?);)*

            /// Sets a parameter that has no setter here, in bracket form:
            /// `shipping[name]`. An empty text unsets.
            #[inline]
            pub fn param(self, key: &str, value: &str) -> Self {
                Self(self.0.param(key, value))
            }

            /// Asks for a related object in full, by its dotted path.
            #[inline]
            pub fn expand(self, path: &str) -> Self {
                Self(self.0.with_expanded(path))
            }

            /// Uses this idempotency key instead of a fresh one. Only POSTs take one.
            #[inline]
            pub fn idempotent(self, key: $crate::client::IdempotencyKey) -> Self {
                Self(self.0.with_idempotency_key(key))
            }

            /// Acts on a connected account.
            #[inline]
            pub fn on_account(self, account: $crate::id::AccountId) -> Self {
                Self(self.0.with_account(account))
            }

            /// Asks for another API version than the client's.
            #[inline]
            pub fn with_api_version(self, version: &str) -> Self {
                Self(self.0.with_api_version(version))
            }

            /// Gives one try this long instead of the client's time-out.
            #[inline]
            pub fn with_timeout(self, timeout: std::time::Duration) -> Self {
                Self(self.0.with_timeout(timeout))
            }

            /// Makes the call.
            ///
            /// # Errors
            /// See [`ApiError`](crate::client::ApiError).
            #[inline]
            pub fn send(
                self,
                client: &$crate::client::Client,
            ) -> impl Future<Output = Result<$output, $crate::client::ApiError>> + Send {
                client.send(self)
            }
        }

        impl $crate::client::Call for $name {
            type Output = $output;

            const INFO: $crate::client::CallInfo = $crate::client::CallInfo {
                name: stringify!($name),
                method: $crate::client::Method::$method,
                path: $path,
                params: &[
                    &[$($crate::client::calls!(@key $field $($key)?)),*],
                    $($crate::client::calls!(@params $extra)),*
                ],
            };

            #[inline]
            fn into_request(self) -> $crate::client::Request {
                self.0
            }
        }
    )*};
    (@new ($($arg:ident: $type:ty),* $(; $($given:ident: $given_type:ty),+)?) $method:ident $path:literal) => {
        /// The call with what it cannot do without.
        #[inline]
        pub fn new($($arg: $type,)* $($($given: $given_type),+)?) -> Self {
            #[allow(unused_mut)]
            let mut request =
                $crate::client::Request::new($crate::client::Method::$method, format!($path));
            $($($crate::client::Param::put($given, request.form_mut(), stringify!($given));)+)?
            Self(request)
        }
    };
    (@new [$($arg:ident: $type:ty),*] $method:ident $path:literal) => {
        fn start($($arg: $type),*) -> Self {
            Self($crate::client::Request::new($crate::client::Method::$method, format!($path)))
        }
    };
    (@key $field:ident) => { stringify!($field) };
    (@key $field:ident $key:literal) => { $key };
    (@params metadata) => { &["metadata"] };
    (@params list) => { &["limit", "starting_after", "ending_before"] };
    (@params search) => { &["limit", "page"] };
    (@extra metadata) => {
        /// Sets one key of the metadata: at most 50 keys of 40 characters, values of 500.
        #[inline]
        pub fn metadata(mut self, key: &str, value: &str) -> Self {
            self.0.form_mut().set(format!("metadata[{key}]"), value);
            self
        }
    };
    (@extra list $item:ty, $id:ty) => {
        /// 1 to 100 on one page; 10 unless set.
        #[inline]
        pub fn limit(self, limit: u32) -> Self {
            self.param("limit", &limit.to_string())
        }

        /// The page after this one.
        #[inline]
        pub fn starting_after(self, id: &$id) -> Self {
            self.param("starting_after", id.as_str())
        }

        /// The page before this one.
        #[inline]
        pub fn ending_before(self, id: &$id) -> Self {
            self.param("ending_before", id.as_str())
        }

        /// Walks over all pages, at most so far: from the newest to older ones,
        /// or, with `ending_before`, from that one to newer ones.
        #[inline]
        pub fn walk(
            self,
            client: &$crate::client::Client,
            at_most: $crate::client::AtMost,
        ) -> $crate::client::Walk<$item> {
            $crate::client::Walk::over_list(client, self.0, at_most)
        }
    };
    (@extra search $item:ty) => {
        /// 1 to 100 on one page; 10 unless set.
        #[inline]
        pub fn limit(self, limit: u32) -> Self {
            self.param("limit", &limit.to_string())
        }

        /// A later page, by what the one before it calls `next_page`.
        #[inline]
        pub fn page(self, page: &str) -> Self {
            self.param("page", page)
        }

        /// Walks over all pages, at most so far.
        #[inline]
        pub fn walk(
            self,
            client: &$crate::client::Client,
            at_most: $crate::client::AtMost,
        ) -> $crate::client::Walk<$item> {
            $crate::client::Walk::over_search(client, self.0, at_most)
        }
    };
}

/// Declares parts of parameters, such as one item of a list: `Name(required: Type) { setters }`,
/// or `Name[]` with a private `start` for constructors of your own.
macro_rules! parts {
    ($($(#[$doc:meta])* $name:ident $args:tt {
        $($(#[$field_doc:meta])* $field:ident: $type:ty $(= $key:literal)?;)*
    } $(+ $extra:ident;)*)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[must_use = "a part does nothing until it is given to a call"]
        pub struct $name($crate::form::Form);

        #[allow(clippy::new_without_default)] // as calls
        impl $name {
            $crate::client::parts!(@new $args);

            $(
                $(#[$field_doc])*
                #[inline]
                pub fn $field(mut self, value: $type) -> Self {
                    use $crate::client::Param as _;
                    value.put(&mut self.0, $crate::client::calls!(@key $field $($key)?));
                    self
                }
            )*

            $($crate::client::parts!(@extra $extra);)*

            /// Sets a parameter that has no setter here, in bracket form.
            /// An empty text unsets.
            #[inline]
            pub fn param(mut self, key: &str, value: &str) -> Self {
                self.0.set(key, value);
                self
            }
        }

        impl $crate::client::Param for &$name {
            #[inline]
            fn put(self, form: &mut $crate::form::Form, key: &str) {
                form.nest(key, self.0.clone());
            }
        }

        /// A list: `key[0][name]`, `key[1][name]`, …
        impl $crate::client::Param for &[$name] {
            #[inline]
            fn put(self, form: &mut $crate::form::Form, key: &str) {
                for (index, part) in self.iter().enumerate() {
                    form.nest(&format!("{key}[{index}]"), part.0.clone());
                }
            }
        }
    )*};
    (@new ($($given:ident: $type:ty),*)) => {
        /// With what it cannot do without.
        #[inline]
        pub fn new($($given: $type),*) -> Self {
            #[allow(unused_mut)]
            let mut form = $crate::form::Form::new();
            $($crate::client::Param::put($given, &mut form, stringify!($given));)*
            Self(form)
        }
    };
    (@new []) => {
        fn start() -> Self {
            Self($crate::form::Form::new())
        }
    };
    (@extra metadata) => {
        /// Sets one key of the metadata: at most 50 keys of 40 characters, values of 500.
        #[inline]
        pub fn metadata(mut self, key: &str, value: &str) -> Self {
            self.0.set(format!("metadata[{key}]"), value);
            self
        }
    };
}

pub(crate) use {calls, parts};
