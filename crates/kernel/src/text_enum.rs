/// A state that is one of a few words: an enum stored and written as fixed lower-case text.
///
/// ```
/// bursar_kernel::text_enum! {
///     /// Where a parcel is.
///     pub enum Parcel {
///         /// On its way.
///         Sent = "sent",
///         /// Arrived.
///         Delivered = "delivered",
///     }
/// }
/// assert_eq!(Parcel::Sent.as_str(), "sent");
/// assert_eq!(Parcel::parse("delivered"), Some(Parcel::Delivered));
/// ```
#[macro_export]
macro_rules! text_enum {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$variant_meta])* $variant),+ }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The stored and published word.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }

            /// The value behind a word; `None` for any other word.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some($name::$variant),)+ _ => None }
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        $crate::column_type!($name, String, |value: $name| value.as_str().to_owned(), |text: String| $name::parse(&text));
    };
}
