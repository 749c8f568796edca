//! Where a network can be stopped.
//!
//! RTen cannot be interrupted, but it can run a network from some values to others. Between such parts a cancel is
//! noticed. A cut is the set of values that the rest of the network needs; where it lies never changes the result.

use std::collections::{HashMap, HashSet};

use enlarger_networks::onnx::Node;

/// More values than these are not worth carrying from part to part.
const MOST_VALUES: usize = 8;

/// Operations that take nearly all of the time.
const HEAVY: [&str; 4] = ["Conv", "ConvTranspose", "MatMul", "Gemm"];

/// At most `parts - 1` cuts, in running order, with about as many heavy operations between them. Only values that
/// `known` knows are carried.
pub(crate) fn cuts<'a>(
    nodes: &[Node<'a>],
    inputs: &[&str],
    output: &str,
    parts: usize,
    known: impl Fn(&str) -> bool,
) -> Vec<Vec<&'a str>> {
    // Graphs inside nodes can use values without naming them.
    if nodes.iter().any(Node::has_graph) {
        return Vec::new();
    }
    // What does not depend on the inputs is a constant that RTen has computed already.
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
    let (mut done, mut live, mut cuts) = (0, Vec::<&str>::new(), Vec::new());
    for (at, node) in running.iter().enumerate() {
        done += usize::from(is_heavy(node));
        live.extend(&node.outputs);
        live.retain(|name| last_use.get(name).is_some_and(|last| *last > at));
        let due = done * parts >= heavy * (cuts.len() + 1);
        let possible = !live.is_empty() && live.len() <= MOST_VALUES && live.iter().all(|name| known(name));
        if due && possible && done < heavy && cuts.last() != Some(&live) {
            cuts.push(live.clone());
        }
    }
    cuts
}

#[cfg(test)]
mod tests {
    use super::*;
    use enlarger_networks::onnx::{Attribute, Network};

    fn node(kind: &'static str, inputs: &[&'static str], output: &'static str) -> Node<'static> {
        Node { kind, domain: "", inputs: inputs.to_vec(), outputs: vec![output], attributes: Vec::new() }
    }

    fn found(nodes: &[Node<'static>], parts: usize) -> Vec<Vec<&'static str>> {
        cuts(nodes, &["in"], "out", parts, |name| name != "hidden")
    }

    #[test]
    fn a_chain_is_cut_into_equal_parts() {
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
    fn what_is_needed_later_is_carried_and_constants_are_not() {
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
    fn a_graph_inside_a_node_may_use_anything() {
        let mut nodes = [node("Conv", &["in"], "a"), node("If", &["a"], "b"), node("Conv", &["b"], "out")];
        assert_eq!(found(&nodes, 2), [["a"]]);
        nodes[1].attributes.push(("then_branch", Attribute::Graph));
        assert_eq!(found(&nodes, 2), Vec::<Vec<&str>>::new());
    }

    #[test]
    fn the_default_network_has_places_to_stop() {
        const FILE: &[u8] = include_bytes!("../../../core/models/realesr-general-x4v3/model.onnx");
        let network = Network::read(FILE).unwrap();
        assert_eq!(cuts(&network.nodes, &["input"], "output", 4, |_| true).len(), 3);
    }

    #[test]
    fn values_that_are_gone_are_stepped_over() {
        let fused = [node("Conv", &["in"], "hidden"), node("Relu", &["hidden"], "b"), node("Conv", &["b"], "out")];
        assert_eq!(found(&fused, 2), [["b"]]);
    }
}
