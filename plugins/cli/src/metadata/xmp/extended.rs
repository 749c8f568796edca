//! Extended XMP: what does not fit into the one segment that a JPEG has for a packet.
//!
//! The packet names the extension by the MD5 of its bytes. Only an extension of exactly these bytes is read.

use md5::{Digest, Md5};

use super::{Packet, RDF};

/// Digits of the name of an extension.
pub const GUID_LENGTH: usize = 32;
/// The namespace of the note that names the extension.
const NOTE: &str = "http://ns.adobe.com/xmp/note/";

impl Packet {
    /// The name of the extension that the packet refers to.
    pub fn extension(&self) -> Option<String> {
        self.text(NOTE, "HasExtendedXMP")
    }

    /// Removes the reference to an extension.
    pub fn forget_extension(&mut self) {
        self.remove(|namespace, name| namespace == NOTE && name == "HasExtendedXMP");
    }
}

/// The packet with the descriptions of its extension. `None` if the extension is not the one that it refers to.
pub fn merge(packet: &Packet, extension: &[u8]) -> Option<Packet> {
    if guid(extension) != packet.extension()?.to_ascii_uppercase() {
        return None;
    }
    let extension = Packet::parse(extension)?;
    let nodes = extension.nodes()?;
    let mut descriptions = String::new();
    for (index, node) in nodes.iter().enumerate() {
        let in_rdf = node.parent.is_some_and(|p| nodes[p].is(RDF, "RDF"));
        if node.is_attribute || !in_rdf || !node.is(RDF, "Description") {
            continue;
        }
        // The description leaves the elements that declare its prefixes.
        let mut declared: Vec<_> = node.declarations.iter().map(|(prefix, _)| prefix).collect();
        let (mut added, mut above) = (String::new(), nodes[index].parent);
        while let Some(parent) = above {
            for (prefix, address) in &nodes[parent].declarations {
                if !prefix.is_empty() && !declared.contains(&prefix) {
                    added += &format!(" xmlns:{prefix}=\"{address}\"");
                    declared.push(prefix);
                }
            }
            above = nodes[parent].parent;
        }
        let text = &extension.0[node.range.clone()];
        let name_end = text.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/'))?;
        descriptions += &format!("{}{added}{}\n", &text[..name_end], &text[name_end..]);
    }
    let mut merged = packet.clone();
    merged.forget_extension();
    let nodes = merged.nodes()?;
    let end = nodes.iter().find(|n| n.is(RDF, "RDF"))?.content.end;
    merged.apply(vec![(end..end, descriptions)]);
    Packet::parse(merged.0.as_bytes())
}

/// A packet of at most `limit` bytes, and the extension with the rest and its name. `None` if that is impossible.
pub fn split(bytes: &[u8], limit: usize) -> Option<(Vec<u8>, String, Vec<u8>)> {
    let mut packet = Packet::parse(bytes)?;
    let nodes = packet.nodes()?;
    let mut elements: Vec<_> = nodes.iter().filter(|n| !n.is_attribute && Packet::is_property(&nodes, n)).collect();
    elements.sort_by_key(|n| std::cmp::Reverse(n.range.len()));
    // The reference to the extension takes some room too.
    let mut excess = (packet.0.len() + 400).checked_sub(limit)?;
    let (mut moved, mut edits) = (String::new(), Vec::new());
    for node in elements {
        if excess == 0 {
            break;
        }
        excess = excess.saturating_sub(node.range.len());
        let (mut declarations, mut declared, mut above) = (String::new(), Vec::new(), node.parent);
        while let Some(parent) = above {
            for (prefix, address) in &nodes[parent].declarations {
                if !prefix.is_empty() && prefix != "rdf" && !declared.contains(prefix) {
                    declarations += &format!(" xmlns:{prefix}=\"{address}\"");
                    declared.push(prefix.clone());
                }
            }
            above = nodes[parent].parent;
        }
        let element = &packet.0[node.range.clone()];
        moved += &format!("<rdf:Description rdf:about=\"\"{declarations}>{element}</rdf:Description>");
        edits.push((node.range.clone(), String::new()));
    }
    if excess > 0 {
        return None;
    }
    let extension =
        format!("<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"{RDF}\">{moved}</rdf:RDF></x:xmpmeta>");
    // Moved elements may use another prefix for RDF than the usual one.
    Packet::parse(extension.as_bytes())?;
    packet.apply(edits);
    let guid = guid(extension.as_bytes());
    packet.add(&[super::Property {
        namespace: NOTE,
        prefix: "xmpNote",
        name: "HasExtendedXMP",
        value: super::Value::Text(guid.clone()),
    }]);
    (packet.0.len() <= limit).then(|| (packet.into_bytes(), guid, extension.into_bytes()))
}

/// The name of an extension: the MD5 of its bytes in hexadecimal digits.
fn guid(extension: &[u8]) -> String {
    Md5::digest(extension).iter().map(|byte| format!("{byte:02X}")).collect()
}
