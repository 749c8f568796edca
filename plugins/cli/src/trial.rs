//! A model on trial: does it keep what its manifest promises?
//!
//! The right file is not enough: a manifest can lie about the scale, the range, the order or the halo. So a small picture
//! goes through, whole and in tiles. It must never be left to the first real picture to find out.

use enlarger::{
    Cancel, Channels, Colour, Error, ErrorKind, Format, Job, Location, Model, Precision, Result, Sample,
    SessionOptions, Size, Target, Upscaler, View, ViewMut, ViewSink, ViewSource,
};
use enlarger_engines::Engines;

/// Sides that are multiples of nothing, and enough for four tiles.
const SIZE: Size = Size { width: 83, height: 71 };
const TILE: u32 = 44;
const FORMAT: Format = Format { sample: Sample::U8, channels: Channels::Rgb, alpha: enlarger::Alpha::Straight };

/// Runs the model. Says what it ran on.
///
/// # Errors
/// As the run; `ModelContract` where tiles differ from the whole.
pub fn run(engines: &Engines, model: &Model) -> Result<String> {
    // What a faster arithmetic rounds away is not the manifest's fault.
    let mut options = SessionOptions::default();
    options.precision = Precision::Exact;
    let opened = engines.open(None, model, &options)?;
    let whole = enlarge(&opened.upscaler, SIZE, None)?;
    let tiled = enlarge(&opened.upscaler, SIZE, Some(TILE))?;
    let worst = whole.iter().zip(&tiled).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0);
    // Rule 1: exact halos to within rounding, blended ones to within 4.
    let allowed = if model.manifest().tiling.overlap > 0 { 4 } else { 1 };
    if worst > allowed {
        return Err(Error::new(
            ErrorKind::ModelContract,
            format!("tiles differ from the whole by {worst} of 255; the manifest's halo is too small, probe it again"),
        )
        .at(Location::Model(model.id().to_owned())));
    }
    Ok(format!("{} {}", opened.engine.id(), opened.engine.version()))
}

/// Runs the model on one tile, which is verified as every tile is. Says what it ran on.
///
/// # Errors
/// As the run.
pub fn one_tile(engines: &Engines, model: &Model) -> Result<String> {
    let opened = engines.open(None, model, &SessionOptions::default())?;
    enlarge(&opened.upscaler, Size { width: 24, height: 20 }, None)?;
    Ok(format!("{} {}", opened.engine.id(), opened.engine.version()))
}

fn enlarge(upscaler: &Upscaler, size: Size, tile: Option<u32>) -> Result<Vec<u8>> {
    let pixels = picture(size);
    let mut job = Job::new(Target::Factor(f64::from(upscaler.model().manifest().scale)));
    job.colour_lock = false;
    job.tile = tile;
    let output = upscaler.plan(size, &job)?.output;
    let stride = FORMAT.row_size(output.width);
    let mut result = vec![0; stride * output.height as usize];
    let mut source = ViewSource::new(View::new(&pixels, FORMAT.row_size(size.width), size, FORMAT)?, Colour::Srgb);
    let mut sink = ViewSink::new(ViewMut::new(&mut result, stride, output, FORMAT)?);
    upscaler.run(&mut source, &mut sink, &job, &Cancel::new(), &mut |_| {})?;
    Ok(result)
}

/// Slopes of different colours with some noise: uneven everywhere, and of a mean that a wrong range or order moves.
fn picture(size: Size) -> Vec<u8> {
    let mut state = 1u32;
    let mut pixels = Vec::new();
    for y in 0..size.height {
        for x in 0..size.width {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = state >> 27;
            pixels.extend([40 + x * 2 + noise, 30 + y + noise, 20 + (x + y) / 2 + noise].map(|v| v as u8));
        }
    }
    pixels
}
