//! Reads the fields of a protobuf message in place.
//!
//! A few dozen lines replace a dependency that would copy every weight. A length is checked against the remaining bytes
//! before it is used, and fields are never collected, because a file can hold more of them than fit into memory.

/// The undecoded value of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// A varint.
    Number(u64),
    /// Four bytes, little-endian.
    Fixed(u32),
    /// Eight bytes, little-endian.
    Long(u64),
    /// A string, a message, or packed numbers.
    Bytes(&'a [u8]),
}

impl<'a> Value<'a> {
    /// The bytes of a string or a message.
    pub fn bytes(self) -> Option<&'a [u8]> {
        if let Value::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    /// The number, as a signed integer.
    pub fn number(self) -> Option<i64> {
        if let Value::Number(number) = self { Some(number as i64) } else { None }
    }

    /// The string, if it is valid UTF-8.
    pub fn text(self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    /// One number, or all packed numbers. An item `None` means that the rest is damaged; it is the last item.
    pub fn numbers(self) -> impl Iterator<Item = Option<i64>> + 'a {
        let (single, mut bytes): (_, &[u8]) = match self {
            Value::Bytes(bytes) => (None, bytes),
            Value::Number(number) => (Some(Some(number as i64)), &[]),
            Value::Fixed(_) | Value::Long(_) => (Some(None), &[]),
        };
        let packed = std::iter::from_fn(move || {
            if bytes.is_empty() {
                return None;
            }
            let number = varint(&mut bytes);
            if number.is_none() {
                bytes = &[];
            }
            Some(number.map(|number| number as i64))
        });
        single.into_iter().chain(packed)
    }

    /// One float, or all packed floats.
    pub fn floats(self) -> Option<Vec<f32>> {
        match self {
            Value::Fixed(bits) => Some(vec![f32::from_bits(bits)]),
            Value::Bytes(bytes) => {
                let (floats, rest) = bytes.as_chunks::<4>();
                rest.is_empty().then(|| floats.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
            }
            Value::Number(_) | Value::Long(_) => None,
        }
    }
}

/// An iterator over the fields of a message.
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    bytes: &'a [u8],
}

/// Iterates over the fields of a message as (field number, value). An item `None` means that the rest is damaged; it is the
/// last item.
pub fn fields(bytes: &[u8]) -> Fields<'_> {
    Fields { bytes }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Option<(u64, Value<'a>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.bytes.is_empty() {
            return None;
        }
        let field = field(&mut self.bytes);
        if field.is_none() {
            self.bytes = &[];
        }
        Some(field)
    }
}

fn field<'a>(bytes: &mut &'a [u8]) -> Option<(u64, Value<'a>)> {
    let key = varint(bytes)?;
    let value = match key & 7 {
        0 => Value::Number(varint(bytes)?),
        1 => Value::Long(u64::from_le_bytes(take(bytes, 8)?.try_into().ok()?)),
        2 => {
            let length = varint(bytes)?;
            Value::Bytes(take(bytes, length)?)
        }
        5 => Value::Fixed(u32::from_le_bytes(take(bytes, 4)?.try_into().ok()?)),
        _ => return None,
    };
    Some((key >> 3, value))
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let byte = *take(bytes, 1)?.first()?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn take<'a>(bytes: &mut &'a [u8], count: u64) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(usize::try_from(count).ok()?)?;
    *bytes = rest;
    Some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protobuf::Message;

    #[test]
    fn written_fields_are_read_back() {
        let mut message = Message::new();
        message.number(1, 300).text(2, "two").numbers(3, &[1, -1, 1 << 40]).floats(4, &[0.5, -2.0]);
        let read: Vec<_> = fields(message.bytes()).map(Option::unwrap).collect();
        assert_eq!(read[0], (1, Value::Number(300)));
        assert_eq!(read[1].1.text(), Some("two"));
        assert_eq!(read[2].1.numbers().collect::<Option<Vec<_>>>(), Some(vec![1, -1, 1 << 40]));
        assert_eq!(read[3].1.floats(), Some(vec![0.5, -2.0]));
        assert_eq!(read.len(), 4);
    }

    #[test]
    fn truncated_messages_are_rejected() {
        let mut message = Message::new();
        message.number(1, 300).text(2, "two");
        let bytes = message.bytes();
        for length in 1..bytes.len() {
            // A message may end between two fields.
            let complete = fields(&bytes[..length]).all(|field| field.is_some());
            assert_eq!(complete, length == 3, "{length}");
        }
        // A length of nearly 2^63.
        assert_eq!(fields(&[0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]).collect::<Vec<_>>(), [None]);
        // A varint of more than ten bytes.
        assert_eq!(fields(&[0xff; 32]).collect::<Vec<_>>(), [None]);
    }
}
