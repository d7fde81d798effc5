/// A piece of an outgoing record. Whoever encodes it builds it on the stack; whoever performs it turns it into its own kind of object.
#[derive(Clone, Copy, Debug)]
pub enum Piece<'a> {
    /// Nothing: `null`, or `undefined` where a dialect wants that.
    Absent,
    /// A number.
    Number(f64),
    /// Text.
    Text(&'a str),
    /// A list.
    List(&'a [Piece<'a>]),
    /// An object, its properties in the order in which they are sent.
    Record(&'a [(&'static str, Piece<'a>)]),
}

/// Something that can be sent, stored or handed to the application as an object.
pub trait Encode {
    /// Calls `with` once.
    fn encode(&self, with: &mut dyn FnMut(Piece<'_>));
}

impl<'a> From<Option<&'a str>> for Piece<'a> {
    fn from(text: Option<&'a str>) -> Self {
        text.map_or(Self::Absent, Self::Text)
    }
}

impl From<Option<f64>> for Piece<'_> {
    fn from(number: Option<f64>) -> Self {
        number.map_or(Self::Absent, Self::Number)
    }
}

impl From<u32> for Piece<'_> {
    fn from(count: u32) -> Self {
        Self::Number(f64::from(count))
    }
}
