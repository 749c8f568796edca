//! Gives networks that take several pictures at a time, or a picture without a batch, a batch of one.
//!
//! A network of several pictures computes the same one several times. That is slow, but right; the alternative is a refusal.

use std::borrow::Cow;

use enlarger::Result;

use super::wrap::{assemble, free_names, names, used};
use super::{Builder, Dimension, Network, Setting};

/// The most pictures at a time that a network may take.
const MAX_BATCH: u64 = 16;

/// Returns the network with a batch of one; the file itself if it has that, or if it cannot be adapted.
///
/// # Errors
/// As [`Network::read`].
pub fn single(file: &[u8]) -> Result<Cow<'_, [u8]>> {
    let network = Network::read(file)?;
    let ([input], [output]) = (network.inputs.as_slice(), network.outputs.as_slice()) else {
        return Ok(Cow::Borrowed(file));
    };
    let (Some(shape), Some(element)) = (input.shape.as_deref(), input.element) else { return Ok(Cow::Borrowed(file)) };
    let used = used(&network);
    let name = names(&used);
    let (outer_input, outer_output) = free_names(&used)?;
    let (mut before, mut after) = (Builder::new(), Builder::new());
    let outer = match shape {
        [first, second, third] => {
            before.integers(&name("axis"), &[0]);
            before.node("Squeeze", &[&outer_input, &name("axis")], input.name, &[]);
            after.node("Unsqueeze", &[output.name, &name("axis")], &outer_output, &[]);
            [Dimension::Fixed(1), *first, *second, *third]
        }
        [Dimension::Fixed(batch @ 2..=MAX_BATCH), rest @ ..] => {
            let [second, third, fourth] = rest else { return Ok(Cow::Borrowed(file)) };
            let copies = vec![outer_input.as_str(); *batch as usize];
            before.node("Concat", &copies, input.name, &[("axis", Setting::Integer(0))]);
            [("from", 0), ("to", 1)].iter().for_each(|(word, at)| after.integers(&name(word), &[*at]));
            after.node("Slice", &[output.name, &name("from"), &name("to"), &name("from")], &outer_output, &[]);
            [Dimension::Fixed(1), *second, *third, *fourth]
        }
        _ => return Ok(Cow::Borrowed(file)),
    };
    before.input_of(element, &outer_input, &outer);
    let made = match output.shape.as_deref() {
        Some([.., a, b, c]) => [Dimension::Fixed(1), *a, *b, *c],
        _ => [Dimension::Fixed(1), Dimension::Open, Dimension::Open, Dimension::Open],
    };
    after.output_of(output.element.unwrap_or(element), &outer_output, &made);
    assemble(file, &before, &after).map(Cow::Owned)
}
