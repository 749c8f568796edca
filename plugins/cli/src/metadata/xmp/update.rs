//! Correcting a packet for the enlarged picture.
//!
//! Orientation, sizes, densities and positions in pixels become those of the result. Descriptions of parts that the result does
//! not have (thumbnails, gain maps, motion video, depth maps) are removed, because programs would look for those parts.

use enlarger::Size;

use super::Packet;
use crate::metadata::Density;

const TIFF: &str = "http://ns.adobe.com/tiff/1.0/";
const EXIF: &str = "http://ns.adobe.com/exif/1.0/";
const XMP: &str = "http://ns.adobe.com/xap/1.0/";
const MEDIA_MANAGEMENT: &str = "http://ns.adobe.com/xap/1.0/mm/";
const CAMERA: &str = "http://ns.google.com/photos/1.0/camera/";
const PANORAMA: &str = "http://ns.google.com/photos/1.0/panorama/";
const DIMENSIONS: &str = "http://ns.adobe.com/xap/1.0/sType/Dimensions#";

/// What is said of parts that the result does not have, and the namespaces that describe them.
const PARTS: [(&str, &[&str]); 3] = [
    (
        "the gain map for HDR displays",
        &["http://ns.adobe.com/hdr-gain-map/1.0/", "http://ns.apple.com/HDRGainMap/1.0/"],
    ),
    (
        "the depth map",
        &[
            "http://ns.google.com/photos/1.0/depthmap/",
            "http://ns.google.com/photos/1.0/focus/",
            "http://ns.google.com/photos/dd/1.0/device/",
            "http://ns.apple.com/depthData/1.0/",
        ],
    ),
    (
        "the picture or sound inside XMP",
        &["http://ns.google.com/photos/1.0/image/", "http://ns.google.com/photos/1.0/audio/"],
    ),
];
/// Namespaces that list the parts of a file.
const CONTAINERS: [&str; 3] = [
    "http://ns.google.com/photos/1.0/container/",
    "http://ns.google.com/photos/1.0/container/item/",
    "http://ns.apple.com/pixeldatainfo/1.0/",
];

impl Packet {
    /// Corrects the packet for an upright result of `size` with `density`. `from` is the size of the upright picture that it
    /// describes. Returns what is lost.
    pub fn update_for_result(&mut self, from: Option<Size>, size: Size, density: Option<Density>) -> Vec<&'static str> {
        let mut lost = Vec::new();
        for (part, namespaces) in PARTS {
            if self.remove(|namespace, _| namespaces.contains(&namespace)) {
                lost.push(part);
            }
        }
        let motion = |name: &str| name.starts_with("MicroVideo") || name.starts_with("MotionPhoto");
        if self.remove(|namespace, name| namespace == CAMERA && motion(name)) {
            lost.push("the motion video");
        }
        self.remove(|namespace, _| CONTAINERS.contains(&namespace));
        self.remove(|namespace, name| match namespace {
            XMP => name == "Thumbnails",
            // It names the bytes of the old file.
            MEDIA_MANAGEMENT => name == "InstanceID",
            // EXIF says them too, and there they are corrected.
            EXIF => matches!(name, "SubjectArea" | "SubjectLocation"),
            _ => false,
        });
        self.set_numbers(from, size, density);
        lost
    }

    fn set_numbers(&mut self, from: Option<Size>, size: Size, density: Option<Density>) {
        let nodes = self.nodes().unwrap_or_default();
        let mut edits = Vec::new();
        for (index, node) in nodes.iter().enumerate() {
            let text = self.0[node.content.clone()].trim();
            let new = match (node.namespace.as_str(), node.name.as_str()) {
                (TIFF, "Orientation") => Some("1".to_owned()),
                (TIFF, "ImageWidth") | (EXIF, "PixelXDimension") => Some(size.width.to_string()),
                (TIFF, "ImageLength") | (EXIF, "PixelYDimension") => Some(size.height.to_string()),
                (TIFF, "XResolution") => density.map(|d| fraction(d.x)),
                (TIFF, "YResolution") => density.map(|d| fraction(d.y)),
                (TIFF, "ResolutionUnit") => density.map(|d| if d.absolute { "2" } else { "1" }.to_owned()),
                (DIMENSIONS, side @ ("w" | "h")) if self.is_within(&nodes, index, "AppliedToDimensions") => {
                    Some(if side == "w" { size.width } else { size.height }.to_string())
                }
                (PANORAMA, name) => {
                    from.and_then(|from| scaled(name, text, from, size)).filter(|_| Self::is_property(&nodes, node))
                }
                _ => None,
            };
            // A value that is not a plain text is something else than what its name says.
            if let Some(new) = new.filter(|_| !text.is_empty() && !text.contains('<')) {
                edits.push((node.content.clone(), new));
            }
        }
        self.apply(edits);
    }

    /// Whether a node is inside an element of this name.
    fn is_within(&self, nodes: &[super::Node], index: usize, name: &str) -> bool {
        let mut above = nodes[index].parent;
        while let Some(parent) = above {
            if nodes[parent].name == name {
                return true;
            }
            above = nodes[parent].parent;
        }
        false
    }
}

fn fraction(value: f64) -> String {
    let (n, d) = Density::fraction(value);
    format!("{n}/{d}")
}

/// A position or size of a panorama in pixels, scaled.
fn scaled(name: &str, text: &str, from: Size, size: Size) -> Option<String> {
    let horizontal = match name {
        "CroppedAreaImageWidthPixels"
        | "FullPanoWidthPixels"
        | "CroppedAreaLeftPixels"
        | "LargestValidInteriorRectLeft"
        | "LargestValidInteriorRectWidth" => true,
        "CroppedAreaImageHeightPixels"
        | "FullPanoHeightPixels"
        | "CroppedAreaTopPixels"
        | "LargestValidInteriorRectTop"
        | "LargestValidInteriorRectHeight" => false,
        _ => return None,
    };
    let value: f64 = text.parse().ok()?;
    let factor = if horizontal {
        f64::from(size.width) / f64::from(from.width)
    } else {
        f64::from(size.height) / f64::from(from.height)
    };
    Some(format!("{}", (value * factor).round()))
}
