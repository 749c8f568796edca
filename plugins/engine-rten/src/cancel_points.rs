//! Finds the points at which a running network can be cancelled.
//!
//! RTen cannot be interrupted, but it can run a network in parts, and cancellation is checked between the parts. A cancel
//! point is the set of values that the rest of the network needs. Its position never changes the result.

use std::collections::{HashMap, HashSet};

use enlarger_networks::onnx::Node;

/// The most values that a cancel point may have. Passing on more of them costs too much.
const MAX_VALUES: usize = 8;

/// The operators that take nearly all of the time.
const HEAVY: [&str; 4] = ["Conv", "ConvTranspose", "MatMul", "Gemm"];

/// Finds at most `parts - 1` cancel points, in the order of the run, with about the same number of heavy operators between
/// them. A point has only values for which `known` returns true.
pub(crate) fn cancel_points<'a>(
    nodes: &[Node<'a>],
    inputs: &[&str],
    output: &str,
    parts: usize,
    known: impl Fn(&str) -> bool,
) -> Vec<Vec<&'a str>> {
    // Subgraphs can use values that are not listed among a node's inputs.
    if nodes.iter().any(Node::has_graph) {
        return Vec::new();
    }
    // Values that do not depend on the inputs are constants, which RTen has computed already.
    let mut depends: HashSet<&str> = inputs.iter().copied().collect();
    let mut last_use: HashMap<&str, usize> = HashMap::new();
    let mut running = Vec::new();
    for node in nodes {
        if node.inputs.iter().any(|name| depends.contains(name)) {
            depends.extend(&node.outputs);
            last_use.extend(node.inputs.iter().map(|name| (*name, running.len())));
            running.push(node);
        }
    }
    last_use.insert(output, usize::MAX);

    let is_heavy = |node: &Node<'_>| HEAVY.contains(&node.kind);
    let heavy = running.iter().filter(|node| is_heavy(node)).count();
    let (mut done, mut live, mut points) = (0, Vec::<&str>::new(), Vec::new());
    for (at, node) in running.iter().enumerate() {
        done += usize::from(is_heavy(node));
        live.extend(&node.outputs);
        live.retain(|name| last_use.get(name).is_some_and(|last| *last > at));
        let due = done * parts >= heavy * (points.len() + 1);
        let possible = !live.is_empty() && live.len() <= MAX_VALUES && live.iter().all(|name| known(name));
        if due && possible && done < heavy && points.last() != Some(&live) {
            points.push(live.clone());
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;
    use enlarger_networks::onnx::{Attribute, Network};

    fn node(kind: &'static str, inputs: &[&'static str], output: &'static str) -> Node<'static> {
        Node { kind, domain: "", inputs: inputs.to_vec(), outputs: vec![output], attributes: Vec::new() }
    }

    fn found(nodes: &[Node<'static>], parts: usize) -> Vec<Vec<&'static str>> {
        cancel_points(nodes, &["in"], "out", parts, |name| name != "hidden")
    }

    #[test]
    fn a_chain_is_divided_into_equal_parts() {
        let chain = [
            node("Conv", &["in", "w"], "a"),
            node("Conv", &["a", "w"], "b"),
            node("Conv", &["b", "w"], "c"),
            node("Conv", &["c", "w"], "out"),
        ];
        assert_eq!(found(&chain, 1), Vec::<Vec<&str>>::new());
        assert_eq!(found(&chain, 2), [["b"]]);
        assert_eq!(found(&chain, 4), [["a"], ["b"], ["c"]]);
        assert_eq!(found(&chain, 100), [["a"], ["b"], ["c"]]);
    }

    #[test]
    fn a_point_has_the_values_needed_later_but_no_constants() {
        let skip = [
            node("Constant", &[], "k"),
            node("Conv", &["in", "k"], "a"),
            node("Conv", &["a", "k"], "b"),
            node("Add", &["a", "b"], "c"),
            node("Conv", &["c", "k"], "out"),
        ];
        assert_eq!(found(&skip, 3), [vec!["a"], vec!["a", "b"]]);
    }

    #[test]
    fn a_network_with_subgraphs_has_no_points() {
        let mut nodes = [node("Conv", &["in"], "a"), node("If", &["a"], "b"), node("Conv", &["b"], "out")];
        assert_eq!(found(&nodes, 2), [["a"]]);
        nodes[1].attributes.push(("then_branch", Attribute::Graph));
        assert_eq!(found(&nodes, 2), Vec::<Vec<&str>>::new());
    }

    #[test]
    fn the_default_network_has_cancel_points() {
        const FILE: &[u8] = include_bytes!("../../../core/models/realesr-general-x4v3/model.onnx");
        let network = Network::read(FILE).unwrap();
        assert_eq!(cancel_points(&network.nodes, &["input"], "output", 4, |_| true).len(), 3);
    }

    #[test]
    fn values_that_rten_has_optimised_away_are_avoided() {
        let fused = [node("Conv", &["in"], "hidden"), node("Relu", &["hidden"], "b"), node("Conv", &["b"], "out")];
        assert_eq!(found(&fused, 2), [["b"]]);
    }
}
