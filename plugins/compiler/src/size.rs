//! The size of a feature map.

/// Height and width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// The number of rows.
    pub height: usize,
    /// The number of columns.
    pub width: usize,
}
