//! Values of Rust as JavaScript has them. Objects have no prototype: no setter of the page takes a field out of them, and `__proto__` is a key like any other.

use std::fmt::Display;

use js_sys::{Array, Object};
use serde::ser::{
    self, Error as _, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple, SerializeTupleStruct,
    SerializeTupleVariant,
};
use wasm_bindgen::JsValue;

use super::unfit::Unfit;
use super::value::{put, record};

/// The largest whole number that a number of JavaScript holds exactly.
const LARGEST: u64 = (1 << 53) - 1;

type Made = Result<JsValue, Unfit>;

/// Makes a value, or the key of an object.
#[derive(Clone, Copy)]
pub(super) struct Serializer {
    key: bool,
}

impl Serializer {
    pub(super) const VALUE: Self = Self { key: false };
    const KEY: Self = Self { key: true };

    /// A whole number: exactly, or not at all. As a key it is a text.
    fn whole<N: Copy + Display + TryInto<i64>>(self, number: N) -> Made {
        if self.key {
            return Ok(number.to_string().into());
        }
        match number.try_into() {
            // Below 2^53 a float is exact.
            #[allow(clippy::cast_precision_loss)]
            Ok(whole) if whole.unsigned_abs() <= LARGEST => Ok((whole as f64).into()),
            _ => Err(Unfit::custom(format_args!(
                "{number} is beyond 2^53 - 1, the largest whole number that JavaScript holds exactly: give a text"
            ))),
        }
    }
}

macro_rules! whole_numbers {
    ($($name:ident($type:ty);)*) => {$(
        fn $name(self, number: $type) -> Made {
            self.whole(number)
        }
    )*};
}

impl ser::Serializer for Serializer {
    type Ok = JsValue;
    type Error = Unfit;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = Items;
    type SerializeMap = Fields;
    type SerializeStruct = Fields;
    type SerializeStructVariant = Fields;

    whole_numbers! {
        serialize_i8(i8);
        serialize_i16(i16);
        serialize_i32(i32);
        serialize_i64(i64);
        serialize_i128(i128);
        serialize_u8(u8);
        serialize_u16(u16);
        serialize_u32(u32);
        serialize_u64(u64);
        serialize_u128(u128);
    }

    fn serialize_bool(self, value: bool) -> Made {
        Ok(value.into())
    }

    fn serialize_f32(self, number: f32) -> Made {
        self.serialize_f64(number.into())
    }

    fn serialize_f64(self, number: f64) -> Made {
        if number.is_finite() { Ok(number.into()) } else { Err(Unfit::custom(format_args!("{number} is no number of JSON"))) }
    }

    fn serialize_char(self, value: char) -> Made {
        Ok(value.to_string().into())
    }

    fn serialize_str(self, text: &str) -> Made {
        Ok(text.into())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Made {
        Ok(bytes.iter().map(|byte| JsValue::from(*byte)).collect::<Array>().into())
    }

    fn serialize_none(self) -> Made {
        Ok(JsValue::NULL)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Made {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Made {
        Ok(JsValue::NULL)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Made {
        Ok(JsValue::NULL)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Made {
        Ok(variant.into())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Made {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(self, _: &'static str, _: u32, variant: &'static str, value: &T) -> Made {
        Ok(within(Some(variant), value.serialize(Self::VALUE)?))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items, Unfit> {
        Ok(Items::new(None))
    }

    fn serialize_tuple(self, _: usize) -> Result<Items, Unfit> {
        Ok(Items::new(None))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Items, Unfit> {
        Ok(Items::new(None))
    }

    fn serialize_tuple_variant(self, _: &'static str, _: u32, variant: &'static str, _: usize) -> Result<Items, Unfit> {
        Ok(Items::new(Some(variant)))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Fields, Unfit> {
        Ok(Fields::new(None))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Fields, Unfit> {
        Ok(Fields::new(None))
    }

    fn serialize_struct_variant(self, _: &'static str, _: u32, variant: &'static str, _: usize) -> Result<Fields, Unfit> {
        Ok(Fields::new(Some(variant)))
    }
}

/// A variant with content is an object with one field.
fn within(variant: Option<&'static str>, content: JsValue) -> JsValue {
    let Some(variant) = variant else { return content };
    let object = record();
    put(&object, variant, content);
    object.into()
}

pub(super) struct Items {
    array: Array,
    variant: Option<&'static str>,
}

impl Items {
    fn new(variant: Option<&'static str>) -> Self {
        Self { array: Array::new(), variant }
    }

    fn push<T: Serialize + ?Sized>(&self, item: &T) -> Result<(), Unfit> {
        self.array.push(&item.serialize(Serializer::VALUE)?);
        Ok(())
    }

    fn made(self) -> Made {
        Ok(within(self.variant, self.array.into()))
    }
}

macro_rules! items {
    ($($part:ident, $push:ident;)*) => {$(
        impl $part for Items {
            type Ok = JsValue;
            type Error = Unfit;

            fn $push<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Unfit> {
                self.push(item)
            }

            fn end(self) -> Made {
                self.made()
            }
        }
    )*};
}

items! {
    SerializeSeq, serialize_element;
    SerializeTuple, serialize_element;
    SerializeTupleStruct, serialize_field;
    SerializeTupleVariant, serialize_field;
}

pub(super) struct Fields {
    object: Object,
    key: String,
    variant: Option<&'static str>,
}

impl Fields {
    fn new(variant: Option<&'static str>) -> Self {
        Self { object: record(), key: String::new(), variant }
    }

    fn put<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<(), Unfit> {
        put(&self.object, key, value.serialize(Serializer::VALUE)?);
        Ok(())
    }

    fn made(self) -> Made {
        Ok(within(self.variant, self.object.into()))
    }
}

impl SerializeMap for Fields {
    type Ok = JsValue;
    type Error = Unfit;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unfit> {
        let key = key.serialize(Serializer::KEY)?.as_string();
        self.key = key.ok_or_else(|| Unfit::custom("the key of a map is a text or a whole number"))?;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unfit> {
        self.put(&self.key, value)
    }

    fn end(self) -> Made {
        self.made()
    }
}

macro_rules! fields {
    ($($part:ident;)*) => {$(
        impl $part for Fields {
            type Ok = JsValue;
            type Error = Unfit;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Unfit> {
                self.put(key, value)
            }

            fn end(self) -> Made {
                self.made()
            }
        }
    )*};
}

fields! {
    SerializeStruct;
    SerializeStructVariant;
}
