//! Compact, also known as SRVGGNetCompact: convolutions of one width, and the sum with the picture.
//!
//! Source: Real-ESRGAN's "general" and "animevideo" networks (Wang et al., 2021).

use super::{Design, Graph, Misfit, Outcome, Weights, channels_and_factor};
use crate::checkpoints::Hyperparameter;

/// The slope of the leaky ReLU that networks without slopes of their own may have.
const LEAKY: f32 = 0.1;

pub(super) fn claims(weights: &Weights<'_>) -> bool {
    weights.has("body.0.weight")
        && weights
            .names()
            .all(|name| name.strip_prefix("body.").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())))
}

/// Without slopes in the checkpoint, the activation may be a ReLU or a leaky one.
pub(super) fn build(weights: &Weights<'_>, alternative: usize) -> Outcome<Design> {
    let layer = |at: usize| format!("body.{at}");
    let last = (0..)
        .step_by(2)
        .take_while(|at| weights.has(&format!("body.{at}.weight")))
        .last()
        .ok_or_else(|| Misfit::Missing("body.0.weight".into()))?;
    let [features, channels, ..] = weights.dimensions::<4>("body.0.weight")?;
    let [squares, ..] = weights.dimensions::<4>(&format!("body.{last}.weight"))?;
    let (made, scale) = channels_and_factor(squares, channels)?;
    let parametric = weights.has("body.1.weight");

    let mut graph = Graph::new(weights);
    let picture = graph.picture(channels)?;
    let mut value = picture.clone();
    for at in (0..last).step_by(2) {
        value = graph.convolution(&value, &layer(at))?;
        value = match (parametric, alternative) {
            (true, _) => graph.parametric_relu(&value, &format!("body.{}.weight", at + 1))?,
            (false, 0) => graph.relu(&value),
            (false, _) => graph.leaky_relu(&value, LEAKY),
        };
    }
    value = graph.convolution(&value, &layer(last))?;
    value = graph.shuffled(&value, scale)?;
    let adds_picture = weights.hyperparameter("learn_residual") != Some(&Hyperparameter::Boolean(false));
    if made == channels && adds_picture {
        let base = graph.nearest(&picture, scale);
        value = graph.sum(&value, &base);
    }
    Ok(Design {
        alternatives: if parametric { 1 } else { 2 },
        ..Design::new(graph, &value, scale, format!("{features} features, {} convolutions", last / 2 + 1))?
    })
}
