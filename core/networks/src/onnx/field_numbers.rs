//! The numbers of fields in the ONNX format, by message.

pub(super) mod model {
    pub(crate) const IR_VERSION: u64 = 1;
    pub(crate) const PRODUCER: u64 = 2;
    pub(crate) const GRAPH: u64 = 7;
    pub(crate) const OPSET: u64 = 8;
    pub(crate) const METADATA: u64 = 14;
    pub(crate) const FUNCTION: u64 = 25;
}

pub(super) mod opset {
    pub(crate) const DOMAIN: u64 = 1;
    pub(crate) const VERSION: u64 = 2;
}

/// Pairs of strings: metadata, and the location of external data.
pub(super) mod entry {
    pub(crate) const KEY: u64 = 1;
    pub(crate) const VALUE: u64 = 2;
}

pub(super) mod graph {
    pub(crate) const NODE: u64 = 1;
    pub(crate) const NAME: u64 = 2;
    pub(crate) const TENSOR: u64 = 5;
    pub(crate) const INPUT: u64 = 11;
    pub(crate) const OUTPUT: u64 = 12;
    pub(crate) const SPARSE_TENSOR: u64 = 15;
}

pub(super) mod node {
    pub(crate) const INPUT: u64 = 1;
    pub(crate) const OUTPUT: u64 = 2;
    pub(crate) const NAME: u64 = 3;
    pub(crate) const KIND: u64 = 4;
    pub(crate) const ATTRIBUTE: u64 = 5;
    pub(crate) const DOMAIN: u64 = 7;
}

pub(super) mod attribute {
    pub(crate) const NAME: u64 = 1;
    pub(crate) const FLOAT: u64 = 2;
    pub(crate) const INTEGER: u64 = 3;
    pub(crate) const TEXT: u64 = 4;
    pub(crate) const TENSOR: u64 = 5;
    pub(crate) const GRAPH: u64 = 6;
    pub(crate) const INTEGERS: u64 = 8;
    pub(crate) const GRAPHS: u64 = 11;
    pub(crate) const TYPE: u64 = 20;
    // Values of the field TYPE.
    pub(crate) const TYPE_FLOAT: i64 = 1;
    pub(crate) const TYPE_INTEGER: i64 = 2;
    pub(crate) const TYPE_TEXT: i64 = 3;
    pub(crate) const TYPE_INTEGERS: i64 = 7;
}

pub(super) mod tensor {
    pub(crate) const DIMENSION: u64 = 1;
    pub(crate) const TYPE: u64 = 2;
    pub(crate) const FLOATS: u64 = 4;
    pub(crate) const INT32S: u64 = 5;
    pub(crate) const STRINGS: u64 = 6;
    pub(crate) const INT64S: u64 = 7;
    pub(crate) const NAME: u64 = 8;
    pub(crate) const RAW: u64 = 9;
    pub(crate) const DOUBLES: u64 = 10;
    pub(crate) const UINT64S: u64 = 11;
    pub(crate) const EXTERNAL: u64 = 13;
    pub(crate) const LOCATION: u64 = 14;
}

/// The name and type of an input or output.
pub(super) mod value {
    pub(crate) const NAME: u64 = 1;
    pub(crate) const TYPE: u64 = 2;
    pub(crate) const TYPE_TENSOR: u64 = 1;
    pub(crate) const ELEMENT: u64 = 1;
    pub(crate) const SHAPE: u64 = 2;
    pub(crate) const SHAPE_DIMENSION: u64 = 1;
    pub(crate) const DIMENSION_LENGTH: u64 = 1;
    pub(crate) const DIMENSION_NAME: u64 = 2;
}
