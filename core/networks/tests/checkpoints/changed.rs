//! Checkpoints of known architectures with one dimension changed, and some that are made to grow while their networks are built.

use std::collections::HashSet;

use crate::samples::{Sample, one};

/// What a dimension becomes. The largest ones can only be those of empty tensors.
const LENGTHS: [u64; 5] = [0, 1, 1 << 20, 1 << 31, 1 << 62];

/// The checkpoint with each dimension of its tensors changed, of those whose names differ by more than numbers; with names for messages.
/// A dimension becomes each of the lengths, or only one of them in turn.
pub fn dimensions(sample: &Sample, each: bool) -> impl Iterator<Item = (String, Sample)> {
    let step = if each { 1 } else { LENGTHS.len() + 1 };
    let mut seen = HashSet::new();
    let mut changes = Vec::new();
    for (at, (name, shape, _)) in sample.tensors.iter().enumerate() {
        let words: Vec<&str> = name.split('.').filter(|part| part.parse::<u64>().is_err()).collect();
        if seen.insert(words.join(".")) {
            let all = (0..shape.len()).flat_map(|axis| LENGTHS.map(|length| (at, axis, length)));
            changes.extend(all);
        }
    }
    changes.into_iter().step_by(step).map(|(at, axis, length)| {
        let mut changed = sample.clone();
        let (name, shape, values) = &mut changed.tensors[at];
        shape[axis] = length;
        if length > 1 {
            let other = (axis + 1) % shape.len();
            shape[other] = if other == axis { length } else { 0 };
        }
        // Too few values for a long list, which the reader must notice.
        let count = shape.iter().try_fold(1u64, |count, length| count.checked_mul(*length)).unwrap_or(u64::MAX);
        values.truncate(usize::try_from(count).unwrap_or(usize::MAX));
        (format!("{}, {name} of {shape:?}", changed.file), changed)
    })
}

/// The checkpoint with this number that grows while its network is built, and a part of its refusal.
pub fn growing(number: usize) -> Option<(&'static str, Vec<u8>, &'static str)> {
    Some(match number {
        0 => (
            "Swift-SRGAN that enlarges 2⁷⁰ times",
            swift_srgan(70).bytes(),
            "it would enlarge 18446744073709551615 times",
        ),
        1 => ("SPSR that enlarges 2⁴⁰ times", spsr(40).bytes(), "it would enlarge 40 times by 2"),
        2 => ("SRResNet that enlarges 2³⁵ times", srresnet().bytes(), "it would enlarge 34359738368 times"),
        3 => ("MoESR with squares of 16384 channels", moesr().bytes(), "blocks.0.msg"),
        4 => ("DAT with wide positions", dat().bytes(), "attns.1"),
        5 => ("PLKSR with crossed kernels", plksr().bytes(), "64×64×63×63 values, too many"),
        6 => ("SPAN with 40000 blocks", span().bytes(), "'block_7.c1_r.eval_conv.weight' is missing"),
        _ => return None,
    })
}

fn swift_srgan(steps: usize) -> Sample {
    let mut sample = one("swift-srgan-x4.pth");
    let names =
        ["conv.depthwise.weight", "conv.depthwise.bias", "conv.pointwise.weight", "conv.pointwise.bias", "act.weight"];
    for (step, name) in (2..steps).flat_map(|step| names.map(|name| (step, name))) {
        sample.copy(&format!("upsampler.0.{name}"), &format!("upsampler.{step}.{name}"));
    }
    sample
}

/// A sample that enlarges by 2 twice, made to do it more often. Its steps hold three numbers each in both branches.
fn spsr(steps: usize) -> Sample {
    let mut sample = one("spsr-x4.safetensors");
    for kind in ["weight", "bias"] {
        for (place, branch_place) in [(2, 0), (4, 2)] {
            let [from, to] = [2, steps].map(|steps| format!("model.{}.{kind}", 3 * steps + place));
            if place == 2 {
                sample.copy(&from, &to);
            }
            let [from, to] = [2, steps].map(|steps| format!("b_module.{}.{kind}", 3 * steps + branch_place));
            sample.copy(&from, &to);
        }
        for step in 3..=steps {
            sample.copy(&format!("model.3.{kind}"), &format!("model.{}.{kind}", 3 * step));
            sample.copy(&format!("b_module.1.{kind}"), &format!("b_module.{}.{kind}", 3 * step - 2));
        }
    }
    sample
        .tensors
        .retain(|(name, ..)| !["model.8.", "b_module.6.", "b_module.8."].iter().any(|old| name.starts_with(old)));
    sample
}

/// One feature, and five steps that each enlarge 128 times.
fn srresnet() -> Sample {
    let mut sample = one("srresnet-x4.pth");
    let convolution = |name: &str, shape: [u64; 4]| {
        let values = vec![0.0; shape.iter().product::<u64>() as usize];
        (format!("{name}.weight"), shape.to_vec(), values)
    };
    let steps = (1..=5).map(|step| convolution(&format!("upconv{step}"), [128 * 128, 1, 1, 1]));
    let others = ["body.0.conv1", "body.0.conv2", "conv_hr"].map(|name| convolution(name, [1, 1, 3, 3]));
    let ends = [convolution("conv_first", [1, 3, 3, 3]), convolution("conv_last", [3, 1, 3, 3])];
    sample.tensors = steps.chain(others).chain(ends).collect();
    sample
}

fn moesr() -> Sample {
    let mut sample = one("moesr-x2.pth");
    sample.zeros("blocks.0.msg.down.0.weight", &[1 << 14, 8, 1, 1]);
    sample.zeros("blocks.0.msg.down.0.bias", &[1 << 14]);
    sample
}

/// Rectangles of 32×45 pixels, and positions of 16384 features.
fn dat() -> Sample {
    let mut sample = one("dat-x2.pth");
    let attention = "layers.0.blocks.0.attn.attns.0";
    sample.zeros(&format!("{attention}.rpe_biases"), &[63 * 89, 2]);
    let (_, _, distances) = sample.tensor(&format!("{attention}.rpe_biases"));
    distances.splice(63 * 89 * 2 - 2.., [31.0, 44.0]);
    let features = 1 << 14;
    sample.zeros(&format!("{attention}.pos.pos_proj.weight"), &[features, 2]);
    for bias in ["pos_proj.bias", "pos1.0.weight", "pos1.0.bias"] {
        sample.zeros(&format!("{attention}.pos.{bias}"), &[features]);
    }
    sample.zeros(&format!("{attention}.pos.pos1.2.weight"), &[1, features]);
    sample
}

/// A lying, a standing and a small kernel, whose sum is a square one.
fn plksr() -> Sample {
    let mut sample = one("plksr-x2.pth");
    sample.tensors.retain(|(name, ..)| !name.starts_with("feats.1.lk."));
    for (part, tall, wide) in [("mn_conv", 1, 63), ("nm_conv", 63, 1), ("nn_conv", 1, 1)] {
        let (weight, bias) = (format!("feats.1.lk.{part}.weight"), format!("feats.1.lk.{part}.bias"));
        sample.tensors.push((weight.clone(), Vec::new(), Vec::new()));
        sample.tensors.push((bias.clone(), Vec::new(), Vec::new()));
        sample.zeros(&weight, &[64, 64, tall, wide]);
        sample.zeros(&bias, &[64]);
    }
    sample
}

fn span() -> Sample {
    let mut sample = one("span-x4.pth");
    sample.tensors.extend((7..40_000).map(|block| (format!("block_{block}.x"), vec![1], vec![0.0])));
    sample
}
