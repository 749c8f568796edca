//! The contract of a network: how its tensors relate to the pipeline's pixels, as the manifest promises.
//!
//! The pipeline uses RGB from 0 to 1. Only this file knows the order and range that a network uses instead.

use std::borrow::Cow;

use crate::engine::engine::{Session, Tensor, TensorMut};
use crate::error::Result;
use crate::geometry::Size;
use crate::machine::memory;
use crate::models::manifest::{ChannelOrder, ExtraInput, ExtraInputKind, Manifest};
use crate::models::noise::NoiseLevel;
use crate::run::cancel::Cancel;

#[derive(Debug)]
pub(crate) struct Contract {
    input: String,
    output: String,
    bgr: bool,
    black: f32,
    span: f32,
    pub(crate) extras: Vec<(String, f32)>,
    pub(crate) scale: usize,
}

impl Contract {
    pub(crate) fn new(manifest: &Manifest, noise_level: NoiseLevel) -> Self {
        let [black, white] = manifest.input.range;
        let extra = |extra: &ExtraInput| match extra.kind {
            ExtraInputKind::NoiseLevel => (extra.name.clone(), noise_level.value(extra)),
        };
        Contract {
            input: manifest.input.name.clone(),
            output: manifest.output.name.clone(),
            bgr: manifest.input.order == ChannelOrder::Bgr,
            black,
            span: white - black,
            extras: manifest.extra.iter().map(extra).collect(),
            scale: manifest.scale as usize,
        }
    }

    /// Converts three planes to the order and range of the network.
    pub(crate) fn prepare<'a>(&self, planes: &'a [f32]) -> Result<Cow<'a, [f32]>> {
        if self.is_plain() {
            return Ok(Cow::Borrowed(planes));
        }
        let mut planes = memory::collect(planes.iter().copied())?;
        self.swap(&mut planes);
        planes.iter_mut().for_each(|v| *v = self.black + *v * self.span);
        Ok(Cow::Owned(planes))
    }

    /// Converts three planes from the order and range of the network, in place.
    pub(crate) fn restore(&self, planes: &mut [f32]) {
        if !self.is_plain() {
            planes.iter_mut().for_each(|v| *v = (*v - self.black) / self.span);
            self.swap(planes);
        }
    }

    fn is_plain(&self) -> bool {
        !self.bgr && self.black == 0.0 && self.span == 1.0
    }

    fn swap(&self, planes: &mut [f32]) {
        if self.bgr {
            let plane = planes.len() / 3;
            let (first, rest) = planes.split_at_mut(plane);
            first.swap_with_slice(&mut rest[plane..]);
        }
    }

    /// Runs the network on three planes of `size`.
    pub(crate) fn run(
        &self,
        session: &dyn Session,
        planes: &[f32],
        size: Size,
        output: &mut [f32],
        cancel: &Cancel,
    ) -> Result<()> {
        let (height, width) = (size.height as usize, size.width as usize);
        let pixels = self.prepare(planes)?;
        let mut inputs = vec![Tensor { name: &self.input, shape: [1, 3, height, width], data: &pixels }];
        for (name, value) in &self.extras {
            inputs.push(Tensor { name, shape: [1, 1, 1, 1], data: std::slice::from_ref(value) });
        }
        let shape = [1, 3, height * self.scale, width * self.scale];
        session.run(&inputs, TensorMut { name: &self.output, shape, data: output }, cancel)?;
        self.restore(output);
        Ok(())
    }
}
