//! Writes protobuf messages.
//!
//! The same calls always give the same bytes, because model files are identified by their SHA-256.

use super::read::Value;

/// A protobuf message under construction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    bytes: Vec<u8>,
}

impl Message {
    /// An empty message.
    pub fn new() -> Self {
        Message::default()
    }

    /// The encoded bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The encoded bytes, without a copy.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Appends a varint.
    pub fn number(&mut self, field: u64, value: i64) -> &mut Self {
        self.varint(field << 3);
        self.varint(value as u64);
        self
    }

    /// Appends a 32-bit float.
    pub fn float(&mut self, field: u64, value: f32) -> &mut Self {
        self.varint(field << 3 | 5);
        self.bytes.extend(value.to_le_bytes());
        self
    }

    /// Appends bytes.
    pub fn field(&mut self, field: u64, bytes: &[u8]) -> &mut Self {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// Appends a string.
    pub fn text(&mut self, field: u64, text: &str) -> &mut Self {
        self.field(field, text.as_bytes())
    }

    /// Appends a message.
    pub fn message(&mut self, field: u64, message: &Message) -> &mut Self {
        self.field(field, &message.bytes)
    }

    /// Appends the fields of another message to this one.
    pub fn append(&mut self, fields: &Message) -> &mut Self {
        self.raw(&fields.bytes)
    }

    /// Appends fields that are already encoded.
    pub(crate) fn raw(&mut self, fields: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(fields);
        self
    }

    /// Appends a field with a value that was read from another message.
    pub fn value(&mut self, field: u64, value: Value<'_>) -> &mut Self {
        match value {
            Value::Number(number) => return self.number(field, number as i64),
            Value::Bytes(bytes) => return self.field(field, bytes),
            Value::Fixed(bits) => {
                self.varint(field << 3 | 5);
                self.bytes.extend(bits.to_le_bytes());
            }
            Value::Long(bits) => {
                self.varint(field << 3 | 1);
                self.bytes.extend(bits.to_le_bytes());
            }
        }
        self
    }

    /// Appends packed numbers.
    pub fn numbers(&mut self, field: u64, values: &[i64]) -> &mut Self {
        let mut packed = Message::new();
        values.iter().for_each(|value| packed.varint(*value as u64));
        self.field(field, &packed.bytes)
    }

    /// Appends packed floats.
    pub fn floats(&mut self, field: u64, values: &[f32]) -> &mut Self {
        self.varint(field << 3 | 2);
        self.varint(4 * values.len() as u64);
        values.iter().for_each(|value| self.bytes.extend(value.to_le_bytes()));
        self
    }

    fn varint(&mut self, mut value: u64) {
        while value > 0x7f {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }
}
