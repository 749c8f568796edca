//! Whole networks, shaped as those that people share, with random weights: against the naive reference, in fast arithmetic,
//! in tiles and as streams.

use std::ops::Range;

use enlarger_compiler::OperationKind;
use enlarger_compiler_testing::{Network, networks, rrdb_unshuffled, span};
use half::f16;

use super::operators_match_reference::picture;
use super::row_streams::peak_and_stated;
use super::*;
use crate::kernels::quantised_input_transform::GROUP;

const FAST: Arithmetic = Arithmetic { float_layers: [0; 2], f6_layers: 4, group: GROUP, halves: true };

/// Running a network.
trait Run {
    fn shape(&self, picture: &Array) -> [usize; 3];
    fn execute<E: Element>(&self, picture: &Array, isa: InstructionSet, arithmetic: Arithmetic) -> Array;
}

impl Run for Network {
    fn shape(&self, picture: &Array) -> [usize; 3] {
        [3, self.scale * picture.height, self.scale * picture.width]
    }

    fn execute<E: Element>(&self, picture: &Array, isa: InstructionSet, arithmetic: Arithmetic) -> Array {
        execute_tile::<E>(&self.builder.graph, &self.output, picture, self.shape(picture), isa, arithmetic, 2).unwrap()
    }
}

/// The greatest magnitude of a result, which its rounding is proportional to.
fn magnitude(array: &Array) -> f64 {
    array.data.iter().fold(1.0, |most, value| most.max(value.abs()))
}

fn part(array: &Array, rows: Range<usize>, columns: Range<usize>) -> Array {
    let shape = [array.channels, rows.len(), columns.len()];
    Array::from_fn(shape, |c, y, x| array.at(c, rows.start + y, columns.start + x))
}

#[test]
fn whole_networks_match_the_reference() {
    for (name, network) in networks() {
        let picture = picture(3, 24, 20, 5);
        let inputs = HashMap::from([("in", picture.clone())]);
        let expected = reference(&network.builder.graph, &network.output, &inputs);
        let unit = magnitude(&expected);
        for isa in InstructionSet::available() {
            let exact = network.execute::<f32>(&picture, isa, Arithmetic::EXACT).distance(&expected) / unit;
            assert!(exact < 1e-4, "{name}, {}: {exact}", isa.name());
            let fast = network.execute::<f16>(&picture, isa, FAST).distance(&expected) / unit;
            assert!((1e-6..0.03).contains(&fast), "{name}, {}: {fast}", isa.name());
        }
    }
}

#[test]
fn whole_networks_give_the_same_result_as_streams() {
    for (name, network) in networks() {
        let (graph, output, isa) = (&network.builder.graph, network.output.as_str(), InstructionSet::best());
        for (height, width, threads) in [(24, 20, 1), (120, 20, 3)] {
            let picture = picture(3, height, width, 6);
            let exact = streamed::<f32>(graph, output, &picture, isa, Arithmetic::EXACT, threads);
            assert_eq!(exact.is_none(), network.whole, "{name}");
            if let Some(exact) = exact {
                assert!(exact.data == network.execute::<f32>(&picture, isa, Arithmetic::EXACT).data, "{name}, exact");
                let fast = streamed::<f16>(graph, output, &picture, isa, FAST, threads).unwrap();
                assert!(fast.data == network.execute::<f16>(&picture, isa, FAST).data, "{name}, fast");
            }
        }
    }
}

/// A tile that is larger by a border has the same pixels inside as the whole picture, up to rounding.
#[test]
fn whole_networks_give_the_same_result_in_tiles() {
    for (name, network) in networks().into_iter().filter(|(_, network)| !network.whole) {
        let (isa, border, scale) = (InstructionSet::best(), 24, network.scale);
        assert!(border % network.multiple == 0);
        let picture = picture(3, 72, 68, 7);
        let (rows, columns) = (4..72, 8..68);
        let tile = part(&picture, rows.clone(), columns.clone());
        let inside = |array: &Array, [top, left]: [usize; 2]| {
            part(array, scale * top..scale * (top + 20), scale * left..scale * (left + 12))
        };
        let compare = |whole: Array, tile: Array| {
            let tile = inside(&tile, [border, border]);
            inside(&whole, [rows.start + border, columns.start + border]).distance(&tile) / magnitude(&whole)
        };
        let exact = |picture: &Array| network.execute::<f32>(picture, isa, Arithmetic::EXACT);
        let distance = compare(exact(&picture), exact(&tile));
        assert!(distance < 1e-5, "{name}, exact: {distance}");
        let fast = |picture: &Array| network.execute::<f16>(picture, isa, FAST);
        let distance = compare(fast(&picture), fast(&tile));
        assert!(distance < 0.03, "{name}, fast: {distance}");
    }
}

/// A stream takes no more memory than stated.
#[test]
fn streams_of_whole_networks_take_the_stated_memory() {
    for (name, network) in networks().into_iter().filter(|(_, network)| !network.whole) {
        let widths = [(60, 1), (200, 2)];
        for &(width, threads) in unless_emulated(&widths[..], &widths[1..]) {
            let [peak, stated] = peak_and_stated(&network.builder.graph, &network.output, width, threads);
            assert!(peak <= stated && peak > stated / 8, "{name}, {width} columns: {peak} bytes, {stated} were stated");
        }
    }
}

/// Nothing of these networks is left to slow operations that a convolution can do by itself.
#[test]
fn whole_networks_are_fused() {
    let others = |network: &Network| {
        let operations = compile(&network.builder.graph, &network.output).unwrap().operations;
        let convolution = |kind: &OperationKind| {
            matches!(kind, OperationKind::Convolution3x3 { .. } | OperationKind::DirectConvolution(_))
        };
        operations.into_iter().filter(|operation| !convolution(&operation.kind)).count()
    };
    // The mean and the range of the input are one operation.
    assert_eq!(others(&span(48, 2, true)), 1);
    assert_eq!(others(&span(52, 2, false)), 0);
    // Repeated pixels.
    assert_eq!(others(&rrdb_unshuffled(4)), 2);
}
