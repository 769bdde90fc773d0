/// Makes a newtype a database column: stored as `$inner`, by [`Into`] one way and a fallible
/// closure the other, so that a row that breaks the type's rule is an error and never a panic.
///
/// Written by hand because sea-orm's derive wants `sea_orm` in scope, which only `store/` folders
/// have.
#[doc(hidden)]
#[macro_export]
macro_rules! column_type {
    ($name:ty, $inner:ty, $into:expr, $from:expr) => {
        impl ::core::convert::From<$name> for $crate::__private::sea_orm::Value {
            fn from(value: $name) -> Self {
                let inner: $inner = ($into)(value);
                inner.into()
            }
        }
        impl $crate::__private::sea_orm::TryGetable for $name {
            fn try_get_by<I: $crate::__private::sea_orm::ColIdx>(
                row: &$crate::__private::sea_orm::QueryResult,
                index: I,
            ) -> ::core::result::Result<Self, $crate::__private::sea_orm::TryGetError> {
                let inner = <$inner as $crate::__private::sea_orm::TryGetable>::try_get_by(row, index)?;
                let read: ::core::option::Option<$name> = ($from)(inner);
                read.ok_or_else(|| {
                    $crate::__private::sea_orm::DbErr::Type(
                        ::std::concat!("a column does not hold a ", ::std::stringify!($name)).to_owned(),
                    )
                    .into()
                })
            }
        }
        impl $crate::__private::sea_orm::sea_query::ValueType for $name {
            fn try_from(
                value: $crate::__private::sea_orm::Value,
            ) -> ::core::result::Result<Self, $crate::__private::sea_orm::sea_query::ValueTypeErr> {
                let inner = <$inner as $crate::__private::sea_orm::sea_query::ValueType>::try_from(value)?;
                let read: ::core::option::Option<$name> = ($from)(inner);
                read.ok_or($crate::__private::sea_orm::sea_query::ValueTypeErr)
            }
            fn type_name() -> ::std::string::String {
                ::std::stringify!($name).to_owned()
            }
            fn array_type() -> $crate::__private::sea_orm::sea_query::ArrayType {
                <$inner as $crate::__private::sea_orm::sea_query::ValueType>::array_type()
            }
            fn column_type() -> $crate::__private::sea_orm::sea_query::ColumnType {
                <$inner as $crate::__private::sea_orm::sea_query::ValueType>::column_type()
            }
        }
        impl $crate::__private::sea_orm::sea_query::Nullable for $name {
            fn null() -> $crate::__private::sea_orm::Value {
                <$inner as $crate::__private::sea_orm::sea_query::Nullable>::null()
            }
        }
        impl $crate::__private::sea_orm::IntoActiveValue<$name> for $name {
            fn into_active_value(self) -> $crate::__private::sea_orm::ActiveValue<$name> {
                $crate::__private::sea_orm::ActiveValue::Set(self)
            }
        }
        impl $crate::__private::sea_orm::TryFromU64 for $name {
            fn try_from_u64(_: u64) -> ::core::result::Result<Self, $crate::__private::sea_orm::DbErr> {
                Err($crate::__private::sea_orm::DbErr::ConvertFromU64(::std::stringify!($name)))
            }
        }
    };
}
