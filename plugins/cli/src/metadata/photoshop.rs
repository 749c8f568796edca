//! Photoshop's image resources (8BIM): the blocks in JPEG's segment APP13, in the TIFF field 34377 and in PSD files.
//!
//! They carry IPTC, a density and settings of many kinds. What stays true of an enlarged picture is kept; what is stored in
//! pixels or shows the old picture is not. No length is trusted.

use super::exif::Exif;
use super::{Density, Metadata};

const RESOLUTION: u16 = 1005;
const IPTC: u16 = 1028;
const ICC: u16 = 1039;
const EXIF: u16 = 1058;
const XMP: u16 = 1060;

/// One resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// What it is.
    pub id: u16,
    /// Its name, mostly empty.
    pub name: Vec<u8>,
    /// Its content.
    pub data: Vec<u8>,
}

/// The resources of a block. The second value says whether all of it could be read.
pub fn resources(block: &[u8]) -> (Vec<Resource>, bool) {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some((resource, end)) = resource(block, at) {
        found.push(resource);
        at = end;
    }
    let rest = block.get(at..).unwrap_or_default();
    (found, rest.iter().all(|b| *b == 0))
}

fn resource(block: &[u8], at: usize) -> Option<(Resource, usize)> {
    const MARKS: [&[u8]; 4] = [b"8BIM", b"MeSa", b"AgHg", b"PHUT"];
    let mark = block.get(at..at.checked_add(4)?)?;
    if !MARKS.contains(&mark) {
        return None;
    }
    let id = u16::from_be_bytes(*block.get(at + 4..)?.first_chunk()?);
    let name_length = usize::from(*block.get(at + 6)?);
    let name = block.get(at + 7..at + 7 + name_length)?.to_vec();
    // The name with its length, and the data, each take an even number of bytes.
    let at = at + 6 + (1 + name_length).next_multiple_of(2);
    let length = u32::from_be_bytes(*block.get(at..)?.first_chunk()?) as usize;
    let end = (at + 4).checked_add(length)?;
    let data = block.get(at + 4..end)?.to_vec();
    Some((Resource { id, name, data }, end.next_multiple_of(2)))
}

/// Takes what `block` carries into `metadata`. Statements that the file makes elsewhere take precedence, except that a file's
/// IPTC is here.
pub fn read_into(metadata: &mut Metadata, block: &[u8]) {
    let (found, complete) = resources(block);
    if !complete {
        metadata.leave_out("damaged Photoshop resources");
    }
    for resource in found {
        match resource.id {
            RESOLUTION => metadata.photoshop_density = density(&resource.data),
            IPTC => metadata.set_iptc(&resource.data),
            ICC => metadata.icc = metadata.icc.take().or(Some(resource.data)),
            EXIF if metadata.exif.is_none() => metadata.set_exif(Exif::from_block(&resource.data)),
            XMP if metadata.xmp.is_none() => metadata.xmp = Some(resource.data),
            _ if stays_true(resource.id) => metadata.photoshop.push(resource),
            id => {
                if let Some(name) = loss(id) {
                    metadata.leave_out(name);
                }
            }
        }
    }
}

/// Removes the paths. Returns whether there were any.
pub fn remove_paths(resources: &mut Vec<Resource>) -> bool {
    let count = resources.len();
    resources.retain(|r| !(2000..=2999).contains(&r.id));
    resources.len() < count
}

/// The resources of `metadata` as a block, for JPEG and TIFF. `None` if there is nothing to store.
pub fn block(metadata: &Metadata) -> Option<Vec<u8>> {
    if metadata.iptc.is_none() && metadata.photoshop.is_empty() {
        return None;
    }
    let mut resources = metadata.photoshop.clone();
    let resource = |id, data| Resource { id, name: Vec::new(), data };
    resources.extend(metadata.iptc.as_ref().map(|iptc| resource(IPTC, iptc.clone())));
    resources.extend(metadata.density.filter(|d| d.absolute).map(|d| resource(RESOLUTION, resolution(d))));
    resources.sort_by_key(|r| r.id);
    let mut block = Vec::new();
    for resource in resources {
        let Ok(length) = u32::try_from(resource.data.len()) else { continue };
        block.extend(b"8BIM");
        block.extend(resource.id.to_be_bytes());
        block.push(resource.name.len().min(255) as u8);
        block.extend(resource.name.iter().take(255));
        block.resize(block.len().next_multiple_of(2), 0);
        block.extend(length.to_be_bytes());
        block.extend(&resource.data);
        block.resize(block.len().next_multiple_of(2), 0);
    }
    Some(block)
}

/// Dots per inch in 16.16 bits, followed by the unit to show and the unit of the width; then the same for the height.
fn density(data: &[u8]) -> Option<Density> {
    let fixed = |at: usize| Some(f64::from(u32::from_be_bytes(*data.get(at..)?.first_chunk()?)) / 65536.0);
    Density::new(fixed(0)?, fixed(8)?, true)
}

fn resolution(density: Density) -> Vec<u8> {
    let fixed = |n: f64| ((n.min(65535.0) * 65536.0).round() as u32).to_be_bytes();
    [&fixed(density.x)[..], &[0, 1, 0, 1], &fixed(density.y), &[0, 1, 0, 1]].concat()
}

/// Whether a resource is true of the enlarged picture as it is: settings for print, the mark and the address of rights, paths
/// (whose points are fractions of the sides), and the digest of the IPTC records.
fn stays_true(id: u16) -> bool {
    matches!(
        id,
        1011 | 1013 | 1034 | 1035 | 1037 | 1049 | 1054 | 1061 | 1062 | 1064 | 1082 | 1083 | 2000..=2999 | 10000
    )
}

/// What is lost with a resource. `None` if it shows the old picture, describes layers or how the file was stored, or is
/// for one session of the program only.
fn loss(id: u16) -> Option<&'static str> {
    Some(match id {
        1032 => "Photoshop's guides",
        1050 => "Photoshop's slices",
        1065 => "Photoshop's layer compositions",
        1073 | 1075 | 1078 | 1074 => "Photoshop's timeline",
        1080 | 1048 => "Photoshop's counts and annotations",
        4000..=4999 => "data of Photoshop's plug-ins",
        7000..=7999 => "ImageReady's data",
        8000 => "Lightroom's workflow",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(id: u16, name: &[u8], data: &[u8]) -> Vec<u8> {
        let mut block = [b"8BIM".as_slice(), &id.to_be_bytes(), &[name.len() as u8], name].concat();
        block.resize(block.len().next_multiple_of(2), 0);
        block.extend((data.len() as u32).to_be_bytes());
        block.extend(data);
        block.resize(block.len().next_multiple_of(2), 0);
        block
    }

    #[test]
    fn resources_are_kept_used_or_named() {
        let density = resolution(Density { x: 240.0, y: 120.5, absolute: true });
        let block = [
            raw(1005, b"", &density),
            raw(1028, b"", b"\x1C\x02\x05\0\x03Kai"),
            raw(1032, b"", &[0; 7]),
            raw(1034, b"", &[1]),
            raw(1036, b"", &[9; 40]),
            raw(2000, b"outline", &[3; 26]),
        ];
        let mut metadata = Metadata::default();
        read_into(&mut metadata, &block.concat());
        metadata.settle_density(None);
        assert_eq!(metadata.density, Density::new(240.0, 120.5, true));
        assert_eq!(metadata.iptc.as_deref(), Some(&b"\x1C\x02\x05\0\x03Kai"[..]));
        assert_eq!(metadata.left_out, ["Photoshop's guides"]);
        let expected = [&block[0], &block[1], &block[3], &block[5]].map(|b| b.as_slice()).concat();
        assert_eq!(super::block(&metadata).unwrap(), expected);
    }

    #[test]
    fn damaged_blocks_are_read_as_far_as_they_go() {
        let block = [raw(1034, b"", &[1]), raw(2000, b"a", &[3; 26])].concat();
        for cut in 1..block.len() {
            let mut metadata = Metadata::default();
            read_into(&mut metadata, &block[..cut]);
            assert_eq!(metadata.photoshop.len(), usize::from(cut >= 13), "{cut}");
        }
        for at in 0..block.len() {
            let mut changed = block.clone();
            changed[at] = !changed[at];
            read_into(&mut Metadata::default(), &changed);
        }
    }
}
