//! Reading the members that are needed from a document of any size, without keeping the rest.

use std::cell::Cell;
use std::cell::RefCell;
use std::fmt;

use serde::de::DeserializeSeed;
use serde::de::Error;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;
use serde_json::Deserializer;
use serde_json::Number;

/// Parses a JSON object and keeps the members with these names. `None` for anything else than one object, for a name
/// given twice, because parsers disagree on which of the values counts, and for more than 256 names.
///
/// `serde_json` limits the depth.
pub(crate) fn parse_members(bytes: &[u8], names: &[&'static str]) -> Option<Members> {
    read(bytes, Place::Object { names })?.into_members()
}

/// Parses a JSON object, and passes each entry of the object with this name to `each`: its members with these names, or
/// `None` if it is no object. Returns `None`, perhaps after some calls, where [`parse_members`] does.
pub(crate) fn parse_entries(
    bytes: &[u8],
    node: &str,
    names: &[&'static str],
    each: &mut dyn FnMut(Option<Members>),
) -> Option<()> {
    let each = RefCell::new(each);
    let each = |entry: Option<Members>| (each.borrow_mut())(entry);
    read(bytes, Place::Root { node, names, each: &each })?.into_members().map(|_| ())
}

/// Reads one value, and nothing after it.
fn read(bytes: &[u8], place: Place<'_>) -> Option<Member> {
    let is_bad = Cell::new(false);
    let mut deserializer = Deserializer::from_slice(bytes);
    let value = Reader { place, is_bad: &is_bad }.deserialize(&mut deserializer).ok()?;
    deserializer.end().ok()?;
    (!is_bad.get()).then_some(value)
}

/// Some members of an object.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Members(Vec<(&'static str, Member)>);

impl Members {
    pub(crate) fn get(&self, name: &str) -> Option<&Member> {
        self.0.iter().find(|(given, _)| *given == name).map(|(_, member)| member)
    }

    /// Removes a member.
    pub(crate) fn take(&mut self, name: &str) -> Option<Member> {
        let index = self.0.iter().position(|(given, _)| *given == name)?;
        Some(self.0.swap_remove(index).1)
    }

    /// The text of a member; `None` if it is absent or no string.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }
}

/// The value of a member, as far as it is kept.
#[derive(Debug, PartialEq)]
pub(crate) enum Member {
    Null,
    Bool,
    Number(Number),
    Text(String),
    /// The first elements of an array. Arrays in it are empty.
    List(Vec<Self>),
    Object {
        is_empty: bool,
        /// Those that were asked for, at the place where they were.
        members: Members,
    },
}

impl Member {
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    fn into_members(self) -> Option<Members> {
        match self {
            Self::Object { members, .. } => Some(members),
            _ => None,
        }
    }
}

/// Where a value stands in a document, which decides what is kept of it.
#[derive(Clone, Copy)]
enum Place<'a> {
    /// An object of which the members with these names are kept.
    Object { names: &'a [&'static str] },
    /// A member of such an object.
    Member,
    /// An object with an object of entries.
    Root { node: &'a str, names: &'a [&'static str], each: &'a Each<'a> },
    /// The entries. Any value but an object has none.
    Entries { names: &'a [&'static str], each: &'a Each<'a> },
    /// Anywhere else: arrays and objects count as empty or not, nothing in them is kept.
    Elsewhere,
}

/// What is called with each entry.
type Each<'a> = dyn Fn(Option<Members>) + 'a;

#[derive(Clone, Copy)]
struct Reader<'a> {
    place: Place<'a>,
    /// Whether a name was repeated, or there were too many. Not a custom error, which would link `serde_json`'s parsing
    /// of error texts.
    is_bad: &'a Cell<bool>,
}

impl<'a> Reader<'a> {
    fn at(self, place: Place<'a>) -> Self {
        Self { place, ..self }
    }

    fn read_object<'de, A: MapAccess<'de>>(
        self,
        names: &[&'static str],
        access: &mut A,
    ) -> Result<Members, A::Error> {
        let mut members = Members::default();
        let mut seen: Vec<String> = Vec::new();
        while let Some(name) = access.next_key::<String>()? {
            let member = access.next_value_seed(self.at(Place::Member))?;
            if let Some(known) = names.iter().find(|known| **known == name) {
                members.0.push((known, member));
            }
            if seen.len() >= MAX_NAMES || seen.contains(&name) {
                self.is_bad.set(true);
            } else {
                seen.push(name);
            }
        }
        Ok(members)
    }

    fn read_root<'de, A: MapAccess<'de>>(
        self,
        node: &str,
        entries: Place<'a>,
        access: &mut A,
    ) -> Result<(), A::Error> {
        let mut is_seen = false;
        while let Some(name) = access.next_key::<String>()? {
            let is_node = name == node;
            let place = if is_node { entries } else { Place::Elsewhere };
            access.next_value_seed(self.at(place))?;
            if is_node && is_seen {
                self.is_bad.set(true);
            }
            is_seen |= is_node;
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Member;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Member, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Member;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Member, E> {
        Ok(Member::Null)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Member, E> {
        Ok(Member::Bool)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Member, E> {
        Ok(Member::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Member, E> {
        Ok(Member::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Member, E> {
        Ok(Number::from_f64(value).map_or(Member::Null, Member::Number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Member, E> {
        Ok(Member::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Member, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = access.next_element_seed(self.at(Place::Elsewhere))? {
            if matches!(self.place, Place::Member) && elements.len() < MAX_ELEMENTS {
                elements.push(element);
            }
        }
        Ok(Member::List(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Member, A::Error> {
        let mut is_empty = true;
        let mut members = Members::default();
        match self.place {
            Place::Object { names } => members = self.read_object(names, &mut access)?,
            Place::Root { node, names, each } => {
                self.read_root(node, Place::Entries { names, each }, &mut access)?;
            }
            Place::Entries { names, each } => {
                while access.next_key::<IgnoredAny>()?.is_some() {
                    let entry = access.next_value_seed(self.at(Place::Object { names }))?;
                    each(entry.into_members());
                }
            }
            Place::Member | Place::Elsewhere => {
                while access.next_key::<IgnoredAny>()?.is_some() {
                    access.next_value_seed(self.at(Place::Elsewhere))?;
                    is_empty = false;
                }
            }
        }
        Ok(Member::Object { is_empty, members })
    }
}

/// Entra's answers have about 15.
const MAX_NAMES: usize = 256;
/// Entra names one error code, or a few.
const MAX_ELEMENTS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<Members> {
        parse_members(text.as_bytes(), &["a", "b"])
    }

    #[test]
    fn known_members_are_kept_and_bounded() {
        let members = parse(r#"{"a":"x","b":[1,"2",[3],{"c":4}],"c":{"a":"y"}}"#).unwrap();
        assert_eq!(members.text("a"), Some("x"));
        let Some(Member::List(elements)) = members.get("b") else {
            panic!("it is a list");
        };
        assert_eq!(elements.len(), 4);
        assert_eq!(elements[2], Member::List(Vec::new()));
        assert_eq!(elements[3], Member::Object { is_empty: false, members: Members::default() });
        let long = format!(r#"{{"a":[{}0]}}"#, "0,".repeat(10_000));
        let Some(Member::List(elements)) = parse(&long).unwrap().take("a") else {
            panic!("it is a list");
        };
        assert_eq!(elements.len(), MAX_ELEMENTS);
    }

    #[test]
    fn what_parsers_disagree_on_is_rejected() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"c":1,"c":2}"#,
            "[]",
            "1",
            "null",
            "",
            "{}x",
            &format!("{{\"c\":{}", "[".repeat(1_000)),
            &format!(
                "{{{}\"z\":0}}",
                (0..300).map(|it| format!("\"{it}\":0,")).collect::<String>()
            ),
        ] {
            assert!(parse(text).is_none(), "{text}");
        }
        assert!(parse("{}").is_some());
    }

    #[test]
    fn entries_are_read_one_by_one() {
        let read = |text: &str| {
            let mut entries = Vec::new();
            let done = parse_entries(text.as_bytes(), "T", &["a"], &mut |entry| {
                entries.push(entry.and_then(|entry| entry.text("a").map(str::to_owned)));
            });
            done.map(|()| entries)
        };
        let text = r#"{"S":{"a":{"a":"0"}},"T":{"x":{"a":"1"},"y":[{"a":"2"}],"z":{"b":"3"}}}"#;
        assert_eq!(read(text), Some(vec![Some("1".to_owned()), None, None]));
        assert_eq!(read(r#"{"T":null}"#), Some(Vec::new()));
        assert_eq!(read("{}"), Some(Vec::new()));
        for text in [r#"{"T":[{}]}"#, r#"{"T":1}"#, r#"{"T":-1.5}"#, r#"{"T":"x"}"#] {
            assert_eq!(read(text), Some(Vec::new()), "{text}");
        }
        for text in [r#"{"T":{},"T":{}}"#, r#"{"T":{"x":{"a":1,"a":1}}}"#, "[]", r#"{"T":["#] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
