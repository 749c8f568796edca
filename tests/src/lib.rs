//! What the tests of the whole product share: toy networks, pictures, and functions that run the pipeline.
//!
//! Nothing here is part of the product.

#[cfg(unix)]
pub mod clock;
pub mod engine_library;
pub mod gallery;
pub mod installed;
pub mod networks;
pub mod onnx;
pub mod painter;
pub mod picture;
pub mod prompt;
pub mod toy;

use std::sync::Arc;

use enlarger::{
    Cache, Cancel, Colour, Engine, Error, Format, Job, Model, Precision, Report, SessionOptions, Size, Upscaler, View,
    ViewMut, ViewSink, ViewSource,
};
use enlarger_engine_ort::Ort;
use enlarger_engine_rten::Rten;
use enlarger_engine_winograd::Winograd;

pub use picture::{Picture, data_folder_file};
pub use prompt::assert_prompt;
pub use toy::{Toy, toy_model};

/// The embedded default model.
pub fn default_model() -> Model {
    enlarger::Registry::search(&[]).find(enlarger::DEFAULT_MODEL).expect("the embedded model").clone()
}

/// The manifest of the model inside the library.
pub const DEFAULT_MANIFEST: &str = include_str!("../../core/models/realesr-general-x4v3/manifest.toml");

/// The embedded model with a changed manifest.
pub fn default_model_with(change: impl FnOnce(String) -> String) -> Model {
    let network = include_bytes!("../../core/models/realesr-general-x4v3/model.onnx").as_slice();
    Model::from_bytes(&change(DEFAULT_MANIFEST.to_owned()), network).expect("a changed manifest")
}

/// The real engines, fastest first, without caches. Needs the ONNX Runtime that `scripts/setup` installs.
pub fn real_engines() -> Vec<Arc<dyn Engine>> {
    let ort = Ort::discover().expect("ONNX Runtime for the tests; run them with scripts/test, which installs it");
    vec![Arc::new(Winograd::with_cache(Cache::none())), Arc::new(ort), Arc::new(Rten::new())]
}

/// The real engine with this id.
pub fn real_engine(id: &str) -> Arc<dyn Engine> {
    real_engines().into_iter().find(|engine| engine.id() == id).expect("an engine")
}

/// An upscaler with the usual options.
pub fn upscaler(model: &Model, engine: Arc<dyn Engine>) -> Upscaler {
    Upscaler::new(model, engine, &SessionOptions::default()).expect("a session")
}

/// An upscaler that computes in 32-bit floating point throughout.
pub fn exact_upscaler(model: &Model, engine: Arc<dyn Engine>) -> Upscaler {
    let mut options = SessionOptions::default();
    options.precision = Precision::Exact;
    Upscaler::new(model, engine, &options).expect("a session")
}

/// The embedded model in one arithmetic of one real engine.
pub struct Arithmetic {
    pub name: String,
    pub upscaler: Upscaler,
    /// Whether it is 32-bit floating point throughout, as the engine says.
    pub exact: bool,
}

/// Exact arithmetic on every engine, and the engine's own choice where that is not exact.
pub fn arithmetics() -> Vec<Arithmetic> {
    let mut all = Vec::new();
    for engine in real_engines() {
        let (model, id) = (default_model(), engine.id().to_owned());
        if !engine.open(&model, &SessionOptions::default()).expect("a session").is_exact() {
            all.push(Arithmetic {
                name: format!("{id}, fast"),
                upscaler: upscaler(&model, engine.clone()),
                exact: false,
            });
        }
        all.push(Arithmetic { name: id, upscaler: exact_upscaler(&model, engine), exact: true });
    }
    assert_eq!(all.iter().filter(|arithmetic| !arithmetic.exact).count(), 1, "only our own engine has fast arithmetic");
    all
}

/// Runs `job` on a picture in memory. The result has the format `output`.
pub fn enlarge_as(
    upscaler: &Upscaler,
    picture: &Picture,
    output: Format,
    job: &Job,
) -> Result<(Picture, Report), Error> {
    enlarge_until(upscaler, picture, output, job, &Cancel::new(), &mut |_| {})
}

/// As [`enlarge_as`], with a cancellation token and reports of progress.
pub fn enlarge_until(
    upscaler: &Upscaler,
    picture: &Picture,
    output: Format,
    job: &Job,
    cancel: &Cancel,
    progress: &mut dyn FnMut(enlarger::Progress),
) -> Result<(Picture, Report), Error> {
    let size: Size = upscaler.plan(picture.size, job)?.output;
    let mut result = Picture::new(size, output, picture.colour.clone());
    let view = View::new(&picture.bytes, picture.stride(), picture.size, picture.format)?;
    let mut source = ViewSource::new(view, picture.colour.clone());
    let stride = result.stride();
    let mut sink = ViewSink::new(ViewMut::new(&mut result.bytes, stride, size, output)?);
    let report = upscaler.run(&mut source, &mut sink, job, cancel, progress)?;
    Ok((result, report))
}

/// Runs `job` in the picture's own format; it must succeed.
pub fn enlarge(upscaler: &Upscaler, picture: &Picture, job: &Job) -> Picture {
    enlarge_as(upscaler, picture, picture.format, job).expect("a run").0
}

/// A job that `change` has modified.
pub fn job(target: enlarger::Target, change: impl FnOnce(&mut Job)) -> Job {
    let mut job = Job::new(target);
    change(&mut job);
    job
}

/// A short name, because tests use it often.
pub const SRGB: Colour = Colour::Srgb;
