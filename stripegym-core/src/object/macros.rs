//! The macros that declare views and the enums they read.

/// Declares views.
///
/// - `name: Type` reads the field `name`, `name: Type = "a"."b"` the field `b` within `a`;
/// - `name: Type => function ["a", "b"]` calls `function(&Object)`, which reads the named fields;
/// - `, name_object: View` after an expandable field adds the accessor of the expanded object;
///   a path has to be said again: `, name_object: View = "a"."b"`.
macro_rules! views {
    ($($(#[$doc:meta])* $name:ident($object:literal) {
        $($(#[$field_doc:meta])* $field:ident: $type:ty
            $(= $outer:literal $(. $inner:literal)*)?
            $(=> $function:ident [$($key:literal),+])?
            $(, $expanded:ident: $view:ty $(= $near:literal $(. $far:literal)*)?)?;)*
    })*) => {
        /// Every view of this module, for the tests.
        #[cfg(test)]
        pub(crate) const VIEWS: &[$crate::object::probe::ViewProbe] = &[
            $($crate::object::probe::ViewProbe { object: $object, probe: $name::probe },)*
        ];

        $(
        $(#[$doc])*
        #[derive(Clone, PartialEq)]
        pub struct $name($crate::object::Object);

        impl $name {
            /// The whole object as Stripe sent it.
            #[inline]
            #[must_use]
            pub fn object(&self) -> &$crate::object::Object {
                &self.0
            }

            /// One value of the metadata.
            #[inline]
            #[must_use]
            pub fn metadata_value(&self, key: &str) -> Option<&str> {
                self.0.metadata_value(key)
            }

            $(
                $(#[$field_doc])*
                ///
                /// # Errors
                /// When Stripe sent something else under this name.
                #[inline]
                pub fn $field(&self) -> Result<$type, $crate::object::FieldError> {
                    $crate::object::views!(@read self $field $(= $outer $(. $inner)*)? $(=> $function)?)
                }

                $(
                    #[doc = concat!("The object of `", stringify!($field), "`, where it was expanded.")]
                    ///
                    /// # Errors
                    /// When Stripe sent something else under this name.
                    #[inline]
                    pub fn $expanded(&self) -> Result<Option<$view>, $crate::object::FieldError> {
                        let read: Result<$crate::object::Expanded<$view>, _> =
                            $crate::object::views!(@read self $field $(= $near $(. $far)*)?);
                        read.map(|expanded| expanded.0)
                    }
                )?
            )*

            /// Calls every accessor.
            #[cfg(test)]
            fn probe(
                json: serde_json::Map<String, serde_json::Value>,
            ) -> Vec<$crate::object::probe::Probed> {
                let view = <Self as $crate::object::View>::from_object(json);
                vec![$(
                    $crate::object::probe::Probed {
                        accessor: stringify!($field),
                        keys: $crate::object::views!(@keys $field $(= $outer)? $(=> $($key)+)?),
                        read: view.$field().map(drop),
                    },
                    $($crate::object::probe::Probed {
                        accessor: stringify!($expanded),
                        keys: $crate::object::views!(@keys $field $(= $near)?),
                        read: view.$expanded().map(drop),
                    },)?
                )*]
            }
        }

        impl std::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Debug::fmt(&self.0, f)
            }
        }

        impl $crate::object::View for $name {
            const OBJECT: &'static str = $object;

            #[inline]
            fn from_object(json: serde_json::Map<String, serde_json::Value>) -> Self {
                Self($crate::object::Object::new($object, json))
            }

            #[inline]
            fn from_shared(
                json: std::sync::Arc<serde_json::Map<String, serde_json::Value>>,
            ) -> Self {
                Self($crate::object::Object::shared($object, json))
            }
        }
    )*};
    (@read $self:ident $field:ident) => { $self.0.get(stringify!($field)) };
    (@read $self:ident $field:ident = $outer:literal) => { $self.0.get($outer) };
    (@read $self:ident $field:ident = $outer:literal $(. $inner:literal)+) => {
        $self.0.get_at(&[$outer $(, $inner)+])
    };
    (@read $self:ident $field:ident => $function:ident) => { $function(&$self.0) };
    (@keys $field:ident) => { &[stringify!($field)] };
    (@keys $field:ident = $outer:literal) => { &[$outer] };
    (@keys $field:ident => $($key:literal)+) => { &[$($key),+] };
}

/// Declares enums that mirror Stripe's and keep a value they do not know.
/// `"new" | "old"` reads both and writes the first.
macro_rules! string_enums {
    ($($(#[$doc:meta])* $name:ident {
        $($(#[$value_doc:meta])* $variant:ident = $text:literal $(| $old:literal)*,)*
    })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$value_doc])* $variant,)*
            /// A value newer than this library, as Stripe wrote it.
            Unknown(Box<str>),
        }

        impl $name {
            /// The value as Stripe writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Unknown(text) => text,
                }
            }

            /// Reads Stripe's text; an unknown one is kept.
            #[must_use]
            pub fn from_stripe(text: &str) -> Self {
                match text {
                    $($text $(| $old)* => Self::$variant,)*
                    other => Self::Unknown(other.into()),
                }
            }
        }

        impl<'a> $crate::object::FromField<'a> for $name {
            fn from_field(
                value: Option<&'a serde_json::Value>,
            ) -> Result<Self, $crate::object::FieldProblem> {
                $crate::object::word(value).map(Self::from_stripe)
            }
        }

        #[cfg(feature = "client")]
        impl $crate::client::Param for $name {
            #[inline]
            fn put(self, form: &mut $crate::form::Form, key: &str) {
                form.set(key, self.as_str());
            }
        }

        impl std::fmt::Display for $name {
            #[inline]
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )*};
}

pub(crate) use {string_enums, views};
