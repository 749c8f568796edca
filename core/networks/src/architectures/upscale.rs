//! The part that enlarges in many architectures: convolutions, each followed by a pixel shuffle.
//!
//! It is shared because their checkpoints number it alike. What comes before and after it is each architecture's own.

use super::{Graph, Misfit, Outcome, Value};

/// The value enlarged by the convolutions `name.0`, `name.2`, … and by what factor. Without any, the value itself.
pub(super) fn upscaled(graph: &mut Graph<'_>, input: &Value, name: &str) -> Outcome<(Value, usize)> {
    let (mut value, mut scale) = (input.clone(), 1);
    for step in (0..).step_by(2).take(MAX_STEPS) {
        let layer = format!("{name}.{step}");
        if !graph.weights.has(&format!("{layer}.weight")) {
            break;
        }
        let many = graph.convolution(&value, &layer)?;
        let factor = (many.channels / value.channels.max(1)).isqrt();
        if factor * factor * value.channels != many.channels {
            return Err(Misfit::contradiction(format!(
                "'{layer}' makes {} channels of {}",
                many.channels, value.channels
            )));
        }
        value = graph.shuffled(&many, factor)?;
        scale *= factor;
    }
    Ok((value, scale))
}

/// More steps would enlarge more than anyone needs.
const MAX_STEPS: usize = 5;
