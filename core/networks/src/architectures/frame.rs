//! The frame of networks in the manner of SwinIR: padding, mean colour, first convolution, groups of blocks, and the picture's
//! reconstruction.
//!
//! Source: Liang et al., "SwinIR", 2021, whose names of tensors many networks took over. What is between the first and the last
//! convolution is up to the architecture.

use super::colour_range::{MEAN, number};
use super::graph::{EPSILON, Padding};
use super::reconstruction::Reconstruction;
use super::{Design, Graph, Misfit, Outcome, Reach, Value, Weights, channels_and_factor};

/// The tensor of positions that networks with a fixed size add to their tokens.
pub(super) const ABSOLUTE: &str = "absolute_pos_embed";

/// The largest side that a network may be bound to, or to multiples of.
const MAX_SIDE: usize = 1 << 14;

/// What an architecture says about its frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    /// The number that each side of the features must be a multiple of.
    pub(super) multiple: usize,
    /// The largest sample that the network works on, unless the training program says otherwise.
    pub(super) range: f32,
    /// How far a pixel of the output looks.
    pub(super) reach: Reach,
    /// Whether the convolution after the groups may be missing.
    pub(super) open_end: bool,
    /// Whether the network works around the mean colour and in its own range.
    pub(super) centred: bool,
    /// Whether pictures become as large as multiples by mirroring with the border repeated, instead of without.
    pub(super) repeats_border: bool,
}

impl Frame {
    /// The usual frame of a network whose features have sides that are multiples of a number.
    pub(super) fn new(multiple: usize, reach: Reach) -> Self {
        Frame { multiple, range: 1.0, reach, open_end: false, centred: true, repeats_border: false }
    }

    /// The largest sample that the network works on.
    fn range(self, weights: &Weights<'_>) -> f32 {
        number(weights, "img_range").unwrap_or_else(|| {
            if self.range != 1.0 {
                weights.assume(format!("samples up to {}", self.range));
            }
            self.range
        })
    }

    /// Builds a network. `body` makes planes of the first convolution's planes, up to the last convolution before their sum. It returns
    /// what it has, for people, too.
    pub(super) fn build(
        self,
        weights: &Weights<'_>,
        body: impl FnOnce(&mut Graph<'_>, &Value) -> Outcome<(Value, String)>,
    ) -> Outcome<Design> {
        let range = if self.centred { self.range(weights) } else { 1.0 };
        let reconstruction = Reconstruction::of(weights);
        let unshuffles = weights.has("conv_first.1.weight");
        let first = if unshuffles { "conv_first.1" } else { "conv_first" };
        let [features, channels_in, ..] = weights.dimensions::<4>(&format!("{first}.weight"))?;
        let (channels, factor) = if unshuffles {
            // The picture that the network makes has as many channels as the one that it takes.
            channels_and_factor(channels_in, reconstruction.channels(weights, 3)?)?
        } else {
            (channels_in, 1)
        };
        let times_factor = |side: usize| {
            side.checked_mul(factor)
                .filter(|side| *side <= MAX_SIDE)
                .ok_or_else(|| Misfit::contradiction(format!("it works on squares of {side} times {factor} pixels")))
        };
        let multiple = times_factor(self.multiple)?;
        let fixed = fixed_side(weights)?.map(times_factor).transpose()?;
        if fixed.is_some_and(|side| !side.is_multiple_of(multiple)) {
            return Err(Misfit::contradiction(format!("its only size is not a multiple of {multiple} pixels")));
        }

        let mut graph = Graph::new(weights);
        let picture = match fixed {
            Some(side) => graph.picture_of(channels, side)?,
            None => graph.picture(channels)?,
        };
        let size = graph.size(&picture);
        let padded = match fixed {
            Some(_) => picture,
            None if self.repeats_border => graph.mirrored_to(&picture, &size, multiple),
            None => graph.padded_to(&picture, &size, [multiple; 2], Padding::Reflection),
        };
        let colours = self.centred && channels == MEAN.len();
        let mut centred = padded;
        if colours {
            centred = graph.shifted_channels(&centred, &MEAN.map(|mean| -mean));
        }
        if range != 1.0 {
            centred = graph.scaled(&centred, range);
        }
        let shallow = match factor {
            1 => graph.convolution(&centred, first)?,
            _ => graph.unshuffled_convolution(&centred, first, factor)?,
        };
        let (deep, words) = body(&mut graph, &shallow)?;
        let deep = closing_convolution(&mut graph, &deep, "conv_after_body", self.open_end)?;
        let deep = graph.sum(&deep, &shallow);
        let (mut value, enlarged) = reconstruction.build(&mut graph, &deep, &centred, &size)?;
        if !enlarged.is_multiple_of(factor) {
            return Err(Misfit::contradiction(format!(
                "it would enlarge {enlarged} times a picture that was reduced {factor} times"
            )));
        }
        let scale = enlarged / factor;
        if range != 1.0 {
            value = graph.scaled(&value, 1.0 / range);
        }
        if colours && value.channels == MEAN.len() {
            value = graph.shifted_channels(&value, &MEAN);
        }
        let result = if fixed.is_some() { value } else { graph.cropped_to(&value, &size, scale) };
        Ok(Design {
            multiple: multiple as u32,
            minimum: (multiple / 2 + 1) as u32,
            fixed: fixed.map(|side| side as u32),
            reach: self.reach,
            ..Design::new(graph, &result, scale, format!("{features} features, {words}, {}", reconstruction.words()))?
        })
    }
}

/// The only side that a network with absolute positions accepts.
fn fixed_side(weights: &Weights<'_>) -> Outcome<Option<usize>> {
    if !weights.has(ABSOLUTE) {
        return Ok(None);
    }
    let [_, tokens, _] = weights.dimensions::<3>(ABSOLUTE)?;
    let side = tokens.isqrt();
    if side * side != tokens {
        return Err(Misfit::contradiction(format!("it has positions for {tokens} pixels, which are not a square")));
    }
    Ok(Some(side))
}

/// Tokens in the order of the picture, made of planes, after the norm and the absolute positions that a network may have.
pub(super) fn embedded(graph: &mut Graph<'_>, planes: &Value) -> Outcome<Value> {
    let tokens = graph.tokens(planes);
    let mut tokens = projected(graph, &tokens, "patch_embed.proj")?;
    if graph.weights.has("patch_embed.norm.weight") {
        tokens = graph.layer_norm(&tokens, "patch_embed.norm", EPSILON)?;
    }
    if graph.weights.has(ABSOLUTE) {
        let (positions, [_, rows, channels]) = graph.weights.values_of(ABSOLUTE, [1, 0, tokens.channels])?;
        let positions = Value { name: graph.floats(&[rows, channels], &positions), channels };
        tokens = graph.sum(&tokens, &positions);
    }
    Ok(tokens)
}

/// Tokens after the layer `name`, which most networks lack.
pub(super) fn projected(graph: &mut Graph<'_>, tokens: &Value, name: &str) -> Outcome<Value> {
    match graph.weights.has(&format!("{name}.weight")) {
        true => graph.linear_of_convolution(tokens, name),
        false => Ok(tokens.clone()),
    }
}

/// The convolution `name` that ends a group of blocks, or three convolutions with leaky ReLUs between them. If `optional`, it may be
/// missing.
pub(super) fn closing_convolution(graph: &mut Graph<'_>, planes: &Value, name: &str, optional: bool) -> Outcome<Value> {
    const SLOPE: f32 = 0.2;
    if !graph.weights.has(&format!("{name}.0.weight")) {
        return match optional && !graph.weights.has(&format!("{name}.weight")) {
            true => Ok(planes.clone()),
            false => graph.convolution(planes, name),
        };
    }
    let mut value = graph.convolution(planes, &format!("{name}.0"))?;
    for at in [2, 4] {
        value = graph.leaky_relu(&value, SLOPE);
        value = graph.convolution(&value, &format!("{name}.{at}"))?;
    }
    Ok(value)
}
