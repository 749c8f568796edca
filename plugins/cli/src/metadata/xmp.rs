//! XMP: the orientation and sizes in a packet are corrected for the enlarged picture.
//!
//! Packets are XML in UTF-8. They are patched as text, so that everything else stays as its author wrote it. A packet that
//! is not UTF-8 is not changed.

use enlarger::Size;

/// Sets the orientation and the sizes in `packet` to those of an upright picture of `size`.
pub fn update_for_result(packet: &mut Vec<u8>, size: Size) {
    let Ok(text) = std::str::from_utf8(packet) else { return };
    let mut text = text.to_owned();
    set(&mut text, "tiff:Orientation", 1);
    for (name, value) in [
        ("tiff:ImageWidth", size.width),
        ("tiff:ImageLength", size.height),
        ("exif:PixelXDimension", size.width),
        ("exif:PixelYDimension", size.height),
    ] {
        set(&mut text, name, value);
    }
    *packet = text.into_bytes();
}

/// Replaces the numbers of a property, written as attributes or as elements. Adds none.
fn set(text: &mut String, name: &str, value: u32) {
    let mut from = 0;
    while let Some(found) = text[from..].find(name) {
        let end = from + found + name.len();
        from = end;
        let rest = &text[end..];
        let skip = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || "=\"'>".contains(c)).len();
        let digits = rest[skip..].bytes().take_while(u8::is_ascii_digit).count();
        if skip > 0 && digits > 0 {
            text.replace_range(end + skip..end + skip + digits, &value.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_in_attributes_and_elements_are_corrected() {
        let mut packet = br#"<rdf tiff:Orientation="6" exif:PixelXDimension = '40'>
            <tiff:Orientation>8</tiff:Orientation><tiff:ImageLength>12</tiff:ImageLength><dc:x>6</dc:x></rdf>"#
            .to_vec();
        update_for_result(&mut packet, Size { width: 160, height: 48 });
        let text = String::from_utf8(packet).unwrap();
        assert!(text.contains(r#"tiff:Orientation="1" exif:PixelXDimension = '160'"#), "{text}");
        assert!(text.contains("<tiff:Orientation>1</tiff:Orientation><tiff:ImageLength>48</tiff:ImageLength>"));
        assert!(text.contains("<dc:x>6</dc:x>"));
    }
}
