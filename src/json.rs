//! Strict parsing of untrusted JSON.

mod members;

use std::cell::Cell;
use std::fmt;

use serde::de::DeserializeSeed;
use serde::de::Error;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;
use serde_json::Deserializer;
use serde_json::Map;
use serde_json::Value;

pub(crate) use members::Member;
pub(crate) use members::Members;
pub(crate) use members::parse_entries;
pub(crate) use members::parse_members;

/// Parses one JSON value. Rejects duplicate names, because parsers disagree on which of the values counts.
///
/// For short texts only, because it keeps everything. `serde_json` limits the depth.
pub(crate) fn parse_strict(bytes: &[u8]) -> Option<Value> {
    let repeats = Cell::new(false);
    let mut deserializer = Deserializer::from_slice(bytes);
    let value = StrictValue { repeats: &repeats }.deserialize(&mut deserializer).ok()?;
    deserializer.end().ok()?;
    (!repeats.get()).then_some(value)
}

#[derive(Clone, Copy)]
struct StrictValue<'a> {
    /// Whether a name was repeated. Not a custom error, which would link `serde_json`'s parsing of error texts.
    repeats: &'a Cell<bool>,
}

impl<'de> DeserializeSeed<'de> for StrictValue<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for StrictValue<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value without duplicate names")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = access.next_element_seed(self)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = access.next_key::<String>()? {
            let value = access.next_value_seed(self)?;
            if members.insert(name, value).is_some() {
                self.repeats.set(true);
            }
        }
        Ok(Value::Object(members))
    }
}
