//! What hosts speak: one machine a protocol, each behind the core's [`Dialect`](crate::core::Dialect) trait. They translate and
//! remember their conversation; who is signed in is the core's affair.

#[cfg(feature = "native")]
mod native;

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::core::Piece;

#[cfg(feature = "native")]
pub use native::{Native, NativeMessage};

/// A piece on its way out.
pub(crate) struct Outgoing<'a>(pub(crate) Piece<'a>);

// As a map and not as a struct: a serializer for structs may keep a table of field names, which costs more than it saves here.
impl Serialize for Outgoing<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Piece::Absent => serializer.serialize_unit(),
            Piece::Number(number) => serializer.serialize_f64(number),
            Piece::Text(text) => serializer.serialize_str(text),
            Piece::List(list) => serializer.collect_seq(list.iter().map(|piece| Outgoing(*piece))),
            Piece::Record(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (key, value) in fields {
                    map.serialize_entry(key, &Outgoing(*value))?;
                }
                map.end()
            }
        }
    }
}
