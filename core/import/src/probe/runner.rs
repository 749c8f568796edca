//! Runs the network that is being probed on pictures of any size.
//!
//! Callers always use red, green and blue from 0 to 1; the runner converts to the network's encoding once that is known.

use std::sync::Arc;

use enlarger::{Cancel, Error, ErrorKind, Model, Result, Session, Tensor, TensorMut};
use enlarger_networks::onnx::{NOISE_INPUT, Network, shape_of};

use super::pixel_encoding::PixelEncoding;
use super::test_picture::TestPicture;
use crate::errors::invalid;
use crate::manifest_draft::{Description, ManifestDraft};

/// A function that opens a model on an engine.
pub type Open<'a> = dyn Fn(&Model) -> Result<Arc<dyn Session>> + 'a;

/// The most values that an output may have.
const MAX_VALUES: usize = 1 << 28;

/// The sizes that a network accepts, and what it makes of them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sizes {
    /// Output pixels per input pixel, along each side.
    pub(super) scale: u32,
    /// Pixels to add at each edge of the input, because the network cuts them off.
    pub(super) pad: u32,
    /// The number that each side must be a multiple of.
    pub(super) multiple: u32,
    /// The least number of pixels along a side.
    pub(super) minimum: u32,
}

/// Runs the network that is being probed.
pub(super) struct Runner<'a> {
    network: Vec<u8>,
    input: String,
    output: String,
    /// The noise level to run with, if the network takes one.
    noise: Option<f32>,
    /// The width and the height of pictures, if the network takes only one size.
    pub(super) size: Option<[u32; 2]>,
    open: &'a Open<'a>,
    session: Option<Arc<dyn Session>>,
    scale: usize,
    pub(super) multiple: u32,
    pub(super) minimum: u32,
    encoding: PixelEncoding,
}

impl<'a> Runner<'a> {
    /// A runner for a network of which only the noise level is known, if it takes one.
    ///
    /// # Errors
    /// As [`Network::judge`].
    pub(super) fn new(network: Vec<u8>, noise: f32, open: &'a Open<'a>) -> Result<Self> {
        let facts = Network::read(&network)?.judge()?;
        Ok(Runner {
            input: facts.input,
            output: facts.output,
            noise: facts.noise_level.then_some(noise),
            size: facts.size,
            network,
            open,
            session: None,
            scale: 1,
            multiple: 1,
            minimum: 1,
            encoding: PixelEncoding::default(),
        })
    }

    /// Opens the network for these sizes. From now on [`Runner::run`] works.
    pub(super) fn with_sizes(mut self, sizes: &Sizes) -> Result<Self> {
        (self.scale, self.multiple, self.minimum) = (sizes.scale as usize, sizes.multiple, sizes.minimum);
        let model = self.model(self.network.clone(), &self.output.clone(), sizes.minimum, sizes.multiple)?;
        self.session = Some((self.open)(&model)?);
        Ok(self)
    }

    /// Sets the encoding that [`Runner::run`] uses.
    pub(super) fn with_encoding(mut self, encoding: PixelEncoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// A picture that the network takes, of about `side` pixels along each side.
    pub(super) fn picture_near(&self, side: u32) -> TestPicture {
        match self.size {
            Some([width, height]) => TestPicture::new(height as usize, width as usize),
            None => {
                let side = self.minimum.max(side).next_multiple_of(self.multiple) as usize;
                TestPicture::new(side, side)
            }
        }
    }

    pub(super) fn scale(&self) -> usize {
        self.scale
    }

    /// The network's file.
    pub(super) fn into_network(self) -> Vec<u8> {
        self.network
    }

    /// Whether the output is that of a hyperbolic tangent, so that its range is from -1 to 1.
    pub(super) fn ends_in_tanh(&self) -> bool {
        let Ok(network) = Network::read(&self.network) else { return false };
        network.nodes.iter().any(|node| node.kind == "Tanh" && node.outputs.contains(&self.output.as_str()))
    }

    /// Returns a function that gives the output's shape for a picture of some height and width, which must be multiples of
    /// `multiple`; `None` if the network fails.
    pub(super) fn shapes(&self, multiple: u32) -> Result<impl Fn(u32, u32) -> Option<[usize; 4]>> {
        const SHAPE: &str = "enlarger/shape";
        let network = shape_of(&self.network, SHAPE)?;
        let session = (self.open)(&self.model(network, SHAPE, multiple, multiple)?)?;
        let (input, noise) = (self.input.clone(), self.noise);
        Ok(move |height: u32, width: u32| {
            let data = TestPicture::new(height as usize, width as usize).planes;
            let mut shape = [0.0; 4];
            let inputs = inputs(&input, &noise, height as usize, width as usize, &data);
            let output = TensorMut { name: SHAPE, shape: [1, 1, 1, 4], data: &mut shape };
            session.run(&inputs, output, &Cancel::new()).ok()?;
            Some(shape.map(|side| side as usize))
        })
    }

    /// Runs the network on a picture.
    pub(super) fn run(&self, picture: &TestPicture) -> Result<TestPicture> {
        self.run_with(&self.encoding, picture)
    }

    /// Runs the network on a picture in this encoding.
    pub(super) fn run_with(&self, encoding: &PixelEncoding, picture: &TestPicture) -> Result<TestPicture> {
        let TestPicture { height, width, .. } = *picture;
        let session = self.session.as_ref().ok_or_else(|| {
            Error::new(ErrorKind::Internal, "the probe ran a network before it knew its sizes; please report this")
        })?;
        let (tall, wide) = (height * self.scale, width * self.scale);
        if 3 * tall * wide > MAX_VALUES {
            return Err(invalid(format!(
                "the network's output for {width}×{height} pixels is too large to check ({wide}×{tall}); use another model"
            )));
        }
        let encoded = encoding.encode(&picture.planes);
        let mut made = vec![0.0; 3 * tall * wide];
        let output = TensorMut { name: &self.output, shape: [1, 3, tall, wide], data: &mut made };
        session.run(&inputs(&self.input, &self.noise, height, width, &encoded), output, &Cancel::new())?;
        encoding.decode(&mut made);
        if let Some(value) = made.iter().find(|value| !value.is_finite()) {
            return Err(invalid(format!(
                "the network's output contains values that are not finite numbers ({value}); its file may be damaged, fetch it again"
            )));
        }
        Ok(TestPicture { planes: made, height: tall, width: wide })
    }

    /// The model for the engine, with a manifest of what is known so far.
    fn model(&self, network: Vec<u8>, output: &str, minimum: u32, multiple: u32) -> Result<Model> {
        let draft = ManifestDraft {
            description: Description { id: "probe".into(), ..Description::default() },
            scale: self.scale as u32,
            input: self.input.clone(),
            output: output.to_owned(),
            minimum,
            multiple,
            size: self.size,
            noise_level: self.noise.map(|level| [level; 3]),
            ..ManifestDraft::of(&network)
        };
        Model::from_bytes(&draft.text(), network)
    }
}

fn inputs<'b>(name: &'b str, noise: &'b Option<f32>, height: usize, width: usize, data: &'b [f32]) -> Vec<Tensor<'b>> {
    let mut inputs = vec![Tensor { name, shape: [1, 3, height, width], data }];
    if let Some(level) = noise {
        inputs.push(Tensor { name: NOISE_INPUT, shape: [1; 4], data: std::slice::from_ref(level) });
    }
    inputs
}
