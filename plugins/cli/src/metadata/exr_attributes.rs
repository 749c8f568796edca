//! The attributes of an EXR file that say nothing about how its pixels are stored: owner, comments, camera, time code, …
//!
//! They are kept from EXR to EXR. The preview is not kept, because it would show the old picture.

use exr::meta::attribute::AttributeValue;
use exr::meta::header::{Header, ImageAttributes, LayerAttributes};
use exr::prelude::{SmallVec, Text};

/// The attribute with XMP.
const XMP: &str = "xmp";

/// The attributes.
#[derive(Clone, Debug, PartialEq)]
pub struct ExrAttributes {
    image: ImageAttributes,
    layer: LayerAttributes,
}

impl ExrAttributes {
    /// Those of a part of a file.
    pub fn new(header: &Header) -> Self {
        let (image, mut layer) = (header.shared_attributes.clone(), header.own_attributes.clone());
        layer.preview = None;
        layer.multi_view_names = None;
        layer.deep_image_state = None;
        layer.original_data_window = None;
        layer.view_name = None;
        ExrAttributes { image, layer }
    }

    /// No attributes.
    pub fn empty() -> Self {
        ExrAttributes::new(&Header::new(Text::default(), (1, 1), SmallVec::new()))
    }

    /// The software that made the file.
    pub fn software(&self) -> Option<String> {
        self.layer.software_name.as_ref().map(ToString::to_string)
    }

    /// The XMP in the attribute "xmp", where darktable writes it too.
    pub fn xmp(&self) -> Option<String> {
        let value = self.layer.other.iter().chain(&self.image.other).find(|(name, _)| **name == *XMP)?.1;
        match value {
            AttributeValue::Text(text) => Some(text.to_string()),
            _ => None,
        }
    }

    /// Sets what made the file, as a line and as XMP. Characters that EXR's texts do not have become question marks.
    pub fn set_mark(&mut self, software: &str, xmp: &str) {
        let latin = |text: &str| -> String {
            let kept = text.chars().filter(|c| *c != '\u{feff}');
            kept.map(|c| if u32::from(c) < 256 { c } else { '?' }).collect()
        };
        self.layer.software_name = Text::new_or_none(latin(software));
        self.image.other.retain(|name, _| *name != *XMP);
        if let (Some(name), Some(text)) = (Text::new_or_none(XMP), Text::new_or_none(latin(xmp))) {
            self.layer.other.insert(name, AttributeValue::Text(text));
        }
    }

    /// The names of those that only EXR can store.
    pub fn names(&self) -> Vec<String> {
        let layer = &self.layer;
        let mut names: Vec<String> = [
            ("timeCode", self.image.time_code.is_some()),
            ("whiteLuminance", layer.white_luminance.is_some()),
            ("adoptedNeutral", layer.adopted_neutral.is_some()),
            ("renderingTransform", layer.rendering_transform_name.is_some()),
            ("lookModTransform", layer.look_modification_transform_name.is_some()),
            ("owner", layer.owner.is_some()),
            ("comments", layer.comments.is_some()),
            ("capDate", layer.capture_date.is_some()),
            ("utcOffset", layer.utc_offset.is_some()),
            ("longitude", layer.longitude.is_some()),
            ("latitude", layer.latitude.is_some()),
            ("altitude", layer.altitude.is_some()),
            ("focus", layer.focus.is_some()),
            ("expTime", layer.exposure.is_some()),
            ("aperture", layer.aperture.is_some()),
            ("isoSpeed", layer.iso_speed.is_some()),
            ("envmap", layer.environment_map.is_some()),
            ("keyCode", layer.film_key_code.is_some()),
            ("wrapmodes", layer.wrap_mode_name.is_some()),
            ("framesPerSecond", layer.frames_per_second.is_some()),
            ("worldToCamera", layer.world_to_camera.is_some()),
            ("worldToNDC", layer.world_to_normalized_device.is_some()),
            ("software", layer.software_name.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, present)| present.then(|| name.to_owned()))
        .collect();
        let mut other: Vec<String> =
            self.image.other.keys().chain(layer.other.keys()).map(ToString::to_string).collect();
        other.sort();
        names.extend(other);
        names
    }

    /// Writes the attributes into the header of a result, except for what describes its own pixels.
    pub fn apply(&self, header: &mut Header) {
        let mut layer = self.layer.clone();
        layer.layer_name = header.own_attributes.layer_name.take();
        layer.layer_position = header.own_attributes.layer_position;
        layer.horizontal_density = header.own_attributes.horizontal_density;
        header.own_attributes = layer;
        header.shared_attributes.time_code = self.image.time_code;
        header.shared_attributes.other.clone_from(&self.image.other);
    }
}
