//! Reads the elements of a DER (X.690) encoding.
//!
//! The `der` crate parses the elements; the callers interpret them. Typed decoders for these structures would make up a
//! sixth of the component; see docs/dependencies.md.

use der::AnyRef;
use der::Decode;
use der::Reader;
use der::SliceReader;
use der::Tagged;
use der::asn1::ObjectIdentifier;
use der::asn1::OctetStringRef;
use der::asn1::UintRef;

/// The element that these bytes encode, without trailing bytes.
pub(super) fn read(der: &[u8]) -> Option<AnyRef<'_>> {
    AnyRef::from_der(der).ok()
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
