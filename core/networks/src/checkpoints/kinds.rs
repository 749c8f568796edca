//! The names that PyTorch and safetensors have for the types of values.
//!
//! A type that is known and cannot be weights of ours has a sentence of its own; nothing is converted on the quiet.

use super::tensor::Element;

/// A type of values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// A type that is read.
    Read(Element),
    /// A type that is not read: bytes of one value, and a noun for messages.
    Refused(usize, &'static str),
    /// Bytes, whose type something else tells.
    Untyped,
}

impl Kind {
    /// Bytes of one value.
    pub(super) fn width(self) -> usize {
        match self {
            Kind::Read(element) => element.width(),
            Kind::Refused(width, _) => width,
            Kind::Untyped => 1,
        }
    }
}

const COMPLEX: &str = "complex numbers";
const QUANTISED: &str = "quantised numbers";
const INT8: &str = "signed 8-bit integers";
const INT16: &str = "16-bit integers";
const UNSIGNED: &str = "unsigned integers of 32 or 64 bits";
const SMALL_FLOATS: &str = "8-bit floats";

/// The type of a storage's class, such as `FloatStorage`.
pub(super) fn of_storage(class: &str) -> Option<Kind> {
    Some(match class.strip_suffix("Storage")? {
        "Float" => Kind::Read(Element::F32),
        "Half" => Kind::Read(Element::F16),
        "BFloat16" => Kind::Read(Element::Bf16),
        "Double" => Kind::Read(Element::F64),
        "Long" => Kind::Read(Element::I64),
        "Int" => Kind::Read(Element::I32),
        "Byte" => Kind::Read(Element::U8),
        "Bool" => Kind::Read(Element::Bool),
        "Untyped" | "_Untyped" => Kind::Untyped,
        "Char" => Kind::Refused(1, INT8),
        "Short" => Kind::Refused(2, INT16),
        "ComplexFloat" => Kind::Refused(8, COMPLEX),
        "ComplexDouble" => Kind::Refused(16, COMPLEX),
        "QInt8" | "QUInt8" | "QUInt4x2" | "QUInt2x4" => Kind::Refused(1, QUANTISED),
        "QInt32" => Kind::Refused(4, QUANTISED),
        _ => return None,
    })
}

/// The type of a `torch.dtype`, such as `float32`.
pub(super) fn of_dtype(name: &str) -> Option<Kind> {
    Some(match name {
        "float32" | "float" => Kind::Read(Element::F32),
        "float16" | "half" => Kind::Read(Element::F16),
        "bfloat16" => Kind::Read(Element::Bf16),
        "float64" | "double" => Kind::Read(Element::F64),
        "int64" | "long" => Kind::Read(Element::I64),
        "int32" | "int" => Kind::Read(Element::I32),
        "uint8" => Kind::Read(Element::U8),
        "bool" => Kind::Read(Element::Bool),
        "int8" => Kind::Refused(1, INT8),
        "int16" | "short" | "uint16" => Kind::Refused(2, INT16),
        "uint32" => Kind::Refused(4, UNSIGNED),
        "uint64" => Kind::Refused(8, UNSIGNED),
        "complex32" => Kind::Refused(4, COMPLEX),
        "complex64" => Kind::Refused(8, COMPLEX),
        "complex128" => Kind::Refused(16, COMPLEX),
        "qint8" | "quint8" | "quint4x2" | "quint2x4" => Kind::Refused(1, QUANTISED),
        "qint32" => Kind::Refused(4, QUANTISED),
        _ if name.starts_with("float8") || name.starts_with("float4") => Kind::Refused(1, SMALL_FLOATS),
        _ => return None,
    })
}

/// The type of a safetensors `dtype`, such as `F32`.
pub(super) fn of_safetensors(name: &str) -> Option<Kind> {
    Some(match name {
        "F32" => Kind::Read(Element::F32),
        "F16" => Kind::Read(Element::F16),
        "BF16" => Kind::Read(Element::Bf16),
        "F64" => Kind::Read(Element::F64),
        "I64" => Kind::Read(Element::I64),
        "I32" => Kind::Read(Element::I32),
        "U8" => Kind::Read(Element::U8),
        "BOOL" => Kind::Read(Element::Bool),
        "I8" => Kind::Refused(1, INT8),
        "I16" | "U16" => Kind::Refused(2, INT16),
        "U32" => Kind::Refused(4, UNSIGNED),
        "U64" => Kind::Refused(8, UNSIGNED),
        "C64" => Kind::Refused(8, COMPLEX),
        _ if name.starts_with("F8") || name.starts_with("F4") || name.starts_with("F6") => {
            Kind::Refused(1, SMALL_FLOATS)
        }
        _ => return None,
    })
}
