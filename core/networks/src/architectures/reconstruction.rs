//! The ends of networks that work at the size of the picture: how their features become an enlarged picture.
//!
//! The forms are those of SwinIR (Liang et al., 2021), which many networks took over. The names of the tensors tell the form.

use super::graph::Size;
use super::{Graph, Misfit, Outcome, Value, Weights, channels_and_factor};

/// The slope of the leaky ReLU after `conv_before_upsample`, and of those between steps.
const FIRST_SLOPE: f32 = 0.01;
const SLOPE: f32 = 0.2;

/// How features become a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reconstruction {
    /// Steps of a convolution and a pixel shuffle, then a convolution.
    Shuffles,
    /// As `Shuffles`, by way of a small picture, and with the picture enlarged by interpolation added before the last convolution.
    Auxiliary,
    /// One convolution and one pixel shuffle.
    Direct,
    /// Steps of a nearest-neighbour enlargement and a convolution, then two convolutions.
    Nearest,
    /// A convolution, whose result is added to the picture.
    Residual,
}

impl Reconstruction {
    /// The form that the names of the tensors tell.
    pub(super) fn of(weights: &Weights<'_>) -> Self {
        match weights.has("conv_before_upsample.0.weight") {
            true if weights.has("conv_up1.weight") => Reconstruction::Nearest,
            true if weights.has("conv_aux.weight") => Reconstruction::Auxiliary,
            true => Reconstruction::Shuffles,
            false if weights.has("upsample.0.weight") => Reconstruction::Direct,
            false => Reconstruction::Residual,
        }
    }

    /// The form in words, for people.
    pub(super) fn words(self) -> &'static str {
        match self {
            Reconstruction::Shuffles => "pixel shuffle",
            Reconstruction::Auxiliary => "pixel shuffle beside interpolation",
            Reconstruction::Direct => "one pixel shuffle",
            Reconstruction::Nearest => "nearest neighbour and convolutions",
            Reconstruction::Residual => "residual",
        }
    }

    /// The channels of the picture that the network makes. `usual` are tried first where shapes leave a choice.
    pub(super) fn channels(self, weights: &Weights<'_>, usual: usize) -> Outcome<usize> {
        let last = if self == Reconstruction::Direct { "upsample.0.weight" } else { "conv_last.weight" };
        let [channels, ..] = weights.dimensions::<4>(last)?;
        if self == Reconstruction::Direct { Ok(channels_and_factor(channels, usual)?.0) } else { Ok(channels) }
    }

    /// Adds it to the network. `picture` is the network's input in its own range, and `size` its size before it was padded. Returns
    /// the result and how many times it is larger than the features.
    pub(super) fn build(
        self,
        graph: &mut Graph<'_>,
        features: &Value,
        picture: &Value,
        size: &Size,
    ) -> Outcome<(Value, usize)> {
        match self {
            Reconstruction::Shuffles => {
                let value = graph.convolution(features, "conv_before_upsample.0")?;
                let value = graph.leaky_relu(&value, FIRST_SLOPE);
                let (value, scale) = shuffles(graph, &value, "upsample")?;
                Ok((graph.convolution(&value, "conv_last")?, scale))
            }
            Reconstruction::Auxiliary => {
                let value = graph.convolution(features, "conv_before_upsample.0")?;
                let value = graph.leaky_relu(&value, FIRST_SLOPE);
                let value = graph.convolution(&value, "conv_aux")?;
                let value = graph.convolution(&value, "conv_after_aux.0")?;
                let value = graph.leaky_relu(&value, FIRST_SLOPE);
                let (value, scale) = shuffles(graph, &value, "upsample")?;
                let value = graph.cropped_to(&value, size, scale);
                // PyTorch's networks fit the padded picture into the size of the enlarged picture without padding.
                let enlarged = graph.bicubic(picture, size, scale);
                let enlarged = graph.convolution(&enlarged, "conv_bicubic")?;
                let value = graph.sum(&value, &enlarged);
                Ok((graph.convolution(&value, "conv_last")?, scale))
            }
            Reconstruction::Direct => {
                let squares = graph.convolution(features, "upsample.0")?;
                let (_, scale) = channels_and_factor(squares.channels, picture.channels)?;
                Ok((graph.shuffled(&squares, scale)?, scale))
            }
            Reconstruction::Nearest => {
                let value = graph.convolution(features, "conv_before_upsample.0")?;
                let mut value = graph.leaky_relu(&value, FIRST_SLOPE);
                let steps = (1..).take_while(|at| graph.weights.has(&format!("conv_up{at}.weight"))).count();
                if steps > 5 {
                    return Err(Misfit::contradiction(format!("it would enlarge {steps} times by 2")));
                }
                for step in 1..=steps {
                    value = graph.nearest(&value, 2);
                    value = graph.convolution(&value, &format!("conv_up{step}"))?;
                    value = graph.leaky_relu(&value, SLOPE);
                }
                value = graph.convolution(&value, "conv_hr")?;
                value = graph.leaky_relu(&value, SLOPE);
                Ok((graph.convolution(&value, "conv_last")?, 1 << steps))
            }
            Reconstruction::Residual => {
                let value = graph.convolution(features, "conv_last")?;
                if value.channels != picture.channels {
                    return Err(Misfit::contradiction(format!(
                        "it would add {} channels to a picture of {}",
                        value.channels, picture.channels
                    )));
                }
                Ok((graph.sum(picture, &value), 1))
            }
        }
    }
}

/// Steps of a convolution and a pixel shuffle: `name.0`, `name.2` and so on. Returns also how many times larger the result is.
pub(super) fn shuffles(graph: &mut Graph<'_>, features: &Value, name: &str) -> Outcome<(Value, usize)> {
    let (mut value, mut scale) = (features.clone(), 1usize);
    for at in (0..).step_by(2).take_while(|at| graph.weights.has(&format!("{name}.{at}.weight"))).take(6) {
        let squares = graph.convolution(&value, &format!("{name}.{at}"))?;
        let factor = squares.channels.checked_div(value.channels).unwrap_or(0).isqrt();
        let channels = value.channels;
        value = graph.shuffled(&squares, factor)?;
        if value.channels != channels {
            return Err(Misfit::contradiction(format!(
                "its step '{name}.{at}' turns {channels} channels into {}",
                value.channels
            )));
        }
        scale = scale.saturating_mul(factor);
    }
    Ok((value, scale))
}
