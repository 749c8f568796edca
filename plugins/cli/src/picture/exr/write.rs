//! Writing EXR: blocks of rows are compressed and written as they come.

use enlarger::{Channels, Error, ErrorKind, Result, Sample};
use exr::block::writer::ChunksWriter;
use exr::block::{UncompressedBlock, enumerate_ordered_header_block_indices};
use exr::error::Error as ExrError;
use exr::meta::BlockDescription;
use exr::meta::attribute::{ChannelDescription, Chromaticities, LineOrder, SampleType};
use exr::meta::header::Header;
use exr::prelude::{Compression, SmallVec, Text, Vec2};
use half::f16;

use crate::metadata::exr_attributes::ExrAttributes;
use crate::picture::encoder::{IncomingRows, OutputFile, WriteSpec, flush};

/// Writes an EXR file from rows as they come.
pub fn write(mut incoming: IncomingRows, mut output: OutputFile, spec: &WriteSpec) -> Result<()> {
    // The standard requires channels sorted by name. The number is the channel's index in our pixels.
    let names: &[(&str, usize)] = match spec.format.channels {
        Channels::Gray => &[("Y", 0)],
        Channels::GrayAlpha => &[("A", 1), ("Y", 0)],
        Channels::Rgb => &[("B", 2), ("G", 1), ("R", 0)],
        Channels::Rgba | Channels::Bgra => &[("A", 3), ("B", 2), ("G", 1), ("R", 0)],
    };
    let half = spec.format.sample == Sample::F16;
    let sample_type = if half { SampleType::F16 } else { SampleType::F32 };
    let channels: SmallVec<_> =
        names.iter().map(|(name, _)| ChannelDescription::new(*name, sample_type, *name == "A")).collect();
    let size = (spec.size.width as usize, spec.size.height as usize);
    let mut header = Header::new(Text::default(), size, channels).with_encoding(
        Compression::ZIP16,
        BlockDescription::ScanLines,
        LineOrder::Increasing,
    );
    header.own_attributes.layer_name = None;
    if let Some(density) = spec.metadata.density.filter(|d| d.absolute) {
        header.own_attributes.horizontal_density = Some(density.x as f32);
        header.shared_attributes.pixel_aspect = (density.y / density.x) as f32;
    }
    if let Some(attributes) = &spec.metadata.exr {
        attributes.apply(&mut header);
    }
    if let Some(packet) = &spec.metadata.xmp {
        ExrAttributes::apply_xmp(packet, &mut header);
    }
    // Only values that stay in the source's own primaries have them.
    if let (None, Some(primaries)) = (&spec.colour, &spec.metadata.linear) {
        let point = |[x, y]: [f64; 2]| Vec2(x as f32, y as f32);
        let [red, green, blue, white] = [primaries.red, primaries.green, primaries.blue, primaries.white].map(point);
        header.shared_attributes.chromaticities = Some(Chromaticities { red, green, blue, white });
    }
    let (pixel, sample) = (spec.format.pixel_size(), spec.format.sample.size());
    let mut failure = None;
    let headers: SmallVec<_> = [header].into_iter().collect();
    let result = exr::block::write(&mut output, headers, true, |meta, chunks| {
        let mut compressor = chunks.sequential_blocks_compressor(&meta);
        for (index, block) in enumerate_ordered_header_block_indices(&meta.headers) {
            let rows: Result<Vec<_>> = (0..block.pixel_size.y()).map(|_| incoming.next()).collect();
            let rows = rows.map_err(|e| {
                failure = Some(e);
                ExrError::Aborted
            })?;
            let first = block.pixel_position.y();
            let block = UncompressedBlock::from_lines(&meta.headers[0].channels, block, |line| {
                let row = &rows[line.location.position.y() - first];
                let offset = names[line.location.channel].1 * sample;
                let value = |x: usize| &row[x * pixel + offset..];
                // Writing fails only if the line's length differs from the row's, and it does not.
                let _ = if half {
                    line.write_samples(|x| f16::from_ne_bytes([value(x)[0], value(x)[1]]))
                } else {
                    line.write_samples(|x| f32::from_ne_bytes(value(x).first_chunk().copied().unwrap_or_default()))
                };
            });
            compressor.compress_block(index, block)?;
        }
        Ok(())
    });
    match (failure, result) {
        (Some(error), _) => Err(error),
        (None, Err(ExrError::Io(e))) => Err(e.into()),
        (None, Err(e)) => {
            Err(Error::new(ErrorKind::Format, format!("the EXR cannot be written ({e}); write a TIFF instead")))
        }
        (None, Ok(())) => flush(output),
    }
}
