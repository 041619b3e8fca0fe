//! Reads the elements of a DER or BER (X.690) encoding.
//!
//! The `der` crate parses the elements; the callers interpret them. Typed decoders for these structures would make up a
//! sixth of the component; see docs/dependencies.md.

use std::borrow::Cow;

use der::AnyRef;
use der::Decode;
use der::Encode;
use der::EncodingRules;
use der::Header;
use der::Length;
use der::Reader;
use der::SliceReader;
use der::Tag;
use der::Tagged;
use der::asn1::ObjectIdentifier;
use der::asn1::OctetStringRef;
use der::asn1::UintRef;

use crate::secret::Secret;

/// The element that these bytes encode, without trailing bytes.
pub(super) fn read(der: &[u8]) -> Option<AnyRef<'_>> {
    AnyRef::from_der(der).ok()
}

/// The first element of these bytes in DER, if it is in BER: indefinite lengths, and strings in parts, as BouncyCastle and
/// NSS write them. What follows it, such as a line end, is no part of it.
pub(super) fn to_der(ber: &[u8]) -> Option<Secret<Vec<u8>>> {
    let mut reader = SliceReader::new_with_encoding_rules(ber, EncodingRules::Ber).ok()?;
    element_to_der(&mut reader, MAX_DEPTH)
}

fn element_to_der(reader: &mut SliceReader<'_>, depth: u8) -> Option<Secret<Vec<u8>>> {
    let is_constructed = Header::peek(reader).ok()?.is_constructed();
    let element = AnyRef::decode(reader).ok()?;
    if !is_constructed {
        return element.to_der().ok().map(Secret::from);
    }
    let depth = depth.checked_sub(1)?;
    // Allocated once: growing would leave copies of keys behind.
    let mut content = Vec::with_capacity(element.value().len());
    let mut parts =
        SliceReader::new_with_encoding_rules(element.value(), EncodingRules::Ber).ok()?;
    while let Some(byte) = parts.peek_byte() {
        if byte == END_OF_CONTENTS {
            let is_end = parts.read_slice(Length::new(2)).is_ok_and(|end| end == [0, 0]);
            if !is_end || !parts.is_finished() {
                return None;
            }
            break;
        }
        let part = element_to_der(&mut parts, depth)?;
        match element.tag() {
            Tag::OctetString => content.extend_from_slice(octets(&read(part.expose())?)?),
            _ => content.extend_from_slice(part.expose()),
        }
    }
    let content = Secret::from(content);
    AnyRef::new(element.tag(), content.expose()).ok()?.to_der().ok().map(Secret::from)
}

/// The elements of a constructed element, in order.
pub(super) fn elements<'a>(parent: &AnyRef<'a>) -> Option<Vec<AnyRef<'a>>> {
    if !parent.tag().is_constructed() {
        return None;
    }
    let mut reader = SliceReader::new(parent.value()).ok()?;
    let mut elements = Vec::new();
    while !reader.is_finished() {
        elements.push(AnyRef::decode(&mut reader).ok()?);
    }
    Some(elements)
}

/// The element inside an explicit context-specific tag.
pub(super) fn explicit<'a>(parent: &AnyRef<'a>) -> Option<AnyRef<'a>> {
    if !parent.tag().is_context_specific() {
        return None;
    }
    read(parent.value())
}

/// An OBJECT IDENTIFIER.
pub(super) fn object_identifier(element: &AnyRef<'_>) -> Option<ObjectIdentifier> {
    element.decode_as().ok()
}

/// The content of an OCTET STRING.
pub(super) fn octets<'a>(element: &AnyRef<'a>) -> Option<&'a [u8]> {
    element.decode_as::<&OctetStringRef>().ok().map(OctetStringRef::as_bytes)
}

/// The content of an OCTET STRING with an implicit tag, in one part or in several.
pub(super) fn implicit_octets<'a>(element: &AnyRef<'a>) -> Option<Cow<'a, [u8]>> {
    let Some(parts) = elements(element) else {
        return Some(Cow::Borrowed(element.value()));
    };
    let parts: Option<Vec<_>> = parts.iter().map(octets).collect();
    Some(Cow::Owned(parts?.concat()))
}

/// A small unsigned INTEGER.
pub(super) fn integer(element: &AnyRef<'_>) -> Option<u32> {
    element.decode_as().ok()
}

/// The big-endian bytes of an unsigned INTEGER, without leading zeros.
pub(super) fn digits<'a>(element: &AnyRef<'a>) -> Option<&'a [u8]> {
    element.decode_as::<UintRef<'a>>().ok().map(|number| number.as_bytes())
}

/// An `AlgorithmIdentifier` (RFC 5280, section 4.1.1.2): the algorithm and its parameters.
pub(super) fn algorithm<'a>(
    element: &AnyRef<'a>,
) -> Option<(ObjectIdentifier, Option<AnyRef<'a>>)> {
    match elements(element)?.as_slice() {
        [oid] => Some((object_identifier(oid)?, None)),
        [oid, parameters] => Some((object_identifier(oid)?, Some(*parameters))),
        _ => None,
    }
}

/// More than any key file has.
const MAX_DEPTH: u8 = 16;
/// The tag of what ends an element of indefinite length. `AnyRef` counts it as part of the content.
const END_OF_CONTENTS: u8 = 0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_encodings_are_rejected() {
        for der in [
            &[][..],
            &[0x30],
            &[0x30, 0x80, 0x00, 0x00],
            &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
            &[0x30, 0x03, 0x02, 0x01],
            &[0x30, 0x00, 0x00],
        ] {
            assert!(read(der).is_none(), "{der:x?}");
        }
    }

    #[test]
    fn elements_come_in_order() {
        let element = read(&[0x30, 0x06, 0x02, 0x01, 0x07, 0x04, 0x01, 0x08]).unwrap();
        let elements = elements(&element).unwrap();
        assert_eq!(integer(&elements[0]), Some(7));
        assert_eq!(octets(&elements[1]), Some(&[8][..]));
    }
}
