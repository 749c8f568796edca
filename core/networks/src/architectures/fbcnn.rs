//! FBCNN: a U-net that removes the blocks of JPEG, as strongly as the quality requires that it estimates or is told.
//!
//! Source: Jiang et al., "Towards Flexible Blind JPEG Artifacts Removal", 2021. Its own measure is 1 − quality / 100, so the input
//! `noise_level` is that: more removes more. At −1, the default, the network estimates the quality of the whole picture.

use super::graph::Padding;
use super::unet::{LEVELS, MULTIPLE, blocks, down, residual, up};
use super::{Design, Graph, NoiseRange, Outcome, Reach, Value, Weights};

/// From quality 95 to quality 10, the range of its training. −1 selects the network's own estimate.
const QUALITY: NoiseRange = NoiseRange { minimum: 0.05, maximum: 0.9, default: -1.0 };

pub(super) fn claims(weights: &Weights<'_>) -> bool {
    weights.has("m_head.weight") && weights.has("qf_pred.0.res.0.weight")
}

pub(super) fn build(weights: &Weights<'_>, _: usize) -> Outcome<Design> {
    let [features, channels, ..] = weights.dimensions::<4>("m_head.weight")?;
    let mut graph = Graph::new(weights);
    let picture = graph.picture(channels)?;
    let size = graph.size(&picture);
    let extended = graph.extended(&picture, 0, MULTIPLE, Padding::Repetition);
    let mut levels = vec![graph.convolution(&extended, "m_head")?];
    for level in 1..=LEVELS {
        let above = &levels[level - 1];
        levels.push(down(&mut graph, above, &format!("m_down{level}"))?);
    }
    let (encoded, count) = blocks(&mut graph, &levels[LEVELS], "m_body_encoder", 0)?;
    let estimate = estimate(&mut graph, &encoded)?;
    let level = graph.level_or(&estimate);
    let mut embedded = level;
    for layer in [0, 2, 4] {
        embedded = graph.pixelwise(&embedded, &format!("qf_embed.{layer}"))?;
        embedded = graph.relu(&embedded);
    }
    let (mut value, _) = blocks(&mut graph, &encoded, "m_body_decoder", 0)?;
    for level in (1..=LEVELS).rev() {
        let name = format!("m_up{level}");
        let gain = graph.pixelwise(&embedded, &format!("to_gamma_{level}.0"))?;
        let gain = graph.sigmoid(&gain);
        let shift = graph.pixelwise(&embedded, &format!("to_beta_{level}.0"))?;
        let shift = graph.tanh(&shift);
        let sum = graph.sum(&value, &levels[level]);
        let (large, first) = up(&mut graph, &sum, &name)?;
        value = large;
        let count = (first..).take_while(|at| weights.has(&format!("{name}.{at}.res.0.weight"))).count();
        for at in first..first + count {
            let change = residual(&mut graph, &value, &format!("{name}.{at}"))?;
            let weighed = graph.product(&change, &gain);
            let moved = graph.sum(&weighed, &shift);
            value = graph.sum(&value, &moved);
        }
    }
    let sum = graph.sum(&value, &levels[0]);
    let result = graph.convolution(&sum, "m_tail")?;
    let result = graph.cropped_to(&result, &size, 1);
    Ok(Design {
        reach: Reach::Whole,
        noise: Some(QUALITY),
        ..Design::new(graph, &result, 1, format!("{features} features, {count} blocks"))?
    })
}

/// The network's own estimate of 1 − quality / 100, one value.
fn estimate(graph: &mut Graph<'_>, encoded: &Value) -> Outcome<Value> {
    let (value, count) = blocks(graph, encoded, "qf_pred", 0)?;
    let mut value = graph.mean(&value);
    // A mean and a flattening hold a number each.
    let first = count + 2;
    for layer in [first, first + 2, first + 4] {
        value = graph.pixelwise(&value, &format!("qf_pred.{layer}"))?;
        if layer < first + 4 {
            value = graph.relu(&value);
        }
    }
    Ok(graph.sigmoid(&value))
}
