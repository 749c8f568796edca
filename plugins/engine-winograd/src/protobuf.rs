//! Fields of protobuf messages, which ONNX files are made of.
//!
//! A few dozen lines instead of a dependency: an engine reads five kinds of message and writes none. It must never
//! believe a length before it has been compared with what is there.

/// What a field holds, undecoded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value<'a> {
    /// A number of variable length.
    Number(u64),
    /// Four bytes, little-endian.
    Fixed(u32),
    /// A text, a message, or numbers after one another.
    Bytes(&'a [u8]),
}

impl<'a> Value<'a> {
    pub(crate) fn bytes(self) -> Option<&'a [u8]> {
        if let Value::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    pub(crate) fn number(self) -> Option<i64> {
        if let Value::Number(number) = self { Some(number as i64) } else { None }
    }

    pub(crate) fn text(self) -> Option<String> {
        String::from_utf8(self.bytes()?.to_vec()).ok()
    }

    /// The number, or the numbers where they are packed.
    pub(crate) fn numbers(self) -> Option<Vec<i64>> {
        match self {
            Value::Number(number) => Some(vec![number as i64]),
            Value::Fixed(_) => None,
            Value::Bytes(mut bytes) => {
                let mut numbers = Vec::new();
                while !bytes.is_empty() {
                    numbers.push(varint(&mut bytes)? as i64);
                }
                Some(numbers)
            }
        }
    }

    /// The float, or the floats where they are packed.
    pub(crate) fn floats(self) -> Option<Vec<f32>> {
        match self {
            Value::Fixed(bits) => Some(vec![f32::from_bits(bits)]),
            Value::Number(_) => None,
            Value::Bytes(bytes) => {
                let (floats, rest) = bytes.as_chunks::<4>();
                rest.is_empty().then(|| floats.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
            }
        }
    }
}

/// The fields of a message by number; `None` for bytes that are no message. Fields of eight bytes are skipped: nothing
/// that is read here has any.
pub(crate) fn fields(mut bytes: &[u8]) -> Option<Vec<(u64, Value<'_>)>> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes)?;
        let value = match key & 7 {
            0 => Value::Number(varint(&mut bytes)?),
            1 => {
                take(&mut bytes, 8)?;
                continue;
            }
            2 => {
                let length = varint(&mut bytes)?;
                Value::Bytes(take(&mut bytes, length)?)
            }
            5 => Value::Fixed(u32::from_le_bytes(take(&mut bytes, 4)?.try_into().ok()?)),
            _ => return None,
        };
        found.push((key >> 3, value));
    }
    Some(found)
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
