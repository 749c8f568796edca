//! The trial of a network on a GPU: the sample pictures, compared with what exact arithmetic makes of them.
//!
//! The results of exact arithmetic come from outside, so that the time of a trial is that of the GPU alone.

use std::path::Path;
use std::time::Instant;

use enlarger::{Cancel, Difference, Manifest, Model, Precision, Result, SamplePicture, Session, SessionOptions};

use super::measurement::GpuMeasurement;

/// The side of a sample picture in pixels, where the network takes any size.
const SIDE: u32 = 48;

/// A network, a GPU, and the results to compare with.
#[derive(Clone, Debug)]
pub struct GpuTrial<'a> {
    /// The engine library.
    pub library: &'a Path,
    /// The id of the device.
    pub device: &'a str,
    /// The precision with which the network is opened there.
    pub precision: Precision,
    /// The model's manifest, as TOML.
    pub manifest: &'a str,
    /// The network's file.
    pub network: &'a [u8],
    /// What exact arithmetic makes of the sample pictures, one after another: [`GpuTrial::expected`].
    pub expected: &'a [f32],
}

impl GpuTrial<'_> {
    /// What a session makes of the sample pictures, one after another.
    ///
    /// # Errors
    /// As [`Session::run`].
    pub fn expected(manifest: &Manifest, session: &dyn Session) -> Result<Vec<f32>> {
        let samples = SamplePicture::ALL.into_iter().map(|picture| enlarge(picture, manifest, session));
        Ok(samples.collect::<Result<Vec<_>>>()?.concat())
    }

    /// Opens the device and the network on it, and compares, in this process.
    ///
    /// # Errors
    /// As [`enlarger_engine_api::open`], [`enlarger::Engine::open`] and [`Session::run`].
    pub fn run(&self) -> Result<GpuMeasurement> {
        let engine = enlarger_engine_api::open(self.library)?;
        let model = Model::from_bytes(self.manifest, self.network.to_vec())?;
        let mut options = SessionOptions::default();
        (options.device, options.precision) = (Some(self.device.to_owned()), self.precision);
        let session = engine.open(&model, &options)?;
        let mut measured = GpuMeasurement { difference: Difference::NONE, seconds: 0.0 };
        let samples = self.expected.chunks_exact((self.expected.len() / SamplePicture::ALL.len()).max(1));
        for (picture, expected) in SamplePicture::ALL.into_iter().zip(samples) {
            let started = Instant::now();
            let made = enlarge(picture, model.manifest(), &*session)?;
            measured.seconds = started.elapsed().as_secs_f64();
            measured.difference = measured.difference.or_worse(Difference::between(&made, expected));
        }
        Ok(measured)
    }
}

fn enlarge(picture: SamplePicture, manifest: &Manifest, session: &dyn Session) -> Result<Vec<f32>> {
    picture.enlarge(manifest, SIDE, |inputs, output| session.run(inputs, output, &Cancel::new()))
}
