//! A picture held in memory, for formats whose decoders give the whole picture at once.
//!
//! It is decoded when the first row is asked for, so that a picture can be refused before the work starts. Apart from EXR's
//! planes, only this type holds a whole source picture.

use enlarger::{Error, ErrorKind, Result};

use super::source::RowReader;

type Load = Box<dyn FnOnce() -> Result<Vec<u8>>>;

/// Gives rows out of one buffer.
pub struct InMemory {
    load: Option<Load>,
    data: Vec<u8>,
    stride: usize,
}

impl InMemory {
    /// A picture that `load` decodes into rows of `stride` bytes.
    pub fn new(stride: usize, load: impl FnOnce() -> Result<Vec<u8>> + 'static) -> Self {
        InMemory { load: Some(Box::new(load)), data: Vec::new(), stride }
    }
}

impl RowReader for InMemory {
    fn row(&mut self, y: u32) -> Result<&[u8]> {
        if let Some(load) = self.load.take() {
            self.data = load()?;
        }
        let start = y as usize * self.stride;
        self.data.get(start..start + self.stride).ok_or_else(|| {
            Error::new(
                ErrorKind::Internal,
                "the decoder gave fewer rows than the file's header states; please report this",
            )
        })
    }
}
