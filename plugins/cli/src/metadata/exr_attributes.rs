//! The attributes of an EXR file that say nothing about how its pixels are stored: owner, comments, camera, time code, …
//!
//! They are kept from EXR to EXR. The preview is not kept, because it would show the old picture.

use exr::meta::attribute::{AttributeValue, IntegerBounds, Text};
use exr::meta::header::{Header, ImageAttributes, LayerAttributes};

/// The attribute that holds XMP. EXR defines none; a packet is text, so it is stored as such.
const XMP: &str = "xmp";

/// The attributes.
#[derive(Clone, Debug, PartialEq)]
pub struct ExrAttributes {
    image: ImageAttributes,
    layer: LayerAttributes,
}

impl Default for ExrAttributes {
    fn default() -> Self {
        ExrAttributes { image: ImageAttributes::new(IntegerBounds::zero()), layer: LayerAttributes::default() }
    }
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

    /// The attribute *software*.
    pub fn software(&self) -> Option<String> {
        self.layer.software_name.as_ref().map(|text| String::from_utf8_lossy(text.bytes()).into_owned())
    }

    /// Sets the attribute *software*.
    pub fn set_software(&mut self, text: &str) {
        self.layer.software_name = Some(Text::from_slice_unchecked(text.as_bytes()));
    }

    /// Takes the XMP packet out.
    pub fn take_xmp(&mut self) -> Option<Vec<u8>> {
        let others = [&mut self.image.other, &mut self.layer.other];
        let value = others.into_iter().find_map(|other| other.remove(&Text::from_slice_unchecked(XMP.as_bytes())));
        match value? {
            AttributeValue::Text(text) => Some(text.bytes().to_vec()),
            _ => None,
        }
    }

    /// Writes an XMP packet into the header of a result.
    pub fn apply_xmp(packet: &[u8], header: &mut Header) {
        let name = Text::from_slice_unchecked(XMP.as_bytes());
        header.own_attributes.other.insert(name, AttributeValue::Text(Text::from_slice_unchecked(packet)));
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
        .filter(|(_, present)| *present)
        .map(|(name, _)| name.to_owned())
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
