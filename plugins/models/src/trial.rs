//! A trial run: checks that a model does what its manifest states.
//!
//! Even with the right file, a manifest can be wrong about the scale, range, channel order or halo. So a small picture is
//! enlarged, whole and in tiles, rather than leaving the discovery to the user's first picture.

use enlarger::{
    Cancel, Channels, Colour, Error, ErrorKind, Format, Job, Location, Model, Precision, Result, Sample,
    SessionOptions, Size, Target, Tileable, Upscaler, View, ViewMut, ViewSink, ViewSource,
};
use enlarger_engines::Engines;

/// Both sides are odd, and large enough for four tiles.
const SIZE: Size = Size { width: 83, height: 71 };
const TILE: u32 = 44;
const FORMAT: Format = Format { sample: Sample::U8, channels: Channels::Rgb, alpha: enlarger::Alpha::Straight };

/// Runs the model on a whole picture and, where they can differ from it, on tiles. Returns the engine and its version.
///
/// # Errors
/// As the run, or `ModelContract` if the tiles differ from the whole.
pub fn run(engines: &Engines, model: &Model) -> Result<String> {
    // The differences that a faster arithmetic makes are not the manifest's fault.
    let mut options = SessionOptions::default();
    options.precision = Precision::Exact;
    let opened = engines.open(None, model, &options)?;
    let whole = enlarge(&opened.upscaler, SIZE, None)?;
    let (tiling, input) = (&model.manifest().tiling, &model.manifest().input);
    // A network that gets the whole picture, or takes only one size, would do the same again.
    let worst = match tiling.support == Tileable::Whole || input.size.is_some() {
        true => 0,
        false => {
            let tiled = enlarge(&opened.upscaler, SIZE, Some(TILE))?;
            whole.iter().zip(&tiled).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0)
        }
    };
    // Exact halos are right to within rounding, blended ones to within 4.
    let allowed = if tiling.overlap > 0 { 4 } else { 1 };
    if worst > allowed {
        return Err(Error::new(
            ErrorKind::ModelContract,
            format!("tiles differ from the whole picture by {worst} of 255; the manifest's halo is too small, so import the network again"),
        )
        .at(Location::Model(model.id().to_owned())));
    }
    Ok(format!("{} {}", opened.engine.id(), opened.engine.version()))
}

/// Runs the model on one tile, which is verified like every tile. Returns the engine and its version.
///
/// # Errors
/// As the run.
pub fn run_one_tile(engines: &Engines, model: &Model) -> Result<String> {
    let opened = engines.open(None, model, &SessionOptions::default())?;
    enlarge(&opened.upscaler, Size { width: 24, height: 20 }, None)?;
    Ok(format!("{} {}", opened.engine.id(), opened.engine.version()))
}

fn enlarge(upscaler: &Upscaler, size: Size, tile: Option<u32>) -> Result<Vec<u8>> {
    let pixels = picture(size);
    let mut job = Job::new(Target::Factor(upscaler.model().map_or(1.0, |model| f64::from(model.manifest().scale))));
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

/// Colour gradients with some noise. A wrong range or channel order would change their mean.
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
