//! PNG: 8 and 16 bits, gray and RGB, with and without alpha; read and written row by row.

pub mod read;
pub mod write;

/// The keyword of XMP among a PNG's text chunks.
const XMP_KEYWORD: &str = "XML:com.adobe.xmp";
const METRES_PER_INCH: f64 = 0.0254;
