//! Information that moves because the result's format has no place of its own for it.
//!
//! Captions, names and rights go to XMP by what they mean. What XMP has no place for is named as lost. A statement that XMP
//! makes already is not replaced.

use super::xmp::{Packet, Property, Value};
use super::{Metadata, iptc};

const DUBLIN_CORE: (&str, &str) = ("dc", "http://purl.org/dc/elements/1.1/");
const PHOTOSHOP: (&str, &str) = ("photoshop", "http://ns.adobe.com/photoshop/1.0/");
const IPTC_CORE: (&str, &str) = ("Iptc4xmpCore", "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/");
const XMP: (&str, &str) = ("xmp", "http://ns.adobe.com/xap/1.0/");
const RIGHTS: (&str, &str) = ("xmpRights", "http://ns.adobe.com/xap/1.0/rights/");
const EXIF: (&str, &str) = ("exif", "http://ns.adobe.com/exif/1.0/");
const TIFF: (&str, &str) = ("tiff", "http://ns.adobe.com/tiff/1.0/");

/// Photoshop's resources with the mark and the address of rights.
const COPYRIGHT_FLAG: u16 = 1034;
const RIGHTS_ADDRESS: u16 = 1035;

impl Metadata {
    /// Moves IPTC records and Photoshop's rights to XMP. Returns what XMP has no place for.
    pub fn iptc_to_xmp(&mut self) -> Vec<String> {
        let mut lost = Vec::new();
        let mut properties = Vec::new();
        if let Some(block) = self.iptc.take() {
            for (item, text) in iptc::texts(&block) {
                let name = iptc::name(item).unwrap_or_default();
                match iptc_place(item) {
                    Some((place, kind)) => add(&mut properties, place, kind(text)),
                    None if matches!(item, 55 | 60) => {}
                    None => lost.push(format!("the IPTC record \"{name}\"")),
                }
            }
            if let Some(date) = iptc_date(&block) {
                add(&mut properties, (PHOTOSHOP, "DateCreated"), Value::Text(date));
            }
        }
        let paths = self.photoshop.iter().any(|r| (2000..3000).contains(&r.id));
        lost.extend(paths.then(|| "Photoshop's paths".to_owned()));
        for resource in std::mem::take(&mut self.photoshop) {
            match resource.id {
                COPYRIGHT_FLAG if resource.data.first().is_some_and(|b| *b != 0) => {
                    add(&mut properties, (RIGHTS, "Marked"), Value::Text("True".to_owned()));
                }
                RIGHTS_ADDRESS if !resource.data.is_empty() => {
                    let address = resource.data.iter().map(|b| char::from(*b)).collect();
                    add(&mut properties, (RIGHTS, "WebStatement"), Value::Text(address));
                }
                _ => {}
            }
        }
        lost.extend(self.move_to_xmp(&properties, "IPTC records"));
        lost
    }

    /// Moves the texts of a PNG to XMP, and its comments to the comments. Returns what has no place.
    pub fn texts_to_xmp(&mut self) -> Vec<String> {
        let mut lost = Vec::new();
        let mut properties = Vec::new();
        for (keyword, text) in std::mem::take(&mut self.texts) {
            let list = |text| Value::Sequence(vec![text]);
            let (place, value) = match keyword.as_str() {
                "Title" => ((DUBLIN_CORE, "title"), Value::Localised(text)),
                "Author" => ((DUBLIN_CORE, "creator"), list(text)),
                "Description" => ((DUBLIN_CORE, "description"), Value::Localised(text)),
                "Copyright" => ((DUBLIN_CORE, "rights"), Value::Localised(text)),
                "Disclaimer" => ((RIGHTS, "UsageTerms"), Value::Localised(text)),
                "Software" => ((XMP, "CreatorTool"), Value::Text(text)),
                // The device, by the specification.
                "Source" => ((TIFF, "Model"), Value::Text(text)),
                "Creation Time" if is_date(&text) => ((XMP, "CreateDate"), Value::Text(text)),
                "Comment" => {
                    self.comments.push(text);
                    continue;
                }
                _ => {
                    lost.push(format!("the text \"{}\"", shown(&keyword)));
                    continue;
                }
            };
            add(&mut properties, place, value);
        }
        lost.extend(self.move_to_xmp(&properties, "texts"));
        lost
    }

    /// Moves `what` as properties to XMP. Returns the ones that XMP states differently.
    fn move_to_xmp(&mut self, properties: &[Property], what: &str) -> Vec<String> {
        let packet = self.xmp.as_deref().and_then(Packet::parse);
        let contradicts = |p: &&Property| packet.as_ref().is_some_and(|packet| packet.contradicts(p));
        let lost: Vec<_> = properties.iter().filter(contradicts).map(|p| p.name).collect();
        if lost.len() < properties.len() {
            self.moved.push(what.to_owned());
        }
        self.add_to_xmp(properties);
        lost.into_iter().map(|name| format!("the {name} of the {what}, which XMP states differently")).collect()
    }

    /// Moves comments to XMP. Returns what is lost.
    pub fn comments_to_xmp(&mut self) -> Vec<String> {
        if !self.comments.is_empty() {
            let text = std::mem::take(&mut self.comments).join("\n");
            return self.move_to_xmp(&[property((EXIF, "UserComment"), Value::Localised(text))], "comments");
        }
        Vec::new()
    }

    /// Moves the name of a page to XMP, as a title. Returns what is lost.
    pub fn page_name_to_xmp(&mut self) -> Option<String> {
        let name = self.page_name.take()?;
        let title = (DUBLIN_CORE, "title");
        let known = self.xmp.as_deref().and_then(Packet::parse).and_then(|packet| packet.text(title.0.1, title.1));
        match known {
            Some(known) => (known != name).then(|| "the page's name".to_owned()),
            None => {
                self.add_to_xmp(&[property(title, Value::Localised(name))]);
                self.moved.push("the page's name".to_owned());
                None
            }
        }
    }

    /// Adds the properties that XMP does not have yet.
    pub fn add_to_xmp(&mut self, properties: &[Property]) {
        if !properties.is_empty() {
            let mut packet = self.take_packet().unwrap_or_else(Packet::empty);
            packet.add(properties);
            self.xmp = Some(packet.into_bytes());
        }
    }
}

type Place = ((&'static str, &'static str), &'static str);

fn property(((prefix, namespace), name): Place, value: Value) -> Property {
    Property { namespace, prefix, name, value }
}

/// Adds a value. Values of the same list are joined.
fn add(properties: &mut Vec<Property>, place: Place, value: Value) {
    let new = property(place, value);
    match properties.iter_mut().find(|p| p.namespace == new.namespace && p.name == new.name) {
        None => properties.push(new),
        Some(known) => match (&mut known.value, new.value) {
            (Value::Sequence(texts), Value::Sequence(more)) | (Value::Bag(texts), Value::Bag(more)) => {
                texts.extend(more)
            }
            (Value::Text(text) | Value::Localised(text), Value::Text(more) | Value::Localised(more)) => {
                *text += "\n";
                *text += &more;
            }
            _ => {}
        },
    }
}

/// Makes a value of a text.
type Kind = fn(String) -> Value;

/// Where XMP has an item of IPTC-IIM, by the IPTC Photo Metadata Standard, and the kind of its value.
fn iptc_place(item: u8) -> Option<(Place, Kind)> {
    const TEXT: Kind = Value::Text;
    const LOCALISED: Kind = Value::Localised;
    const SEQUENCE: Kind = |text| Value::Sequence(vec![text]);
    const BAG: Kind = |text| Value::Bag(vec![text]);
    Some(match item {
        5 => ((DUBLIN_CORE, "title"), LOCALISED),
        10 => ((PHOTOSHOP, "Urgency"), TEXT),
        12 => ((IPTC_CORE, "SubjectCode"), BAG),
        15 => ((PHOTOSHOP, "Category"), TEXT),
        20 => ((PHOTOSHOP, "SupplementalCategories"), BAG),
        25 => ((DUBLIN_CORE, "subject"), BAG),
        40 => ((PHOTOSHOP, "Instructions"), TEXT),
        80 => ((DUBLIN_CORE, "creator"), SEQUENCE),
        85 => ((PHOTOSHOP, "AuthorsPosition"), TEXT),
        90 => ((PHOTOSHOP, "City"), TEXT),
        92 => ((IPTC_CORE, "Location"), TEXT),
        95 => ((PHOTOSHOP, "State"), TEXT),
        100 => ((IPTC_CORE, "CountryCode"), TEXT),
        101 => ((PHOTOSHOP, "Country"), TEXT),
        103 => ((PHOTOSHOP, "TransmissionReference"), TEXT),
        105 => ((PHOTOSHOP, "Headline"), TEXT),
        110 => ((PHOTOSHOP, "Credit"), TEXT),
        115 => ((PHOTOSHOP, "Source"), TEXT),
        116 => ((DUBLIN_CORE, "rights"), LOCALISED),
        120 => ((DUBLIN_CORE, "description"), LOCALISED),
        122 => ((PHOTOSHOP, "CaptionWriter"), TEXT),
        _ => return None,
    })
}

/// The date and the time of a block, in the form of XMP.
fn iptc_date(block: &[u8]) -> Option<String> {
    let texts = iptc::texts(block);
    let find = |item: u8| texts.iter().find(|(i, _)| *i == item).map(|(_, text)| text.as_str());
    let date = find(55).filter(|d| d.len() == 8 && d.bytes().all(|b| b.is_ascii_digit()))?;
    let date = format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..]);
    match find(60).filter(|t| t.len() >= 6 && t.is_ascii() && t.bytes().take(6).all(|b| b.is_ascii_digit())) {
        Some(time) => {
            let zone = &time[6..];
            let zone = if zone.len() == 5 { format!("{}:{}", &zone[..3], &zone[3..]) } else { String::new() };
            Some(format!("{date}T{}:{}:{}{zone}", &time[..2], &time[2..4], &time[4..6]))
        }
        None => Some(date),
    }
}

/// Whether a text is a date in the form of XMP: it begins with year, month and day.
fn is_date(text: &str) -> bool {
    let digits = |part: Option<&str>| part.is_some_and(|p| p.bytes().all(|b| b.is_ascii_digit()));
    text.len() >= 10
        && text.as_bytes()[4] == b'-'
        && text.as_bytes()[7] == b'-'
        && digits(text.get(..4))
        && digits(text.get(5..7))
        && digits(text.get(8..10))
}

/// A keyword for a message: short, and without control characters.
fn shown(keyword: &str) -> String {
    keyword.chars().filter(|c| !c.is_control()).take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(metadata: &Metadata, ((_, namespace), name): Place) -> Option<String> {
        Packet::parse(metadata.xmp.as_deref()?)?.text(namespace, name)
    }

    #[test]
    fn iptc_records_move_to_xmp() {
        let mut block = Vec::new();
        for (item, text) in [
            (120u8, "Hafen, Lübeck"),
            (25, "Hafen"),
            (25, "Morgen"),
            (80, "Kai"),
            (55, "20260102"),
            (60, "030405+0100"),
            (118, "Telefon"),
        ] {
            block.extend([0x1C, 2, item, 0, text.len() as u8]);
            block.extend(text.as_bytes());
        }
        let mut metadata = Metadata { iptc: Some(block), ..Metadata::default() };
        metadata.add_to_xmp(&[property((DUBLIN_CORE, "creator"), Value::Sequence(vec!["Ada".to_owned()]))]);
        let lost = metadata.iptc_to_xmp();
        let expected = ["the IPTC record \"contact\"", "the creator of the IPTC records, which XMP states differently"];
        assert_eq!(lost, expected);
        assert_eq!(metadata.moved, ["IPTC records"]);
        assert_eq!(text(&metadata, (DUBLIN_CORE, "description")).unwrap(), "Hafen, Lübeck");
        assert_eq!(text(&metadata, (DUBLIN_CORE, "creator")).unwrap(), "Ada");
        assert_eq!(text(&metadata, (PHOTOSHOP, "DateCreated")).unwrap(), "2026-01-02T03:04:05+01:00");
        let packet = String::from_utf8(metadata.xmp.unwrap()).unwrap();
        assert!(packet.contains("<rdf:Bag><rdf:li>Hafen</rdf:li><rdf:li>Morgen</rdf:li></rdf:Bag>"), "{packet}");
    }

    #[test]
    fn texts_of_a_png_move_by_their_meaning() {
        let texts =
            [("Title", "a cat"), ("Comment", "b"), ("Creation Time", "2026-01-02"), ("Warning", "c"), ("x\n", "d")];
        let texts = texts.map(|(keyword, text)| (keyword.to_owned(), text.to_owned())).to_vec();
        let mut metadata = Metadata { texts, page_name: Some("cover".to_owned()), ..Metadata::default() };
        assert_eq!(metadata.texts_to_xmp(), ["the text \"Warning\"", "the text \"x\""]);
        assert_eq!(metadata.comments, ["b"]);
        assert_eq!(text(&metadata, (DUBLIN_CORE, "title")).unwrap(), "a cat");
        assert_eq!(text(&metadata, (XMP, "CreateDate")).unwrap(), "2026-01-02");
        assert_eq!(metadata.page_name_to_xmp().unwrap(), "the page's name");
        assert!(metadata.comments_to_xmp().is_empty());
        assert_eq!(text(&metadata, (EXIF, "UserComment")).unwrap(), "b");
    }
}
