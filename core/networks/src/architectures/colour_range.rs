//! The range of colours in which networks work, and the mean colour that they subtract.
//!
//! The authors of EDSR and RCAN keep the mean colour among the tensors; BasicSR and all others know it. What is subtracted before the
//! network must be added after it.

use super::{Graph, Outcome, Value, Weights};
use crate::checkpoints::Hyperparameter;

/// The mean colour of the training pictures (DIV2K), from 0 to 1.
pub(super) const MEAN: [f32; 3] = [0.4488, 0.4371, 0.4040];

/// White in the network's range, usually.
pub(super) const WHITE: f32 = 255.0;

/// The range and the mean colour.
#[derive(Clone, Copy, Debug)]
pub(super) struct ColourRange {
    white: f32,
    /// Whether the mean colour is among the tensors.
    stored: bool,
    /// Whether the usual mean colour is subtracted, which is not among the tensors.
    usual: bool,
}

impl ColourRange {
    /// The range of a network that takes pictures of so many channels. `stores`: whether the mean colour, if there is one, is among the
    /// tensors. Without it, white is `white` unless the training program says otherwise.
    pub(super) fn of(weights: &Weights<'_>, stores: bool, white: f32, channels: usize) -> Outcome<Self> {
        if stores && weights.has("sub_mean.weight") {
            let [count] = weights.dimensions::<1>("sub_mean.bias")?;
            let mean = weights.values("sub_mean.bias", &[count])?;
            let whole = mean.iter().any(|value| value.abs() > 1.0);
            return Ok(ColourRange { white: if whole { WHITE } else { 1.0 }, stored: true, usual: false });
        }
        let white = number(weights, "img_range").unwrap_or_else(|| {
            weights.assume(format!("samples up to {white}"));
            white
        });
        Ok(ColourRange { white, stored: false, usual: !stores && channels == MEAN.len() })
    }

    /// The picture in the network's range.
    pub(super) fn enter(self, graph: &mut Graph<'_>, picture: &Value) -> Outcome<Value> {
        let mut value = picture.clone();
        if self.usual {
            value = graph.shifted_channels(&value, &MEAN.map(|mean| -mean));
        }
        if self.white != 1.0 {
            value = graph.scaled(&value, self.white);
        }
        if self.stored { graph.convolution(&value, "sub_mean") } else { Ok(value) }
    }

    /// The network's result in the range of pictures.
    pub(super) fn leave(self, graph: &mut Graph<'_>, result: &Value) -> Outcome<Value> {
        let mut value = if self.stored { graph.convolution(result, "add_mean")? } else { result.clone() };
        if self.white != 1.0 {
            value = graph.scaled(&value, 1.0 / self.white);
        }
        Ok(if self.usual { graph.shifted_channels(&value, &MEAN) } else { value })
    }
}

/// A positive number that the training program tells.
pub(super) fn number(weights: &Weights<'_>, key: &str) -> Option<f32> {
    let told = match weights.hyperparameter(key)? {
        Hyperparameter::Integer(number) => *number as f32,
        Hyperparameter::Float(number) => *number as f32,
        _ => return None,
    };
    (told.is_finite() && told > 0.0).then_some(told)
}
