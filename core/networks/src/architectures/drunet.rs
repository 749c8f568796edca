//! DRUNet: a U-net of residual blocks that removes noise of a level that it is told.
//!
//! Source: Zhang et al., "Plug-and-Play Image Restoration with Deep Denoiser Prior", 2021.

use super::dncnn::NOISE;
use super::unet::{LEVELS, MULTIPLE, blocks, down, up};
use super::{Design, Graph, Misfit, Outcome, Weights};

pub(super) fn claims(weights: &Weights<'_>) -> bool {
    weights.has("m_head.weight") && weights.has_any("m_body.")
}

pub(super) fn build(weights: &Weights<'_>, _: usize) -> Outcome<Design> {
    let [features, channels_in, ..] = weights.dimensions::<4>("m_head.weight")?;
    let [channels, ..] = weights.dimensions::<4>("m_tail.weight")?;
    let takes_level = channels_in == channels + 1;
    if !takes_level && channels_in != channels {
        return Err(Misfit::contradiction(format!("it turns {channels_in} channels into {channels}")));
    }
    let mut graph = Graph::new(weights);
    let picture = graph.picture(channels)?;
    let input = if takes_level { graph.with_noise_plane(&picture) } else { picture };
    let mut levels = vec![graph.convolution(&input, "m_head")?];
    for level in 1..=LEVELS {
        let above = &levels[level - 1];
        levels.push(down(&mut graph, above, &format!("m_down{level}"))?);
    }
    let (mut value, count) = blocks(&mut graph, &levels[LEVELS], "m_body", 0)?;
    for level in (1..=LEVELS).rev() {
        let name = format!("m_up{level}");
        let sum = graph.sum(&value, &levels[level]);
        let (large, first) = up(&mut graph, &sum, &name)?;
        (value, _) = blocks(&mut graph, &large, &name, first)?;
    }
    let sum = graph.sum(&value, &levels[0]);
    let result = graph.convolution(&sum, "m_tail")?;
    Ok(Design {
        multiple: MULTIPLE as u32,
        minimum: MULTIPLE as u32,
        noise: takes_level.then_some(NOISE),
        ..Design::new(graph, &result, 1, format!("{features} features, {count} blocks"))?
    })
}
