//! An operation: what it computes, from which values, and the size of its result.
//!
//! Pure data. An operation must never be added here that an engine cannot execute.

use enlarger::{Error, ErrorKind, Result};

use crate::size::Size;

use super::convolution_layers::{Convolution3x3, DirectConvolution};
use super::length::Length;

/// The largest side of a feature map. Up to it, sizes can be multiplied without overflow checks.
pub const LARGEST_SIDE: usize = 1 << 24;

/// The most rows or columns added at a border.
pub const MAX_PADDING: i64 = 1024;

/// The number of a value, which is a feature map.
pub type ValueId = usize;

/// What an operation computes.
#[derive(Clone, Debug, PartialEq)]
pub enum OperationKind {
    /// A 3×3 convolution. The residuals are added to its result, each times a factor.
    Convolution3x3 {
        /// The weights and what is done with each result.
        layer: Convolution3x3,
        /// The values that are added, and their factors.
        residuals: Vec<(ValueId, f32)>,
    },
    /// Any other convolution, including transposed ones.
    DirectConvolution(DirectConvolution),
    /// Repeats each pixel this often in both directions.
    Upsample(usize),
    /// Rearranges channels to pixels: `factor²` channels become a square of pixels.
    Shuffle(Shuffle),
    /// Adds rows above, columns left, rows below and columns right.
    Extend {
        /// What they show.
        border: Border,
        /// The rows above and the columns left.
        top_left: [usize; 2],
        /// The rows below and the columns right.
        bottom_right: [Length; 2],
    },
    /// Removes rows above, columns left, rows below and columns right.
    Crop([usize; 4]),
    /// Keeps this many rows and columns, after removing some above and left.
    Keep {
        /// The rows above and the columns left that are removed.
        top_left: [usize; 2],
        /// The most rows and columns that are kept.
        size: [Length; 2],
    },
    /// For each channel of the result, the index of an input and a channel of it.
    Gather(Vec<(usize, usize)>),
    /// A function of each sample.
    Map(Map),
    /// The sum of two feature maps, each times a factor. The second one may have a single pixel or a single channel,
    /// which is then used for all.
    Add([f32; 2]),
    /// The product of two feature maps, with the same exceptions.
    Multiply,
    /// The sum of one or two feature maps, times the sigmoid of the first one plus a number.
    Gate(f32),
    /// The mean of each channel, a feature map of one pixel.
    Mean,
}

/// What a picture is extended by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Border {
    /// Its mirror image, without repeating the edge itself.
    Mirror,
    /// Repetitions of the edge.
    Repeat,
}

impl Border {
    /// The row or column of a picture of this length that row or column `i` shows, after extending it by `before`.
    #[inline]
    pub fn source(self, i: usize, before: usize, length: usize) -> usize {
        let distance = i.abs_diff(before);
        match self {
            Border::Repeat if i < before => 0,
            Border::Repeat => distance.min(length - 1),
            Border::Mirror if i < before || distance < length => distance,
            Border::Mirror => 2 * (length - 1) - distance,
        }
    }
}

/// How channels are rearranged to pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shuffle {
    /// The side of the square, in pixels.
    pub factor: usize,
    /// Whether, in the order of the channels, the pixels of the square come before the channels (ONNX's DCR).
    pub pixels_first: bool,
}

impl Shuffle {
    /// The input's channel that becomes this channel of the result at this pixel of the square. `channels` is the
    /// number of channels of the result.
    #[inline]
    pub fn from(&self, channels: usize, channel: usize, y: usize, x: usize) -> usize {
        let pixel = y * self.factor + x;
        if self.pixels_first { pixel * channels + channel } else { channel * self.factor * self.factor + pixel }
    }
}

/// A function of each sample.
#[derive(Clone, Debug, PartialEq)]
pub enum Map {
    /// A factor and a summand for each channel.
    Affine(Vec<(f32, f32)>),
    /// What negative values are multiplied by, for each channel.
    Leaky(Vec<f32>),
    /// The least and the greatest value.
    Clip(f32, f32),
    /// The logistic function.
    Sigmoid,
    /// The hyperbolic tangent.
    Tanh,
    /// The square root.
    SquareRoot,
}

/// An operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// What it computes.
    pub kind: OperationKind,
    /// The blocks of a convolution's inputs follow one another. Where an input's channels do not fill its last block, the
    /// weights have channels for the rest of the block.
    pub inputs: Vec<ValueId>,
    /// The value that it computes.
    pub output: ValueId,
}

impl Operation {
    pub(super) fn is_convolution_3x3(&self) -> bool {
        matches!(self.kind, OperationKind::Convolution3x3 { .. })
    }

    /// Whether its result depends on the height of the picture in another way than row by row, so that it cannot begin
    /// before the height is known.
    pub fn needs_height(&self) -> bool {
        match &self.kind {
            OperationKind::Mean | OperationKind::Keep { .. } => true,
            OperationKind::Extend { bottom_right: [bottom, _], .. } => !matches!(bottom, Length::Number(_)),
            _ => false,
        }
    }

    /// All values that it reads: its inputs, then its residuals.
    pub fn values_read(&self) -> impl Iterator<Item = ValueId> {
        let residuals =
            if let OperationKind::Convolution3x3 { residuals, .. } = &self.kind { residuals.as_slice() } else { &[] };
        self.inputs.iter().copied().chain(residuals.iter().map(|(value, _)| *value))
    }

    /// The size of its result.
    ///
    /// # Errors
    /// `Inference` if the inputs are too small or do not fit together; `Memory` if the result is too large.
    pub fn size(&self, of: impl Fn(ValueId) -> Size) -> Result<Size> {
        let size = self.unbounded_size(of)?;
        if size.height.max(size.width) > LARGEST_SIDE {
            let Size { height, width } = size;
            let message = format!("the network computes {width}×{height} pixels for this tile; choose a smaller tile");
            return Err(Error::new(ErrorKind::Memory, message));
        }
        Ok(size)
    }

    fn unbounded_size(&self, of: impl Fn(ValueId) -> Size) -> Result<Size> {
        let first = of(self.inputs[0]);
        let other = |size: Size, values: &[ValueId]| values.iter().map(|value| of(*value)).find(|other| *other != size);
        if let (Some(size), false) =
            (other(first, &self.inputs), matches!(self.kind, OperationKind::Add(_) | OperationKind::Multiply))
        {
            return Err(mismatch(first, size));
        }
        match &self.kind {
            OperationKind::Convolution3x3 { layer, residuals } => {
                let [top, left, bottom, right] = layer.padding;
                let size = grown(first, [top + bottom, left + right], 2)?;
                let added: Vec<ValueId> = residuals.iter().map(|(value, _)| *value).collect();
                other(size, &added).map_or(Ok(size), |other| Err(mismatch(size, other)))
            }
            OperationKind::DirectConvolution(direct) => direct.size(first).ok_or_else(|| too_small(first)),
            OperationKind::Upsample(factor) => Ok(Size { height: first.height * factor, width: first.width * factor }),
            OperationKind::Shuffle(Shuffle { factor, .. }) => {
                Ok(Size { height: first.height * factor, width: first.width * factor })
            }
            OperationKind::Extend { border, top_left: [top, left], bottom_right } => {
                let side = |length: &Length| {
                    let side = length.of(&of).filter(|side| (0..=MAX_PADDING).contains(side));
                    side.map(|side| side as usize).ok_or_else(|| too_small(first))
                };
                let (bottom, right) = (side(&bottom_right[0])?, side(&bottom_right[1])?);
                let enough = first.height > *top.max(&bottom) && first.width > *left.max(&right);
                if enough || *border == Border::Repeat {
                    grown(first, [top + bottom, left + right], 0)
                } else {
                    Err(too_small(first))
                }
            }
            OperationKind::Keep { top_left: [top, left], size } => {
                let kept = |length: &Length, from: usize, all: usize| {
                    let kept = length.of(&of).and_then(|length| usize::try_from(length).ok());
                    // ONNX keeps what there is.
                    kept.map(|kept| kept.min(all.saturating_sub(from))).filter(|kept| *kept > 0)
                };
                match (kept(&size[0], *top, first.height), kept(&size[1], *left, first.width)) {
                    (Some(height), Some(width)) => Ok(Size { height, width }),
                    _ => Err(too_small(first)),
                }
            }
            OperationKind::Crop([top, left, bottom, right]) => {
                let (rows, columns) = (first.height.checked_sub(top + bottom), first.width.checked_sub(left + right));
                match (rows, columns) {
                    (Some(height @ 1..), Some(width @ 1..)) => Ok(Size { height, width }),
                    _ => Err(too_small(first)),
                }
            }
            OperationKind::Gather(_) | OperationKind::Map(_) | OperationKind::Gate(_) => Ok(first),
            OperationKind::Add(_) | OperationKind::Multiply => {
                let second = of(self.inputs[1]);
                let fits = second == first || second == Size { height: 1, width: 1 };
                if fits { Ok(first) } else { Err(mismatch(first, second)) }
            }
            OperationKind::Mean => Ok(Size { height: 1, width: 1 }),
        }
    }
}

/// A size with rows and columns added, minus `less` in both directions.
fn grown(size: Size, [rows, columns]: [usize; 2], less: usize) -> Result<Size> {
    let (height, width) = (size.height + rows, size.width + columns);
    if height > less && width > less {
        return Ok(Size { height: height - less, width: width - less });
    }
    Err(too_small(size))
}

fn too_small(size: Size) -> Error {
    let Size { height, width } = size;
    Error::new(
        ErrorKind::Inference,
        format!("{width}×{height} pixels are too few for an operation of this network; use larger tiles"),
    )
}

fn mismatch(a: Size, b: Size) -> Error {
    let message = format!(
        "the network combines {}×{} with {}×{} pixels; use tiles whose sides are multiples of the number in the manifest",
        a.width, a.height, b.width, b.height
    );
    Error::new(ErrorKind::Inference, message)
}
