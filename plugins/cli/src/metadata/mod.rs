//! Metadata: what a file carries besides pixels.
//!
//! Every reader fills it, and every writer stores what its format can. What is kept must be true of the enlarged picture:
//! no old orientation, no old size, no old thumbnail.

pub mod chromaticities;
mod density;
pub mod exif;
pub mod exr_attributes;
pub mod geo;
pub mod ifd;
mod iptc;
pub mod label;
mod meaning;
pub mod photoshop;
mod profile_name;
pub mod xmp;

use std::mem;
use std::sync::Arc;

use enlarger::{Provenance, Size};

use crate::picture::colour_profile::{ToneCurve, profile};

pub use chromaticities::Chromaticities;
pub use density::Density;
use exif::Exif;
use exr_attributes::ExrAttributes;
use geo::Geo;
pub use profile_name::profile_name;
use xmp::Packet;

/// Bytes that a block of metadata (a profile, EXIF or XMP) may have.
pub const MAX_METADATA: u64 = 64 << 20;

/// The metadata of a picture.
#[derive(Clone, Debug, Default)]
pub struct Metadata {
    /// The ICC profile.
    pub icc: Option<Vec<u8>>,
    /// The EXIF block.
    pub exif: Option<Exif>,
    /// The XMP packet.
    pub xmp: Option<Vec<u8>>,
    /// The resolution. Readers set it with `settle_density`.
    pub density: Option<Density>,
    /// Text chunks of a PNG file: keyword and text.
    pub texts: Vec<(String, String)>,
    /// IPTC-IIM records: the content of Photoshop's resource 1028 and of the TIFF field 33723. Readers set it with `set_iptc`.
    pub iptc: Option<Vec<u8>>,
    /// Photoshop's resources that stay true; `photoshop::read_into` fills them and `photoshop::block` stores them.
    pub photoshop: Vec<photoshop::Resource>,
    /// The resolution that Photoshop's resources state.
    pub photoshop_density: Option<Density>,
    /// Chunks of a PNG that stay true as they are. One of them may say that the colours are for HDR displays.
    pub png_chunks: Vec<([u8; 4], Vec<u8>)>,
    /// Comments without a keyword, as in JPEG and GIF.
    pub comments: Vec<String>,
    /// The name of a TIFF page.
    pub page_name: Option<String>,
    /// What only EXR stores.
    pub exr: Option<Arc<ExrAttributes>>,
    /// The primaries of linear light other than sRGB's, as EXR states them. The profile describes the same.
    pub linear: Option<Chromaticities>,
    /// Where on Earth the pixels are.
    pub geo: Option<Geo>,
    /// What the file carries and no result can keep, such as "the JPEG's preview pictures".
    pub left_out: Vec<String>,
    /// What makes the result, if its file is to say so.
    pub made_by: Option<Provenance>,
    /// What moves to XMP because the result's format has no place of its own for it.
    pub moved: Vec<String>,
    /// The size of the upright picture, which positions in EXIF and XMP refer to. Set when the picture is open.
    pub size: Option<Size>,
    /// How to turn the stored picture upright: an EXIF orientation, 1 to 8.
    pub orientation: u8,
}

impl Metadata {
    /// Sets the EXIF block, if there is one, and takes the orientation from it.
    pub fn set_exif(&mut self, exif: Option<Exif>) {
        if let Some(exif) = exif {
            self.orientation = exif.orientation();
            self.exif = Some(exif);
        }
    }

    /// Sets the IPTC records from a block, as far as it can be read.
    pub fn set_iptc(&mut self, block: &[u8]) {
        match iptc::sound_part(block) {
            Some((part, damaged)) => {
                self.iptc = Some(part.to_vec());
                if damaged {
                    self.leave_out("damaged IPTC records");
                }
            }
            None if block.iter().any(|b| *b != 0) => self.leave_out("damaged IPTC records"),
            None => {}
        }
    }

    /// Sets the density. The format's own field is trusted most, then EXIF, then Photoshop's resources. Called after all
    /// other metadata has been read.
    pub fn settle_density(&mut self, own: Option<Density>) {
        let exif = self.exif.as_ref().and_then(Exif::density);
        self.density = Density::most_trusted(&[own, exif, self.photoshop_density]);
    }

    /// Names something that no result can keep, once.
    pub fn leave_out(&mut self, what: &str) {
        if !self.left_out.iter().any(|known| known == what) {
            self.left_out.push(what.to_owned());
        }
    }

    /// Whether the values are for HDR displays, which only a PNG can say.
    pub fn is_hdr(&self) -> bool {
        self.png_chunks.iter().any(|(name, _)| name == b"cICP")
    }

    /// Sets the profile of a picture without one by the colour space that EXIF states. Cameras mark Adobe RGB so, by the
    /// rules of DCF.
    pub fn adopt_exif_colours(&mut self, gray: bool) {
        if self.icc.is_none() && self.exif.as_ref().is_some_and(Exif::is_adobe_rgb) {
            let curve = [ToneCurve::Gamma(2.199_218_75)];
            self.icc = profile("Adobe RGB (1998) compatible", &Chromaticities::ADOBE_RGB, &curve, gray);
        }
    }

    /// Takes the XMP out to change it. A packet that cannot be read is left out.
    pub fn take_packet(&mut self) -> Option<Packet> {
        let bytes = self.xmp.take()?;
        let packet = Packet::parse(&bytes);
        if packet.is_none() {
            self.leave_out("XMP that is damaged");
        }
        packet
    }

    /// Turns what the metadata says about places in the picture, as an orientation asks for. `upright` is the size afterwards.
    pub fn turn_upright(&mut self, orientation: u8, upright: Size) {
        self.orientation = 1;
        self.size = Some(upright);
        if !(2..=8).contains(&orientation) {
            return;
        }
        if let (5.., Some(density)) = (orientation, &mut self.density) {
            mem::swap(&mut density.x, &mut density.y);
        }
        if let Some(exif) = &mut self.exif {
            exif.turn_upright(orientation, upright);
        }
        if photoshop::remove_paths(&mut self.photoshop) {
            self.leave_out("Photoshop's paths, because the picture is turned upright");
        }
        if let Some(mut packet) = self.take_packet() {
            packet.turn(orientation).into_iter().for_each(|what| self.leave_out(what));
            self.xmp = Some(packet.into_bytes());
        }
    }

    /// Corrects everything that would be wrong for an upright result of `size`.
    pub fn update_for_result(&mut self, size: Size) {
        if let Some(exif) = &mut self.exif {
            exif.update_for_result(self.size, size, self.density);
        }
        if let Some(mut packet) = self.take_packet() {
            let lost = packet.update_for_result(self.size, size, self.density);
            lost.into_iter().for_each(|what| self.leave_out(what));
            self.xmp = Some(packet.into_bytes());
        }
        self.size = Some(size);
        if let Some(geo) = &mut self.geo {
            geo.update_for_result(size);
        }
        self.orientation = 1;
    }
}
