//! ESRGAN: dense blocks in residual blocks in a residual trunk (RRDB), then nearest-neighbour steps by two.
//!
//! Source: Wang et al., "ESRGAN", 2018, and the variants of Real-ESRGAN (a pixel unshuffle before the network) and ESRGAN+ (Rakotonirina
//! and Rasoanaivo, 2020: a 1×1 shortcut in each dense block).

use super::{Design, Graph, Misfit, Outcome, Value, Weights};

/// The slope of its leaky ReLUs, and the factor of what each block adds.
pub(super) const SLOPE: f32 = 0.2;
const RESIDUAL: f32 = 0.2;

/// The names of the tensors in one of the three spellings that are in use.
struct Spelling {
    first: &'static str,
    /// The prefix of a block, with `{}` for its number.
    block: &'static str,
    dense: &'static str,
    /// What follows the name of a dense block's convolution.
    inner: &'static str,
    /// The convolution after the blocks, with `{}` for their number.
    trunk: &'static str,
    up: fn(usize) -> String,
    /// The last two convolutions, given the number of steps.
    last: fn(usize) -> [String; 2],
}

/// The file's words for what ESRGAN calls model, RRDB_trunk or body, in the order of their age.
const SPELLINGS: [Spelling; 3] = [
    Spelling {
        first: "model.0",
        block: "model.1.sub.{}",
        dense: "RDB",
        inner: ".0",
        trunk: "model.1.sub.{}",
        up: |step| format!("model.{}", 3 * step),
        last: |steps| [format!("model.{}", 3 * steps + 2), format!("model.{}", 3 * steps + 4)],
    },
    Spelling {
        first: "conv_first",
        block: "RRDB_trunk.{}",
        dense: "RDB",
        inner: "",
        trunk: "trunk_conv",
        up: |step| format!("upconv{step}"),
        last: |_| ["HRconv".into(), "conv_last".into()],
    },
    Spelling {
        first: "conv_first",
        block: "body.{}",
        dense: "rdb",
        inner: "",
        trunk: "conv_body",
        up: |step| format!("conv_up{step}"),
        last: |_| ["conv_hr".into(), "conv_last".into()],
    },
];

impl Spelling {
    fn block(&self, number: usize) -> String {
        self.block.replace("{}", &number.to_string())
    }

    fn dense_convolution(&self, number: usize, dense: usize, convolution: usize) -> String {
        format!("{}.{}{dense}.conv{convolution}{}", self.block(number), self.dense, self.inner)
    }

    fn is_of(&self, weights: &Weights<'_>) -> bool {
        weights.has(&format!("{}.weight", self.dense_convolution(0, 1, 1)))
    }
}

pub(super) fn claims(weights: &Weights<'_>) -> bool {
    SPELLINGS.iter().any(|spelling| spelling.is_of(weights))
}

pub(super) fn build(weights: &Weights<'_>, _: usize) -> Outcome<Design> {
    let spelling = SPELLINGS
        .iter()
        .find(|spelling| spelling.is_of(weights))
        .ok_or_else(|| Misfit::Missing(format!("{}.weight", SPELLINGS[2].dense_convolution(0, 1, 1))))?;
    let weight = |name: &str| format!("{name}.weight");
    let [features, channels_in, ..] = weights.dimensions::<4>(&weight(spelling.first))?;
    let blocks = (0..).take_while(|at| weights.has(&weight(&spelling.dense_convolution(*at, 1, 1)))).count();
    // In the oldest spelling the last two convolutions are numbered like the steps, so those end where the last two fit.
    let steps = (0..=5)
        .find(|steps| {
            let [high, last] = (spelling.last)(*steps);
            [high, last].iter().all(|name| weights.has(&weight(name)))
                && !weights.has(&weight(&(spelling.up)(steps + 1)))
        })
        .ok_or_else(|| Misfit::Missing(weight(&(spelling.last)(2)[1])))?;
    let [channels, ..] = weights.dimensions::<4>(&weight(&(spelling.last)(steps)[1]))?;
    let factor = match channels_in.checked_div(channels) {
        Some(4) if channels_in == 4 * channels => 2,
        Some(16) if channels_in == 16 * channels => 4,
        _ => 1,
    };
    let enlarged = 1usize << steps;
    if !enlarged.is_multiple_of(factor) {
        return Err(Misfit::contradiction(format!(
            "it would enlarge {enlarged} times a picture that was reduced {factor} times"
        )));
    }

    let mut graph = Graph::new(weights);
    let picture = graph.picture(channels_in / (factor * factor))?;
    let first = if factor == 1 {
        graph.convolution(&picture, spelling.first)?
    } else {
        graph.unshuffled_convolution(&picture, spelling.first, factor)?
    };
    let mut value = first.clone();
    for number in 0..blocks {
        value = residual_block(&mut graph, &value, |dense, convolution| {
            spelling.dense_convolution(number, dense, convolution)
        })?;
    }
    let trunk = graph.convolution(&value, &spelling.trunk.replace("{}", &blocks.to_string()))?;
    value = graph.sum(&trunk, &first);
    for step in 1..=steps {
        value = graph.nearest(&value, 2);
        value = graph.convolution(&value, &(spelling.up)(step))?;
        value = graph.leaky_relu(&value, SLOPE);
    }
    let [high, last] = (spelling.last)(steps);
    value = graph.convolution(&value, &high)?;
    value = graph.leaky_relu(&value, SLOPE);
    value = graph.convolution(&value, &last)?;
    Ok(Design {
        multiple: factor as u32,
        minimum: factor as u32,
        ..Design::new(graph, &value, enlarged / factor, format!("{features} features, {blocks} blocks"))?
    })
}

/// Three dense blocks in a residual block (RRDB). `name` gives the names of their convolutions, both numbers from 1.
pub(super) fn residual_block(
    graph: &mut Graph<'_>,
    input: &Value,
    name: impl Fn(usize, usize) -> String,
) -> Outcome<Value> {
    let mut value = input.clone();
    for dense in 1..=3 {
        value = dense_block(graph, &value, |convolution| name(dense, convolution))?;
    }
    let scaled = graph.scaled(&value, RESIDUAL);
    Ok(graph.sum(&scaled, input))
}

/// Five convolutions, each of which reads the input and the results of all before it.
fn dense_block(graph: &mut Graph<'_>, input: &Value, name: impl Fn(usize) -> String) -> Outcome<Value> {
    let shortcut = name(1).replace("conv1", "conv1x1");
    let shortcut = shortcut.strip_suffix(".0").unwrap_or(&shortcut).to_owned();
    let has_shortcut = graph.weights.has(&format!("{shortcut}.weight"));
    let mut parts = vec![input.clone()];
    for convolution in 1..=4 {
        let all = graph.joined(&parts.iter().collect::<Vec<_>>());
        let made = graph.convolution(&all, &name(convolution))?;
        let mut made = graph.leaky_relu(&made, SLOPE);
        if has_shortcut && convolution == 2 {
            let added = graph.convolution(input, &shortcut)?;
            made = graph.sum(&made, &added);
        }
        if has_shortcut && convolution == 4 {
            made = graph.sum(&made, &parts[2]);
        }
        parts.push(made);
    }
    let all = graph.joined(&parts.iter().collect::<Vec<_>>());
    let last = graph.convolution(&all, &name(5))?;
    let scaled = graph.scaled(&last, RESIDUAL);
    Ok(graph.sum(&scaled, input))
}
