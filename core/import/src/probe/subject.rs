//! A network under examination: opened on an engine, and run on pictures of any size.
//!
//! It speaks pixels from 0 to 1 in red, green, blue once it is known what the network speaks.

use std::sync::Arc;

use enlarger::{Cancel, Error, ErrorKind, Model, Result, Session, Tensor, TensorMut};
use enlarger_networks::onnx::{NOISE_INPUT, Network, shape_of};

use super::meaning::Meaning;
use super::picture::Picture;
use super::sizes::Sizes;
use crate::draft::{Draft, Words};
use crate::invalid;

/// Opens a model on an engine.
pub type Open<'a> = dyn Fn(&Model) -> Result<Arc<dyn Session>> + 'a;

/// More values than these no picture of a probe makes.
const MOST_VALUES: usize = 1 << 28;

/// A network under examination.
pub struct Subject<'a> {
    network: Vec<u8>,
    input: String,
    output: String,
    noise: bool,
    open: &'a Open<'a>,
    session: Option<Arc<dyn Session>>,
    scale: usize,
    pub(super) multiple: u32,
    pub(super) minimum: u32,
    meaning: Meaning,
}

impl<'a> Subject<'a> {
    /// A network of which nothing is known.
    ///
    /// # Errors
    /// As [`Network::facts`].
    pub fn new(network: Vec<u8>, open: &'a Open<'a>) -> Result<Self> {
        let facts = Network::read(&network)?.facts()?;
        Ok(Subject {
            input: facts.input,
            output: facts.output,
            noise: facts.noise_level,
            network,
            open,
            session: None,
            scale: 1,
            multiple: 1,
            minimum: 1,
            meaning: Meaning::default(),
        })
    }

    /// The same, with its sizes known: it can be run.
    pub(super) fn sized(mut self, sizes: &Sizes) -> Result<Self> {
        (self.scale, self.multiple, self.minimum) = (sizes.scale as usize, sizes.multiple, sizes.minimum);
        let model = self.model(self.network.clone(), &self.output.clone(), sizes.minimum, sizes.multiple)?;
        self.session = Some((self.open)(&model)?);
        Ok(self)
    }

    /// The same, with what its values mean known.
    pub(super) fn meaning(mut self, meaning: &Meaning) -> Self {
        self.meaning = meaning.clone();
        self
    }

    pub(super) fn with_meaning(&self, meaning: &Meaning) -> Subject<'a> {
        Subject {
            network: Vec::new(),
            input: self.input.clone(),
            output: self.output.clone(),
            session: self.session.clone(),
            meaning: meaning.clone(),
            ..*self
        }
    }

    pub(super) fn scale(&self) -> usize {
        self.scale
    }

    /// The network.
    pub fn into_network(self) -> Vec<u8> {
        self.network
    }

    /// Whether values outside black and white are cut off by a hyperbolic tangent: then they run from -1 to 1.
    pub(super) fn ends_in_tanh(&self) -> bool {
        let Ok(network) = Network::read(&self.network) else { return false };
        network.nodes.iter().any(|node| node.kind == "Tanh" && node.outputs.contains(&self.output.as_str()))
    }

    /// The shapes that the network gives to pictures whose sides are `multiple` times something. `None` where it fails.
    pub(super) fn shapes(&self, multiple: u32) -> Result<impl Fn(u32, u32) -> Option<[usize; 4]>> {
        const SHAPE: &str = "enlarger/shape";
        let network = shape_of(&self.network, SHAPE)?;
        let session = (self.open)(&self.model(network, SHAPE, multiple, multiple)?)?;
        let (input, noise) = (self.input.clone(), self.noise);
        Ok(move |height: u32, width: u32| {
            let data = Picture::new(height as usize, width as usize).planes;
            let mut shape = [0.0; 4];
            let inputs = inputs(&input, noise, height as usize, width as usize, &data);
            let output = TensorMut { name: SHAPE, shape: [1, 1, 1, 4], data: &mut shape };
            session.run(&inputs, output, &Cancel::new()).ok()?;
            Some(shape.map(|side| side as usize))
        })
    }

    /// Runs the network on a picture.
    pub(super) fn run(&self, picture: &Picture) -> Result<Picture> {
        let Picture { height, width, .. } = *picture;
        let session =
            self.session.as_ref().ok_or_else(|| Error::new(ErrorKind::Internal, "a probe before its time"))?;
        let (tall, wide) = (height * self.scale, width * self.scale);
        if 3 * tall * wide > MOST_VALUES {
            return Err(invalid(
                "the network makes pictures that are too large to look at; its factor cannot be right",
            ));
        }
        let given = self.meaning.give(&picture.planes);
        let mut made = vec![0.0; 3 * tall * wide];
        let output = TensorMut { name: &self.output, shape: [1, 3, tall, wide], data: &mut made };
        session.run(&inputs(&self.input, self.noise, height, width, &given), output, &Cancel::new())?;
        self.meaning.take(&mut made);
        if let Some(value) = made.iter().find(|value| !value.is_finite()) {
            return Err(invalid(format!(
                "the network makes values that are no numbers ({value}); its file is damaged"
            )));
        }
        Ok(Picture { planes: made, height: tall, width: wide })
    }

    /// A model that an engine opens: true as far as it is known.
    fn model(&self, network: Vec<u8>, output: &str, minimum: u32, multiple: u32) -> Result<Model> {
        let draft = Draft {
            words: Words { id: "probe".into(), ..Words::default() },
            scale: self.scale as u32,
            input: self.input.clone(),
            output: output.to_owned(),
            minimum,
            multiple,
            noise_level: self.noise.then_some([0.0, 1.0, 0.0]),
            ..Draft::of(&network)
        };
        Model::from_bytes(&draft.text(), network)
    }
}

fn inputs<'b>(name: &'b str, noise: bool, height: usize, width: usize, data: &'b [f32]) -> Vec<Tensor<'b>> {
    let mut inputs = vec![Tensor { name, shape: [1, 3, height, width], data }];
    if noise {
        inputs.push(Tensor { name: NOISE_INPUT, shape: [1; 4], data: &[0.0] });
    }
    inputs
}
