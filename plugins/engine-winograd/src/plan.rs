//! A plan: the steps that a network was compiled to, in running order.
//!
//! Pure data. Sizes are not in it, because a tile can have any; each step says what it makes of a size. It must never
//! hold a step that the executor cannot run.

use enlarger::{Error, ErrorKind, Result};

use crate::convolution::Convolution;
use crate::direct::Direct;
use crate::filter::Weights;
use crate::kernels::plane::Size;

/// Sides beyond this are a mistake; up to it, sizes can be multiplied without a care.
pub(crate) const LARGEST_SIDE: usize = 1 << 24;

/// Number of a value: a picture of activations.
pub(crate) type ValueId = usize;

/// What a step does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Op {
    /// 3×3 taps. What is added to the result after that, with its factor.
    Convolution { layer: Convolution, residuals: Vec<(ValueId, f32)> },
    /// Any other convolution, or a transposed one.
    Direct(Direct),
    /// Repeats each pixel this often in both directions.
    Upsample(usize),
    /// Channels become pixels: `factor²` channels a square of pixels.
    Shuffle(Shuffle),
    /// Mirrored rows above, columns left, rows below, columns right. The edge itself is not repeated.
    Mirror([usize; 4]),
    /// Takes rows above, columns left, rows below, columns right away.
    Crop([usize; 4]),
    /// For each channel of the result, the input and the channel that it is.
    Gather(Vec<(usize, usize)>),
    /// Something pixel by pixel and channel by channel.
    Map(Map),
    /// The sum of two pictures; the second may be one pixel, or one channel, that counts for all.
    Add,
    /// The product of two pictures, likewise.
    Multiply,
    /// The mean of each channel: a picture of one pixel.
    Mean,
}

/// How channels become pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shuffle {
    pub(crate) factor: usize,
    /// Whether the square's pixels come before the channels in the order of channels (ONNX's DCR).
    pub(crate) pixels_first: bool,
}

impl Shuffle {
    /// The input's channel for a channel of the result and a pixel of the square; `channels` are the result's.
    pub(crate) fn from(&self, channels: usize, channel: usize, y: usize, x: usize) -> usize {
        let pixel = y * self.factor + x;
        if self.pixels_first { pixel * channels + channel } else { channel * self.factor * self.factor + pixel }
    }
}

/// What becomes of a value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Map {
    /// Factor and summand of each channel.
    Affine(Vec<(f32, f32)>),
    /// What negative values are multiplied by, for each channel.
    Leaky(Vec<f32>),
    /// Least and greatest value.
    Clip(f32, f32),
    Sigmoid,
}

/// A step.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step {
    pub(crate) op: Op,
    /// The channels of all of them, after one another. All but the last have whole blocks of channels where there are
    /// several, except for [`Op::Gather`].
    pub(crate) inputs: Vec<ValueId>,
    pub(crate) output: ValueId,
}

/// How the last value becomes the network's output.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Emit {
    pub(crate) from: ValueId,
    pub(crate) shuffle: Shuffle,
    /// Added to it: a value whose pixels are repeated this often.
    pub(crate) base: Option<(ValueId, usize)>,
    pub(crate) clip: Option<(f32, f32)>,
    pub(crate) channels: usize,
}

/// An input of the network: its name, and the value that it becomes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Given {
    pub(crate) name: String,
    pub(crate) value: ValueId,
}

/// A plan.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plan {
    pub(crate) inputs: Vec<Given>,
    pub(crate) steps: Vec<Step>,
    pub(crate) emit: Emit,
    /// The channels of each value.
    pub(crate) channels: Vec<usize>,
}

impl Plan {
    /// How many convolutions of 3×3 taps there are.
    pub(crate) fn convolutions(&self) -> usize {
        self.steps.iter().filter(|step| matches!(step.op, Op::Convolution { .. })).count()
    }

    /// How many of them come before the network enlarges anything.
    pub(crate) fn small_convolutions(&self) -> usize {
        let steps = self.steps.iter().take_while(|step| !matches!(step.op, Op::Upsample(_) | Op::Shuffle(_)));
        steps.filter(|step| matches!(step.op, Op::Convolution { .. })).count()
    }

    /// The same without the weights of its convolutions, for those who have them in another form.
    pub(crate) fn without_weights(&self) -> Plan {
        let op = |op: &Op| match op {
            Op::Convolution { layer: Convolution { weights, bias, slopes, padding }, residuals } => {
                let weights = Weights { taps: Vec::new(), ..*weights };
                let layer = Convolution { weights, bias: bias.clone(), slopes: slopes.clone(), padding: *padding };
                Op::Convolution { layer, residuals: residuals.clone() }
            }
            other => other.clone(),
        };
        let step = |step: &Step| Step { op: op(&step.op), inputs: step.inputs.clone(), output: step.output };
        Plan {
            inputs: self.inputs.clone(),
            steps: self.steps.iter().map(step).collect(),
            emit: self.emit.clone(),
            channels: self.channels.clone(),
        }
    }
}

impl Step {
    /// All values that it reads.
    pub(crate) fn reads(&self) -> impl Iterator<Item = ValueId> {
        let residuals = if let Op::Convolution { residuals, .. } = &self.op { residuals.as_slice() } else { &[] };
        self.inputs.iter().copied().chain(residuals.iter().map(|(value, _)| *value))
    }

    /// The size of its result.
    ///
    /// # Errors
    /// `Inference` for inputs that are too small, or do not fit together; `Memory` for a result beyond all bounds.
    pub(crate) fn size(&self, of: impl Fn(ValueId) -> Size) -> Result<Size> {
        let size = self.unbounded_size(of)?;
        if size.height.max(size.width) > LARGEST_SIDE {
            let sentence =
                format!("a step of this network makes {}×{} pixels; choose a smaller tile", size.width, size.height);
            return Err(Error::new(ErrorKind::Memory, sentence));
        }
        Ok(size)
    }

    fn unbounded_size(&self, of: impl Fn(ValueId) -> Size) -> Result<Size> {
        let first = of(self.inputs[0]);
        let other = |size: Size, values: &[ValueId]| values.iter().map(|value| of(*value)).find(|other| *other != size);
        if let (Some(size), false) = (other(first, &self.inputs), matches!(self.op, Op::Add | Op::Multiply)) {
            return Err(mismatch(first, size));
        }
        match &self.op {
            Op::Convolution { layer, residuals } => {
                let [top, left, bottom, right] = layer.padding;
                let size = grown(first, [top + bottom, left + right], 2)?;
                let added: Vec<ValueId> = residuals.iter().map(|(value, _)| *value).collect();
                other(size, &added).map_or(Ok(size), |other| Err(mismatch(size, other)))
            }
            Op::Direct(direct) => direct.size(first).ok_or_else(|| small(first)),
            Op::Upsample(factor) => Ok(Size { height: first.height * factor, width: first.width * factor }),
            Op::Shuffle(Shuffle { factor, .. }) => {
                Ok(Size { height: first.height * factor, width: first.width * factor })
            }
            Op::Mirror([top, left, bottom, right]) => {
                let enough = first.height > *top.max(bottom) && first.width > *left.max(right);
                if enough { grown(first, [top + bottom, left + right], 0) } else { Err(small(first)) }
            }
            Op::Crop([top, left, bottom, right]) => {
                let (rows, columns) = (first.height.checked_sub(top + bottom), first.width.checked_sub(left + right));
                match (rows, columns) {
                    (Some(height @ 1..), Some(width @ 1..)) => Ok(Size { height, width }),
                    _ => Err(small(first)),
                }
            }
            Op::Gather(_) | Op::Map(_) => Ok(first),
            Op::Add | Op::Multiply => {
                let second = of(self.inputs[1]);
                let fits = second == first || second == Size { height: 1, width: 1 };
                if fits { Ok(first) } else { Err(mismatch(first, second)) }
            }
            Op::Mean => Ok(Size { height: 1, width: 1 }),
        }
    }
}

/// A size with something added to it and `less` taken away from both sides.
fn grown(size: Size, [rows, columns]: [usize; 2], less: usize) -> Result<Size> {
    let (height, width) = (size.height + rows, size.width + columns);
    if height > less && width > less {
        return Ok(Size { height: height - less, width: width - less });
    }
    Err(small(size))
}

fn small(size: Size) -> Error {
    let Size { height, width } = size;
    Error::new(
        ErrorKind::Inference,
        format!("{width}×{height} pixels are too few for a step of this network; use larger tiles"),
    )
}

fn mismatch(a: Size, b: Size) -> Error {
    let sentence = format!(
        "the network puts pictures of {}×{} and {}×{} pixels together; use tiles whose sides are multiples of what the manifest says",
        a.width, a.height, b.width, b.height
    );
    Error::new(ErrorKind::Inference, sentence)
}
