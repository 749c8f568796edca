//! Reads a constant tensor, whose values are in the file or in another one.
//!
//! The number of values is compared with the shape when the tensor is read; the values themselves are decoded only on
//! request.

use enlarger::Result;
use half::{bf16, f16};

use super::field_numbers::{entry, tensor as number};
use super::limits::{Budget, damaged};
use crate::errors::{invalid, shown};
use crate::protobuf::{Value, fields};

/// The most dimensions that a tensor may have.
const MAX_DIMENSIONS: usize = 16;

/// The type of a tensor's values, as ONNX numbers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ElementType(pub i64);

impl ElementType {
    /// 32-bit floats.
    pub const F32: Self = ElementType(1);
    /// 8-bit integers without a sign.
    pub const U8: Self = ElementType(2);
    /// 64-bit integers.
    pub const I64: Self = ElementType(7);
    /// 16-bit floats.
    pub const F16: Self = ElementType(10);
    /// 16-bit floats with the exponent of 32-bit ones.
    pub const BF16: Self = ElementType(16);

    /// The type's name, for messages.
    pub fn name(self) -> &'static str {
        let names = [
            "no type",
            "f32",
            "u8",
            "i8",
            "u16",
            "i16",
            "i32",
            "i64",
            "text",
            "bool",
            "f16",
            "f64",
            "u32",
            "u64",
            "complex64",
            "complex128",
            "bf16",
            "float8",
            "float8",
            "float8",
            "float8",
            "u4",
            "i4",
            "float4",
        ];
        usize::try_from(self.0).ok().and_then(|at| names.get(at)).unwrap_or(&"an unknown type")
    }

    /// Bits of one value; `None` for types whose values have no fixed size.
    fn bits(self) -> Option<u64> {
        Some(match self.0 {
            2 | 3 | 9 | 17..=20 => 8,
            4 | 5 | 10 | 16 => 16,
            1 | 6 | 12 => 32,
            7 | 11 | 13 | 14 => 64,
            15 => 128,
            21..=23 => 4,
            _ => return None,
        })
    }

    /// The field of a tensor's message that lists values of this type, as `onnx.proto` assigns them.
    fn list_field(self) -> u64 {
        match self.0 {
            1 | 14 => number::FLOATS,
            7 => number::INT64S,
            8 => number::STRINGS,
            11 | 15 => number::DOUBLES,
            12 | 13 => number::UINT64S,
            _ => number::INT32S,
        }
    }
}

/// The place of a tensor's values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Data<'a> {
    /// In the file, as raw little-endian bytes.
    Raw(&'a [u8]),
    /// In the file, in typed fields of the tensor's message.
    Listed,
    /// In another file.
    External {
        /// The file's name, as the network gives it. It is not trustworthy.
        location: &'a str,
        /// The offset of the first value, in bytes.
        offset: u64,
    },
}

/// A constant tensor.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor<'a> {
    /// Its name.
    pub name: &'a str,
    /// The length of each dimension.
    pub shape: Vec<u64>,
    /// The type of its values.
    pub element: ElementType,
    /// The place of its values.
    pub data: Data<'a>,
    message: &'a [u8],
}

impl<'a> Tensor<'a> {
    pub(super) fn read(message: &'a [u8], budget: &mut Budget) -> Result<Self> {
        let (mut name, mut shape, mut element, mut raw) = ("", Vec::new(), ElementType(0), None);
        // Values in each field that can list some.
        let (mut listed, mut elsewhere) = ([0u64; number::UINT64S as usize + 1], false);
        let (mut location, mut offset, mut length) = ("", 0u64, None);
        for field in fields(message) {
            let (field, value) = field.ok_or_else(damaged)?;
            match field {
                number::DIMENSION => {
                    for length in value.numbers() {
                        let length = length.and_then(|length| u64::try_from(length).ok()).ok_or_else(damaged)?;
                        if shape.len() == MAX_DIMENSIONS {
                            return Err(invalid(
                                "a tensor of the network has more than 16 dimensions, so it is not a network for pictures; use another model",
                            ));
                        }
                        budget.spend()?;
                        shape.push(length);
                    }
                }
                number::TYPE => element = ElementType(value.number().ok_or_else(damaged)?),
                number::NAME => name = value.text().ok_or_else(damaged)?,
                number::RAW => raw = Some(value.bytes().ok_or_else(damaged)?),
                number::FLOATS | number::INT32S | number::INT64S | number::UINT64S | number::DOUBLES => {
                    listed[field as usize] += count(field, value).ok_or_else(damaged)?;
                }
                number::STRINGS => listed[field as usize] += 1,
                number::EXTERNAL => {
                    let (key, text) = pair(value).ok_or_else(damaged)?;
                    let parsed = || text.parse::<u64>().map_err(|_| damaged());
                    match key {
                        "location" => location = text,
                        "offset" => offset = parsed()?,
                        "length" => length = Some(parsed()?),
                        _ => {}
                    }
                }
                number::LOCATION => elsewhere = value.number().ok_or_else(damaged)? != 0,
                _ => {}
            }
        }
        let data = match (elsewhere, raw) {
            (true, _) => Data::External { location, offset },
            (false, Some(raw)) => Data::Raw(raw),
            (false, None) => Data::Listed,
        };
        let tensor = Tensor { name, shape, element, data, message };
        let held = match data {
            Data::Raw(raw) => tensor.size().map(|size| size == raw.len() as u64),
            Data::External { .. } => tensor.size().map(|size| length.is_none_or(|length| length == size)),
            // Values in the field of another type would be counted here and not be found when they are decoded.
            Data::Listed => tensor.values().map(|values| {
                let own = listed[element.list_field() as usize];
                own == values && own == listed.iter().sum::<u64>()
            }),
        };
        match held {
            Some(true) => Ok(tensor),
            _ => Err(invalid(format!(
                "the tensor '{}' should hold {} of type {}, but its data has another size; fetch the file again",
                shown(name),
                shape_text(&tensor.shape),
                element.name()
            ))),
        }
    }

    /// The number of values; `None` if it is too large.
    pub fn values(&self) -> Option<u64> {
        self.shape.iter().try_fold(1u64, |product, length| product.checked_mul(*length))
    }

    /// The size of the values in bytes; `None` if it is unknown or too large.
    pub fn size(&self) -> Option<u64> {
        Some(self.values()?.checked_mul(self.element.bits()?)?.div_ceil(8))
    }

    /// The values as floats; `None` if they are of another type or in another file.
    pub fn floats(&self) -> Option<Vec<f32>> {
        match (self.element, self.data) {
            (ElementType::F32, Data::Raw(raw)) => elements(raw, f32::from_le_bytes),
            (ElementType::F16, Data::Raw(raw)) => elements(raw, |bytes| f16::from_le_bytes(bytes).to_f32()),
            (ElementType::BF16, Data::Raw(raw)) => elements(raw, |bytes| bf16::from_le_bytes(bytes).to_f32()),
            // Listed as the numbers that their bits make.
            (ElementType::F16, Data::Listed) => fields(self.message)
                .filter_map(|field| field.filter(|(field, _)| *field == number::INT32S))
                .flat_map(|(_, value)| value.numbers())
                .map(|bits| Some(f16::from_bits(u16::try_from(bits?).ok()?).to_f32()))
                .collect(),
            (ElementType::F32, Data::Listed) => {
                let mut floats = Vec::new();
                for field in fields(self.message) {
                    if let Some((number::FLOATS, value)) = field {
                        floats.extend(value.floats()?);
                    }
                }
                Some(floats)
            }
            _ => None,
        }
    }

    /// The values as integers; `None` if they are not of type `i64` or are in another file.
    pub fn integers(&self) -> Option<Vec<i64>> {
        match (self.element, self.data) {
            (ElementType::I64, Data::Raw(raw)) => elements(raw, i64::from_le_bytes),
            (ElementType::I64, Data::Listed) => fields(self.message)
                .filter_map(|field| field.filter(|(field, _)| *field == number::INT64S))
                .flat_map(|(_, value)| value.numbers())
                .collect(),
            _ => None,
        }
    }

    /// The encoded message.
    pub(super) fn message(&self) -> &'a [u8] {
        self.message
    }
}

/// The number of values in a field.
fn count(field: u64, value: Value<'_>) -> Option<u64> {
    let width = match field {
        number::FLOATS => 4,
        number::DOUBLES => 8,
        _ => return value.numbers().try_fold(0, |count, number| number.map(|_| count + 1)),
    };
    match value {
        Value::Bytes(bytes) => (bytes.len() % width == 0).then_some((bytes.len() / width) as u64),
        _ => Some(1),
    }
}

/// Reads a pair of strings.
pub(super) fn pair(value: Value<'_>) -> Option<(&str, &str)> {
    let (mut key, mut text) = ("", "");
    for field in fields(value.bytes()?) {
        match field? {
            (entry::KEY, value) => key = value.text()?,
            (entry::VALUE, value) => text = value.text()?,
            _ => {}
        }
    }
    Some((key, text))
}

fn elements<T, const N: usize>(bytes: &[u8], read: impl Fn([u8; N]) -> T) -> Option<Vec<T>> {
    let (chunks, rest) = bytes.as_chunks::<N>();
    rest.is_empty().then(|| chunks.iter().map(|bytes| read(*bytes)).collect())
}

fn shape_text(shape: &[u64]) -> String {
    if shape.is_empty() {
        return "one value".to_owned();
    }
    shape.iter().map(u64::to_string).collect::<Vec<_>>().join("×")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One value of type f32, in a field of the given number with the given bytes.
    fn one_float(field: &[u8]) -> Vec<u8> {
        [&[0x08, 1, 0x10, 1], field].concat()
    }

    #[test]
    fn listed_values_must_be_in_the_field_of_their_type() {
        let float = one_float(&[0x25, 0, 0, 0x80, 0x3f]);
        assert_eq!(Tensor::read(&float, &mut Budget::new()).unwrap().floats(), Some(vec![1.0]));
        let double = one_float(&[0x51, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f]);
        assert!(Tensor::read(&double, &mut Budget::new()).is_err());
        let both = [float, vec![0x51, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f]].concat();
        assert!(Tensor::read(&both, &mut Budget::new()).is_err());
    }
}
