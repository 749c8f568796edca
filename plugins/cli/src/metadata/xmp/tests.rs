//! Packets as cameras, phones and editors write them.

use enlarger::Size;

use super::*;
use crate::metadata::Density;

fn packet(attributes: &str, elements: &str) -> Packet {
    let text = format!(
        r#"<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}">
        <rdf:Description rdf:about="" xmlns:t="http://ns.adobe.com/tiff/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/"
        xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
        xmlns:GCamera="http://ns.google.com/photos/1.0/camera/" xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/"
        xmlns:GPano="http://ns.google.com/photos/1.0/panorama/" xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#"
        xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#" xmlns:r="http://www.metadataworkinggroup.com/schemas/regions/"
        {attributes}>{elements}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"#
    );
    Packet::parse(text.as_bytes()).unwrap()
}

const BIG: Size = Size { width: 160, height: 48 };

#[test]
fn sizes_in_attributes_and_elements_are_corrected() {
    let mut packet = packet(
        r#"t:Orientation="6" exif:PixelXDimension = '40' dc:x="6""#,
        "<t:ImageLength>12</t:ImageLength><dc:y>12</dc:y><t:XResolution>72/1</t:XResolution>",
    );
    let lost = packet.update_for_result(None, BIG, Density::new(300.0, 300.0, true));
    assert!(lost.is_empty());
    for part in [
        r#"t:Orientation="1" exif:PixelXDimension = '160' dc:x="6""#,
        "<t:ImageLength>48</t:ImageLength><dc:y>12</dc:y><t:XResolution>300/1</t:XResolution>",
    ] {
        assert!(packet.0.contains(part), "{}", packet.0);
    }
}

#[test]
fn parts_that_the_result_does_not_have_are_removed() {
    let mut packet = packet(
        r#"hdrgm:Version="1.0" GCamera:MicroVideo="1" GCamera:MicroVideoOffset="44" dc:kept="1""#,
        "<hdrgm:GainMapMax>2</hdrgm:GainMapMax><xmp:Thumbnails><rdf:Alt><rdf:li>x</rdf:li></rdf:Alt></xmp:Thumbnails>\
         <dc:title>kept</dc:title>",
    );
    let lost = packet.update_for_result(None, BIG, None);
    assert_eq!(lost, ["the gain map for HDR displays", "the motion video"]);
    for gone in ["hdrgm:Version", "GainMapMax", "MicroVideo=", "Offset", "Thumbnails"] {
        assert!(!packet.0.contains(gone), "{gone}: {}", packet.0);
    }
    assert!(packet.0.contains(r#"dc:kept="1""#) && packet.0.contains("<dc:title>kept</dc:title>"));
    assert!(packet.nodes().is_some());
}

#[test]
fn panoramas_and_regions_are_scaled_and_turned() {
    let regions = r#"<r:Regions rdf:parseType="Resource"><r:AppliedToDimensions stDim:w="20" stDim:h="40" stDim:unit="pixel"/>
        <r:RegionList><rdf:Bag><rdf:li rdf:parseType="Resource"><r:Area stArea:x="0.25" stArea:y="0.1" stArea:w="0.2"
        stArea:h="0.4"/></rdf:li></rdf:Bag></r:RegionList></r:Regions>"#;
    let mut turned = packet("", regions);
    assert!(turned.turn(6).is_empty());
    turned.update_for_result(Some(Size { width: 40, height: 20 }), BIG, None);
    assert!(turned.0.contains(r#"stDim:w="160" stDim:h="48""#), "{}", turned.0);
    assert!(turned.0.contains(r#"stArea:x="0.9" stArea:y="0.25" stArea:w="0.4""#), "{}", turned.0);
    assert!(turned.0.contains(r#"stArea:h="0.2""#));

    let mut panorama =
        packet(r#"GPano:FullPanoWidthPixels="40" GPano:CroppedAreaTopPixels="3" GPano:PoseRollDegrees="3""#, "");
    panorama.update_for_result(Some(Size { width: 40, height: 12 }), BIG, None);
    assert!(
        panorama.0.contains(r#"WidthPixels="160" GPano:CroppedAreaTopPixels="12" GPano:PoseRollDegrees="3""#),
        "{}",
        panorama.0
    );
}

#[test]
fn properties_are_added_once() {
    let title = |text: &str| Property {
        namespace: "http://purl.org/dc/elements/1.1/",
        prefix: "dc",
        name: "title",
        value: Value::Localised(text.to_owned()),
    };
    let self_closed = format!(r#"<rdf:RDF xmlns:rdf="{RDF}"/>"#);
    for mut packet in [packet("", ""), Packet::empty(), Packet::parse(self_closed.as_bytes()).unwrap()] {
        packet.add(&[title("a < b & \"c\"")]);
        packet.add(&[title("another")]);
        assert_eq!(packet.text("http://purl.org/dc/elements/1.1/", "title").unwrap(), "a < b & \"c\"");
        assert!(packet.contradicts(&title("another")) && !packet.contradicts(&title("a < b & \"c\"")));
        packet.remove(|_, name| name == "title");
        assert!(!packet.contradicts(&title("another")));
        packet.add(&[title("another")]);
        assert_eq!(packet.text("http://purl.org/dc/elements/1.1/", "title").unwrap(), "another");
        assert!(Packet::parse(packet.0.as_bytes()).is_some());
    }
}

#[test]
fn packets_that_are_not_sound_are_refused() {
    for text in ["", "<a", "<rdf:RDF/>", "<a></b>", "<x:xmpmeta xmlns:x='adobe:ns:meta/'/>", "\u{feff}x"] {
        assert_eq!(Packet::parse(text.as_bytes()), None, "{text}");
    }
    let entities = format!("<!DOCTYPE a [<!ENTITY b \"c\">]><rdf:RDF xmlns:rdf=\"{RDF}\"/>");
    assert_eq!(Packet::parse(entities.as_bytes()), None);
    assert_eq!(Packet::parse(&[0xFF, 0xFE, b'<', 0]), None);
    let deep = format!("<rdf:RDF xmlns:rdf=\"{RDF}\">{}{}</rdf:RDF>", "<a>".repeat(300), "</a>".repeat(300));
    assert_eq!(Packet::parse(deep.as_bytes()), None);
    let whole = packet("dc:a='1'", "<dc:b>2</dc:b>").0;
    for cut in 0..whole.len() {
        if let Some(mut packet) = whole.get(..cut).and_then(|part| Packet::parse(part.as_bytes())) {
            packet.update_for_result(None, BIG, None);
        }
    }
}

#[test]
fn large_packets_are_split_and_merged() {
    let mut long = packet("dc:a='1'", &format!("<dc:b>{}</dc:b><dc:c>short</dc:c>", "long ".repeat(20_000)));
    long.add(&[Property {
        namespace: "http://ns.adobe.com/photoshop/1.0/",
        prefix: "photoshop",
        name: "City",
        value: Value::Text("Lübeck".to_owned()),
    }]);
    let (part, guid, extension) = split(long.0.as_bytes(), 65_000).unwrap();
    assert!(part.len() <= 65_000 && guid.len() == GUID_LENGTH);
    let part = Packet::parse(&part).unwrap();
    assert_eq!(part.extension(), Some(guid));
    let merged = merge(&part, &extension).unwrap();
    assert_eq!(merged.extension(), None);
    for (namespace, name) in [
        ("http://purl.org/dc/elements/1.1/", "a"),
        ("http://purl.org/dc/elements/1.1/", "b"),
        ("http://purl.org/dc/elements/1.1/", "c"),
        ("http://ns.adobe.com/photoshop/1.0/", "City"),
    ] {
        assert_eq!(merged.text(namespace, name), long.text(namespace, name), "{name}");
    }
    let mut other = extension.clone();
    *other.last_mut().unwrap() = b' ';
    assert_eq!(merge(&part, &other), None);
    assert!(split(long.0.as_bytes(), 1000).is_none());
}
