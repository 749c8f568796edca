//! A session: a network, where it can be stopped, and how large its tiles may be on this machine.
//!
//! Several tiles may run at once; they share the session's threads.
//! It must never write a tile's pixels before the network's shape is known to be the promised one.

use std::thread::available_parallelism;
use std::time::Instant;

use enlarger::{Cancel, Device, Error, ErrorKind, Model, Result, Session, SessionOptions, Tensor, TensorMut, Usage};
use enlarger_networks::onnx::{Attribute, Network, Node};
use rten::NodeId;
use rten_tensor::prelude::*;

use crate::cuts::cuts;
use crate::engine::cpu;
use crate::graph::Graph;
use crate::speed::{Probe, Speed};

/// A loaded network.
pub(crate) struct RtenSession {
    graph: Graph,
    /// The values at which a running tile can stop.
    cuts: Vec<Vec<NodeId>>,
    device: Device,
    usage: Usage,
}

impl RtenSession {
    pub(crate) fn open(model: &Model, options: &SessionOptions) -> Result<Self> {
        let manifest = model.manifest();
        let network = model.network()?;
        // What is not understood here is judged by RTen alone, and not cut.
        let nodes = Network::read(&network).map(|network| network.nodes).unwrap_or_default();
        if nodes.iter().any(resizes_smoothly) {
            return Err(Error::new(
                ErrorKind::ModelInvalid,
                "the network resizes by cubic interpolation, for which rten would take linear; take the engine ort",
            ));
        }
        let threads = options.threads.or_else(|| available_parallelism().ok().map(Into::into)).unwrap_or(1).max(1);
        let graph = Graph::load(&network, manifest, threads)?;
        let probe = Probe::new(manifest);
        let never = Cancel::new();
        let speed = Speed::measure(&probe, |inputs| graph.run(inputs, &[], &never).map(drop))?;

        let inputs: Vec<&str> = probe.names().collect();
        let found = cuts(&nodes, &inputs, &manifest.output.name, speed.parts(), |name| graph.value(name).is_some());
        let cuts: Vec<Vec<NodeId>> =
            found.iter().map(|cut| cut.iter().filter_map(|name| graph.value(name)).collect()).collect();
        let share = longest_share(&graph, &cuts, &probe);
        // Where running in parts does not do the same, the network runs whole and its tiles are small.
        let (cuts, share) = share.map_or_else(|| (Vec::new(), 1.0), |share| (cuts, share));

        let mut usage = Usage::default();
        usage.max_tile_pixels = Some(speed.pixels(share));
        usage.tile = speed.side(share);
        usage.parallel = 1;
        usage.interruptible = !cuts.is_empty();
        Ok(RtenSession { graph, cuts, device: cpu(), usage })
    }
}

/// Whether an operation is one that RTen would do in another way without saying so.
fn resizes_smoothly(node: &Node<'_>) -> bool {
    let cubic = || node.attribute("mode") == Some(&Attribute::Text(b"cubic"));
    matches!(node.kind, "Resize" | "Upsample") && cubic()
}

/// The part of a tile's time that its longest stretch between two cuts takes, or `None` if the cuts change the result.
fn longest_share(graph: &Graph, cuts: &[Vec<NodeId>], probe: &Probe) -> Option<f64> {
    let data = probe.pixels(32);
    let inputs = probe.inputs(&data);
    let never = Cancel::new();
    let whole = graph.run(&inputs, &[], &never).ok()?;
    let mut moments = Vec::new();
    let parts = graph.run_watched(&inputs, cuts, || {
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
        let made = self.graph.run(inputs, &self.cuts, cancel)?;
        cancel.check()?;
        output.check_made(&made.shape())?;
        match made.data() {
            Some(values) => output.data.copy_from_slice(values),
            // A network may end in a transposition, which RTen leaves undone.
            None => output.data.iter_mut().zip(made.iter()).for_each(|(to, from)| *to = *from),
        }
        Ok(())
    }
}
