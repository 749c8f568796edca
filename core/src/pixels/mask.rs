//! A mask: a picture that says how much of the network's work each pixel of the source gets.
//!
//! Its values are data, not colours: they are taken as they are stored, without a profile. A mask is as large as the source, and
//! may be larger than memory: each run opens it anew and reads its rows once.

use std::fmt;
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};
use crate::geometry::Size;
use crate::machine::memory;
use crate::pixels::format::Format;
use crate::pixels::rows::Source;
use crate::pixels::view::View;

/// What white in a mask stands for. Black stands for the opposite, and gray for a part of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MaskWhite {
    /// The network's work is used only there.
    #[default]
    Apply,
    /// What is there is protected from the network.
    Protect,
}

impl MaskWhite {
    /// The id: apply or protect.
    pub fn id(self) -> &'static str {
        match self {
            MaskWhite::Apply => "apply",
            MaskWhite::Protect => "protect",
        }
    }
}

/// Opens the rows of a mask, from the first on.
type Open = dyn Fn() -> Result<Box<dyn Source>> + Send + Sync;

/// How much of the network's work each pixel of a source gets, as a picture of the source's size: gray, or the luminance of
/// a picture in colour. Alpha is not used.
#[derive(Clone)]
pub struct Mask {
    size: Size,
    open: Arc<Open>,
}

impl Mask {
    /// A mask whose rows `open` gives. Each run calls it once, on the thread of the run; it must give a picture of this size.
    pub fn new(size: Size, open: impl Fn() -> Result<Box<dyn Source>> + Send + Sync + 'static) -> Self {
        Mask { size, open: Arc::new(open) }
    }

    /// A mask with a copy of these pixels.
    ///
    /// # Errors
    /// `Memory` if there is not enough for the copy.
    pub fn copy(view: View<'_>) -> Result<Self> {
        Self::read(view.size(), view.format(), |y, row| {
            row.copy_from_slice(view.row(y));
            Ok(())
        })
    }

    /// A mask in memory, whose rows `read` fills in, from the first to the last.
    ///
    /// # Errors
    /// `Memory` if there is not enough for its pixels, and the errors of `read`.
    pub fn read(size: Size, format: Format, mut read: impl FnMut(u32, &mut [u8]) -> Result<()>) -> Result<Self> {
        size.check()?;
        let length = format.row_size(size.width);
        let too_large = || Error::new(ErrorKind::Memory, format!("a mask of {size} pixels does not fit into memory"));
        let bytes = length.checked_mul(size.height as usize).ok_or_else(too_large)?;
        let mut bytes = memory::zeros(bytes)?;
        for (y, row) in (0..).zip(bytes.chunks_exact_mut(length)) {
            read(y, row)?;
        }
        let bytes = Arc::new(bytes);
        Ok(Mask::new(size, move || Ok(Box::new(InMemory { size, format, bytes: bytes.clone() }))))
    }

    /// The size in pixels.
    pub fn size(&self) -> Size {
        self.size
    }

    /// Its rows, from the first on.
    ///
    /// # Errors
    /// Those of what makes them; `Argument` if the size is another one now.
    pub fn open(&self) -> Result<Box<dyn Source>> {
        let source = (self.open)()?;
        if source.size() != self.size {
            let message = format!("the mask had {} pixels and has {} now; start again", self.size, source.size());
            return Err(Error::new(ErrorKind::Argument, message));
        }
        Ok(source)
    }

    /// Checks that it fits a source of this size.
    pub(crate) fn check(&self, source: Size) -> Result<()> {
        if self.size == source {
            return Ok(());
        }
        let message = format!(
            "the mask has {} pixels and the picture {source}; give a mask of the picture's size, also for a part of the picture",
            self.size
        );
        Err(Error::new(ErrorKind::Argument, message))
    }
}

impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mask({})", self.size)
    }
}

/// Whether they are the same mask, not whether two masks have the same pixels.
impl PartialEq for Mask {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.open, &other.open)
    }
}

struct InMemory {
    size: Size,
    format: Format,
    bytes: Arc<Vec<u8>>,
}

impl Source for InMemory {
    fn size(&self) -> Size {
        self.size
    }

    fn format(&self) -> Format {
        self.format
    }

    fn read(&mut self, x: u32, y: u32, row: &mut [u8]) -> Result<()> {
        let start = y as usize * self.format.row_size(self.size.width) + self.format.row_size(x);
        row.copy_from_slice(&self.bytes[start..start + row.len()]);
        Ok(())
    }
}
