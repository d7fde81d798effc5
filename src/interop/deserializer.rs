//! Values of JavaScript as Rust has them. Only what is an object's own counts, never what stands on its prototype.

use js_sys::{Array, ArrayBuffer, BigInt, Map, Object, Set, Uint8Array};
use serde::de::value::StringDeserializer;
use serde::de::{self, DeserializeSeed, EnumAccess, Error as _, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde::forward_to_deserialize_any;
use wasm_bindgen::{JsCast, JsValue};

use super::unfit::Unfit;

/// As deep as serde_json goes. What the other side sends may contain itself.
const DEEPEST: u8 = 128;

/// The largest whole number that a number of JavaScript holds exactly.
const LARGEST: f64 = 9_007_199_254_740_991.0;

/// A value.
pub(super) struct Deserializer {
    value: JsValue,
    /// How deep it may be.
    depth: u8,
}

impl Deserializer {
    pub(super) const fn new(value: JsValue) -> Self {
        Self { value, depth: DEEPEST }
    }

    fn is_nothing(&self) -> bool {
        self.value.is_undefined() || self.value.is_null()
    }

    fn inner(&self) -> Result<u8, Unfit> {
        self.depth.checked_sub(1).ok_or_else(|| Unfit::custom(format_args!("it is nested deeper than {DEEPEST}")))
    }

    /// What it is. Not generic, so that it is in the wasm once, and not for each type that is read.
    fn read(self) -> Result<Read, Unfit> {
        let value = &self.value;
        Ok(if self.is_nothing() {
            Read::Nothing
        } else if let Some(flag) = value.as_bool() {
            Read::Flag(flag)
        } else if let Some(number) = value.as_f64() {
            Read::number(number)
        } else if let Some(text) = value.as_string() {
            Read::Text(text)
        } else if let Some(number) = value.dyn_ref::<BigInt>() {
            Read::big(number)?
        } else if let Some(array) = self.items() {
            Read::Items(Items { array, next: 0, depth: self.inner()? })
        } else if value.is_object() {
            Read::Entries(Entries { array: self.entries(), next: 0, value: JsValue::UNDEFINED, depth: self.inner()? })
        } else {
            return Err(Unfit::custom(format_args!("it has a {}", value.js_typeof().as_string().unwrap_or_default())));
        })
    }

    /// The items, if it is a list.
    fn items(&self) -> Option<Array> {
        let value = &self.value;
        if let Some(array) = value.dyn_ref::<Array>() {
            return Some(array.clone());
        }
        if value.is_instance_of::<Set>() || value.is_instance_of::<Uint8Array>() {
            return Some(Array::from(value));
        }
        value.is_instance_of::<ArrayBuffer>().then(|| Array::from(&Uint8Array::new(value)))
    }

    /// The keys and values of an object or a map.
    fn entries(&self) -> Array {
        let value = &self.value;
        if value.is_instance_of::<Map>() { Array::from(value) } else { Object::entries(value.unchecked_ref()) }
    }

    /// A variant of an enum.
    fn variant(self) -> Result<Variant, Unfit> {
        if self.value.as_string().is_some() {
            return Ok(Variant { name: self.value, content: Self::new(JsValue::UNDEFINED) });
        }
        let depth = self.inner()?;
        let entries = if self.value.is_object() { self.entries() } else { Array::new() };
        if entries.length() != 1 {
            return Err(Unfit::custom("a variant is a text, or an object with one field"));
        }
        let (name, value) = pair(&entries.get(0));
        Ok(Variant { name, content: Self { value, depth } })
    }
}

/// What a value is.
enum Read {
    Nothing,
    Flag(bool),
    Whole(i64),
    Large(u64),
    Float(f64),
    Text(String),
    Items(Items),
    Entries(Entries),
}

impl Read {
    /// A whole number is one for Rust, whatever JavaScript calls it.
    fn number(number: f64) -> Self {
        if number.fract() == 0.0 && number.abs() <= LARGEST {
            #[allow(clippy::cast_possible_truncation)] // It is whole and small enough.
            Self::Whole(number as i64)
        } else {
            Self::Float(number)
        }
    }

    fn big(number: &BigInt) -> Result<Self, Unfit> {
        let whole = i64::try_from(number.clone()).map(Self::Whole);
        let read = whole.or_else(|_| u64::try_from(number.clone()).map(Self::Large));
        read.map_err(|_| Unfit::custom("it has a bigint beyond 64 bits"))
    }
}

impl<'de> de::Deserializer<'de> for Deserializer {
    type Error = Unfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        match self.read()? {
            Read::Nothing => visitor.visit_unit(),
            Read::Flag(flag) => visitor.visit_bool(flag),
            Read::Whole(number) => visitor.visit_i64(number),
            Read::Large(number) => visitor.visit_u64(number),
            Read::Float(number) => visitor.visit_f64(number),
            Read::Text(text) => visitor.visit_string(text),
            Read::Items(items) => visitor.visit_seq(items),
            Read::Entries(entries) => visitor.visit_map(entries),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        if self.is_nothing() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Unfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, Unfit> {
        visitor.visit_enum(self.variant()?)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        self.deserialize_byte_buf(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        match self.value.dyn_ref::<Uint8Array>() {
            Some(bytes) => visitor.visit_byte_buf(bytes.to_vec()),
            None => self.deserialize_any(visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string unit unit_struct seq tuple tuple_struct map struct identifier
    }
}

fn pair(entry: &JsValue) -> (JsValue, JsValue) {
    let entry: &Array = entry.unchecked_ref();
    (entry.get(0), entry.get(1))
}

struct Items {
    array: Array,
    next: u32,
    depth: u8,
}

impl Items {
    fn step(&mut self) -> Option<Deserializer> {
        if self.next == self.array.length() {
            return None;
        }
        let value = self.array.get(self.next);
        self.next = self.next.saturating_add(1);
        Some(Deserializer { value, depth: self.depth })
    }
}

impl<'de> SeqAccess<'de> for Items {
    type Error = Unfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Unfit> {
        self.step().map(|item| seed.deserialize(item)).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        usize::try_from(self.array.length().saturating_sub(self.next)).ok()
    }
}

struct Entries {
    array: Array,
    next: u32,
    /// Of the key that was given last.
    value: JsValue,
    depth: u8,
}

impl Entries {
    fn step(&mut self) -> Option<Key> {
        while self.next != self.array.length() {
            let (key, value) = pair(&self.array.get(self.next));
            self.next = self.next.saturating_add(1);
            // As in JSON, what is undefined is not there.
            if !value.is_undefined() {
                self.value = value;
                return Some(Key(key));
            }
        }
        None
    }
}

impl<'de> MapAccess<'de> for Entries {
    type Error = Unfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Unfit> {
        self.step().map(|key| seed.deserialize(key)).transpose()
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Unfit> {
        seed.deserialize(Deserializer { value: std::mem::take(&mut self.value), depth: self.depth })
    }
}

/// The key of a field: a text, which may stand for a whole number.
struct Key(JsValue);

macro_rules! whole_keys {
    ($($name:ident($type:ty) $visit:ident;)*) => {$(
        fn $name<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
            match self.0.as_string().and_then(|text| text.parse::<$type>().ok()) {
                Some(number) => visitor.$visit(number),
                None => self.deserialize_any(visitor),
            }
        }
    )*};
}

impl<'de> de::Deserializer<'de> for Key {
    type Error = Unfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        // Of a map it may be anything.
        Deserializer::new(self.0).deserialize_any(visitor)
    }

    whole_keys! {
        deserialize_i8(i64) visit_i64;
        deserialize_i16(i64) visit_i64;
        deserialize_i32(i64) visit_i64;
        deserialize_i64(i64) visit_i64;
        deserialize_i128(i128) visit_i128;
        deserialize_u8(u64) visit_u64;
        deserialize_u16(u64) visit_u64;
        deserialize_u32(u64) visit_u64;
        deserialize_u64(u64) visit_u64;
        deserialize_u128(u128) visit_u128;
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Unfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, Unfit> {
        let name: StringDeserializer<Unfit> = self.0.as_string().unwrap_or_default().into_deserializer();
        visitor.visit_enum(name)
    }

    forward_to_deserialize_any! {
        bool f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// A variant of an enum and what it holds, if it holds something.
struct Variant {
    name: JsValue,
    content: Deserializer,
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = Unfit;
    type Variant = Deserializer;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Deserializer), Unfit> {
        Ok((seed.deserialize(Key(self.name))?, self.content))
    }
}

impl<'de> VariantAccess<'de> for Deserializer {
    type Error = Unfit;

    fn unit_variant(self) -> Result<(), Unfit> {
        if self.is_nothing() { Ok(()) } else { Err(Unfit::custom("this variant holds nothing")) }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Unfit> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Unfit> {
        de::Deserializer::deserialize_any(self, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Unfit> {
        de::Deserializer::deserialize_any(self, visitor)
    }
}
