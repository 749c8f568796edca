//! A session: a loaded network, its cancel points, and the size of its tiles on this machine.
//!
//! Several tiles may run at once; they share the session's threads.
//! It must never write output before it has checked that the network's output has the expected shape.

use std::borrow::Cow;
use std::thread::available_parallelism;
use std::time::Instant;

use enlarger::{Cancel, Device, Error, ErrorKind, Model, Result, Session, SessionOptions, Tensor, TensorMut, Usage};
use enlarger_networks::onnx::{Attribute, Network, Node, with_defaults};
use rten::NodeId;
use rten_tensor::prelude::*;

use crate::cancel_points::cancel_points;
use crate::engine::cpu;
use crate::graph::Graph;
use crate::tile_size::{Speed, TestTile};

/// A loaded network.
pub(crate) struct RtenSession {
    graph: Graph,
    /// The values at which a running tile can be cancelled.
    cancel_points: Vec<Vec<NodeId>>,
    device: Device,
    usage: Usage,
}

impl RtenSession {
    pub(crate) fn open(model: &Model, options: &SessionOptions) -> Result<Self> {
        let manifest = model.manifest();
        let network = model.network()?;
        // RTen refuses nodes that leave these attributes out.
        let network = with_defaults(&network).unwrap_or(Cow::Borrowed(&network));
        // A file that cannot be read here may still load in RTen; it then has no cancel points.
        let nodes = Network::read(&network).map(|network| network.nodes).unwrap_or_default();
        if nodes.iter().any(resizes_smoothly) {
            return Err(Error::new(
                ErrorKind::ModelInvalid,
                "the network resizes by cubic interpolation, which rten would replace by linear; use the engine ort",
            ));
        }
        let threads = options.threads.or_else(|| available_parallelism().ok().map(Into::into)).unwrap_or(1).max(1);
        let graph = Graph::load(&network, manifest, threads)?;
        let tile = TestTile::new(manifest);
        let never = Cancel::new();
        let speed = Speed::measure(&tile, |inputs| graph.run(inputs, &[], &never).map(drop))?;

        let inputs: Vec<&str> = tile.names().collect();
        let known = |name: &str| graph.value(name).is_some();
        let points = cancel_points(&nodes, &inputs, &manifest.output.name, speed.parts(), known);
        let points: Vec<Vec<NodeId>> =
            points.iter().map(|names| names.iter().filter_map(|name| graph.value(name)).collect()).collect();
        let share = longest_share(&graph, &points, &tile);
        // If running in parts changes the result, the network runs as a whole, on small tiles.
        let (points, share) = share.map_or_else(|| (Vec::new(), 1.0), |share| (points, share));

        let mut usage = Usage::default();
        usage.max_tile_pixels = Some(speed.pixels(share));
        usage.tile = speed.side(share);
        usage.parallel = 1;
        usage.interruptible = !points.is_empty();
        Ok(RtenSession { graph, cancel_points: points, device: cpu(), usage })
    }
}

/// Whether a node resizes by cubic interpolation. RTen would interpolate linearly, without an error.
fn resizes_smoothly(node: &Node<'_>) -> bool {
    let cubic = || node.attribute("mode") == Some(&Attribute::Text(b"cubic"));
    matches!(node.kind, "Resize" | "Upsample") && cubic()
}

/// The share of a tile's time that its longest part takes, or `None` if running in parts changes the result.
fn longest_share(graph: &Graph, cancel_points: &[Vec<NodeId>], tile: &TestTile) -> Option<f64> {
    let data = tile.pixels(32);
    let inputs = tile.inputs(&data);
    let never = Cancel::new();
    let whole = graph.run(&inputs, &[], &never).ok()?;
    let mut moments = Vec::new();
    let parts = graph.run_watched(&inputs, cancel_points, || {
        moments.push(Instant::now());
        Ok(())
    });
    let parts = parts.ok()?;
    moments.push(Instant::now());
    let same = whole.shape() == parts.shape() && whole.iter().zip(parts.iter()).all(|(a, b)| (a - b).abs() <= 1e-5);
    let longest = moments.windows(2).map(|pair| pair[1] - pair[0]).max()?;
    same.then(|| longest.div_duration_f64(moments[moments.len() - 1] - moments[0]))
}

impl Session for RtenSession {
    fn device(&self) -> &Device {
        &self.device
    }

    fn is_exact(&self) -> bool {
        true
    }

    fn usage(&self) -> Usage {
        self.usage
    }

    fn run(&self, inputs: &[Tensor<'_>], output: TensorMut<'_>, cancel: &Cancel) -> Result<()> {
        output.check()?;
        let made = self.graph.run(inputs, &self.cancel_points, cancel)?;
        cancel.check()?;
        output.check_made(&made.shape())?;
        match made.data() {
            Some(values) => output.data.copy_from_slice(values),
            // The values are not in order if the network ends in a transposition, because RTen does not move them.
            None => output.data.iter_mut().zip(made.iter()).for_each(|(to, from)| *to = *from),
        }
        Ok(())
    }
}
