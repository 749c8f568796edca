//! A picture that is held in memory.
//!
//! For formats whose decoders give the whole picture at once. It is decoded when the first row is asked for, so that
//! everything that can be refused is refused before; nothing else may hold a whole picture.

use enlarger::{Error, ErrorKind, Result};

use super::Rows;

type Load = Box<dyn FnOnce() -> Result<Vec<u8>>>;

/// Rows out of one buffer.
pub struct Held {
    load: Option<Load>,
    data: Vec<u8>,
    stride: usize,
}

impl Held {
    /// A picture of rows `stride` bytes long that `load` decodes.
    pub fn new(stride: usize, load: impl FnOnce() -> Result<Vec<u8>> + 'static) -> Self {
        Held { load: Some(Box::new(load)), data: Vec::new(), stride }
    }
}

impl Rows for Held {
    fn row(&mut self, y: u32) -> Result<&[u8]> {
        if let Some(load) = self.load.take() {
            self.data = load()?;
        }
        let start = y as usize * self.stride;
        self.data.get(start..start + self.stride).ok_or_else(|| {
            Error::new(ErrorKind::Internal, "a decoder gave fewer rows than it promised; please report this")
        })
    }
}
