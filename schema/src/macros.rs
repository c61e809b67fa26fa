//! The macros that write a type's table and its readers together, and an enum with its words.

/// Declares the field table of a type.
///
/// ```text
/// object! {
///     /// An amount of money.
///     Money "Money" {
///         /// The amount.
///         own amount: "Decimal!" => |money, _| Value::Decimal(money.amount);
///         /// Live, answered by a lookup.
///         live price(quantity: "Decimal" = "\"1\"" "For this many."): "Price" => lookup::PRICE;
///     }
/// }
/// ```
/// A type may implement several interfaces: `implements "Node" & "Named"`. `own` reads from the value at hand, `whole` from the completed value, `live` asks a lookup.
#[macro_export]
macro_rules! object {
    (
        $(#[doc = $doc:literal])+
        $rust:ty, $name:literal $(implements $($interface:literal)&+)? $(whole $whole:expr, stands $stands:literal, $is_whole:expr, $is_known:expr)? ;
        $(
            $(#[doc = $field_doc:literal])+
            $kind:ident $field:ident
            $(( $( $arg:ident : $arg_ty:literal $(= $arg_default:literal)? , $arg_doc:literal );+ $(;)? ))?
            : $ty:literal => $read:expr ;
        )+
    ) => {
        impl $rust {
            /// The field table.
            pub const TABLE: &'static $crate::table::ObjectType = {
                // A static, because a constant may be at another address in each crate that names it.
                static TABLE: $crate::table::ObjectType = $crate::table::ObjectType {
                    name: $name,
                    description: $crate::doc!($($doc)+),
                    implements: &[$($($interface),+)?],
                    whole: $crate::first!($(Some($whole))? None),
                    stands_bare: $crate::first!($($stands)? true),
                    fields: &[$(
                        $crate::table::Field {
                            name: stringify!($field),
                            description: $crate::doc!($($field_doc)+),
                            ty: $ty,
                            args: &[$($(
                                $crate::table::Argument {
                                    name: stringify!($arg),
                                    description: $arg_doc,
                                    ty: $arg_ty,
                                    default: $crate::first!($(Some($arg_default))? None),
                                },
                            )+)?],
                            source: $crate::source!($kind $read),
                        },
                    )+],
                };
                &TABLE
            };
        }

        impl $crate::table::Object for $rust {
            fn object_type(&self) -> &'static $crate::table::ObjectType {
                Self::TABLE
            }

            fn read<'a>(&'a self, field: usize, args: &$crate::input::Args) -> $crate::table::Value<'a> {
                type Read = for<'v> fn(&'v $rust, &$crate::input::Args) -> $crate::table::Value<'v>;
                const READS: &[Read] = &[$($crate::reader!($kind $read)),+];
                READS[field](self, args)
            }

            $(
                fn is_whole(&self) -> bool {
                    let test: fn(&Self) -> bool = $is_whole;
                    test(self)
                }

                fn is_known(&self) -> bool {
                    let test: fn(&Self) -> bool = $is_known;
                    test(self)
                }
            )?

            fn as_any(&self) -> &dyn std::any::Any {
                self
            }
        }
    };
}

/// Doc lines as one text: rustdoc's leading space of each line is kept between lines only.
#[doc(hidden)]
#[macro_export]
macro_rules! doc {
    ($($line:literal)+) => { concat!($($line),+) };
}

/// The first of one or two alternatives.
#[doc(hidden)]
#[macro_export]
macro_rules! first {
    ($first:expr) => {
        $first
    };
    (Some($first:expr) None) => {
        Some($first)
    };
    ($first:literal $second:literal) => {
        $first
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! source {
    (own $read:expr) => {
        $crate::table::Source::Own
    };
    (whole $read:expr) => {
        $crate::table::Source::Whole
    };
    (live $lookup:expr) => {
        $crate::table::Source::Live($lookup)
    };
}

/// A live field has nothing to read: its value is the lookup's answer.
#[doc(hidden)]
#[macro_export]
macro_rules! reader {
    (live $lookup:expr) => {
        |_, _| $crate::table::Value::Null
    };
    ($kind:ident $read:expr) => {
        $read
    };
}

/// Declares an enum of the schema with its wire names and descriptions in one place.
macro_rules! words {
    ($(#[doc = $doc:literal])+ $name:ident { $( $(#[doc = $value_doc:literal])+ $value:ident = $wire:literal, )+ }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $( $(#[doc = $value_doc])+ #[serde(rename = $wire)] $value, )+
        }

        impl $name {
            /// Every value with its wire name and description.
            pub const ALL: &'static [($name, &'static str, &'static str)] =
                &[$( ($name::$value, $wire, concat!($($value_doc),+)), )+];

            /// The wire names with their descriptions, for the schema.
            pub const VALUES: &'static [(&'static str, &'static str)] =
                &[$( ($wire, concat!($($value_doc),+)), )+];

            /// The value's wire name.
            pub fn name(self) -> &'static str {
                match self { $( Self::$value => $wire, )+ }
            }

            /// Reads a wire name.
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().find(|(_, wire, _)| *wire == name).map(|(value, _, _)| *value)
            }
        }
    };
}
pub(crate) use words;
