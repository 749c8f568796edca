//! XMP: facts about a picture as RDF in XML.
//!
//! A packet is read as XML, but changed as text at the places that the reader found, so that everything else stays as its author
//! wrote it. A packet that is not sound XML in UTF-8 is never changed and never kept.

mod extended;
mod properties;
mod turn;
mod update;

use std::ops::Range;

use quick_xml::NsReader;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;

pub use extended::{GUID_LENGTH, merge, split};
pub use properties::{Property, Value};

const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
/// Elements that may be inside each other.
const MAX_DEPTH: usize = 200;

/// A packet that is sound XML.
#[derive(Clone, Debug, PartialEq)]
pub struct Packet(String);

/// An element or an attribute.
#[derive(Debug)]
struct Node {
    /// The address of the namespace.
    namespace: String,
    name: String,
    /// All of it; of an attribute with the space before it.
    range: Range<usize>,
    /// What is between its tags or quotes.
    content: Range<usize>,
    parent: Option<usize>,
    is_attribute: bool,
    /// Declarations of namespaces, of elements only.
    declarations: Vec<(String, String)>,
}

impl Node {
    fn is(&self, namespace: &str, name: &str) -> bool {
        self.namespace == namespace && self.name == name
    }
}

impl Packet {
    /// A packet as a file carries it. `None` if it is not sound XML in UTF-8 with an RDF description.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let end = bytes.iter().rposition(|b| *b != 0).map_or(0, |last| last + 1);
        let packet = Packet(std::str::from_utf8(&bytes[..end]).ok()?.to_owned());
        let nodes = packet.nodes()?;
        nodes.iter().any(|n| n.is(RDF, "RDF")).then_some(packet)
    }

    /// A packet without properties.
    pub fn empty() -> Self {
        Packet(format!(
            "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\
             <rdf:RDF xmlns:rdf=\"{RDF}\">\n</rdf:RDF></x:xmpmeta>\n<?xpacket end=\"w\"?>"
        ))
    }

    /// The packet as a file carries it.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0.into_bytes()
    }

    /// All elements and attributes, each after the one that it is in. `None` if the text is not sound XML.
    fn nodes(&self) -> Option<Vec<Node>> {
        let text = self.0.as_str();
        let mut reader = NsReader::from_str(text);
        let (mut nodes, mut open): (Vec<Node>, Vec<usize>) = (Vec::new(), Vec::new());
        loop {
            let start = usize::try_from(reader.buffer_position()).ok()?;
            let event = reader.read_event().ok()?;
            let end = usize::try_from(reader.buffer_position()).ok()?;
            match event {
                Event::Start(tag) => {
                    let index = add_element(&reader, text, &mut nodes, open.last().copied(), &tag, start..end)?;
                    open.push(index);
                    if open.len() > MAX_DEPTH {
                        return None;
                    }
                }
                Event::Empty(tag) => {
                    add_element(&reader, text, &mut nodes, open.last().copied(), &tag, start..end)?;
                }
                Event::End(_) => {
                    let node = &mut nodes[open.pop()?];
                    node.content.end = start;
                    node.range.end = end;
                }
                Event::Eof => return open.is_empty().then_some(nodes),
                // Entities that a document declares could hide anything.
                Event::DocType(_) => return None,
                _ => {}
            }
        }
    }

    /// Whether a node is a property of the picture: an element in, or an attribute of, a description in the RDF element.
    fn is_property(nodes: &[Node], node: &Node) -> bool {
        let is = |index: Option<usize>, name: &str| index.is_some_and(|i| nodes[i].is(RDF, name));
        let about = node.is_attribute && (node.namespace == RDF || node.namespace.is_empty() || node.name == "lang");
        is(node.parent, "Description") && is(node.parent.and_then(|p| nodes[p].parent), "RDF") && !about
    }

    /// Removes the properties of the picture that `unwanted` names. Returns whether there were any.
    pub fn remove(&mut self, unwanted: impl Fn(&str, &str) -> bool) -> bool {
        let nodes = self.nodes().unwrap_or_default();
        let found = nodes.iter().filter(|n| Self::is_property(&nodes, n) && unwanted(&n.namespace, &n.name));
        let edits: Vec<_> = found.map(|n| (n.range.clone(), String::new())).collect();
        let any = !edits.is_empty();
        self.apply(edits);
        any
    }

    /// Whether the picture has a property.
    pub fn has(&self, namespace: &str, name: &str) -> bool {
        let nodes = self.nodes().unwrap_or_default();
        nodes.iter().any(|n| n.is(namespace, name) && Self::is_property(&nodes, n))
    }

    /// Replaces parts of the text. An edit inside another one is passed over.
    fn apply(&mut self, mut edits: Vec<(Range<usize>, String)>) {
        edits.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
        let mut end = 0;
        edits.retain(|(range, _)| {
            let outside = range.start >= end;
            end = end.max(range.end);
            outside
        });
        for (range, new) in edits.into_iter().rev() {
            self.0.replace_range(range, &new);
        }
    }
}

/// Adds an element and its attributes. `tag` is at `range`.
fn add_element(
    reader: &NsReader<&[u8]>,
    text: &str,
    nodes: &mut Vec<Node>,
    parent: Option<usize>,
    tag: &BytesStart<'_>,
    range: Range<usize>,
) -> Option<usize> {
    let (namespace, name) = reader.resolver().resolve_element(tag.name());
    let index = nodes.len();
    let namespace = address(namespace)?;
    let name = name.as_ref().to_owned();
    let content = range.end..range.end;
    let declarations = Vec::new();
    nodes.push(Node { namespace, name, range: range.clone(), content, parent, is_attribute: false, declarations });
    let mut at = range.start + 1 + tag.name().as_ref().len();
    for attribute in tag.attributes() {
        let attribute = attribute.ok()?;
        let key: &str = attribute.key.as_ref();
        let begin = at;
        at += text.get(at..range.end)?.find(key)? + key.len();
        at += text.get(at..range.end)?.find(['"', '\''])? + 1;
        let content = at..at + attribute.value.len();
        at = content.end + 1;
        if attribute.key.as_namespace_binding().is_some() {
            let prefix = key.strip_prefix("xmlns").unwrap_or_default().trim_start_matches(':').to_owned();
            nodes[index].declarations.push((prefix, attribute.value.into_owned()));
            continue;
        }
        let (namespace, name) = reader.resolver().resolve_attribute(attribute.key);
        let (namespace, name) = (address(namespace)?, name.as_ref().to_owned());
        let (parent, declarations) = (Some(index), Vec::new());
        nodes.push(Node { namespace, name, range: begin..at, content, parent, is_attribute: true, declarations });
    }
    Some(index)
}

fn address(namespace: ResolveResult<'_>) -> Option<String> {
    match namespace {
        ResolveResult::Bound(namespace) => Some(namespace.as_ref().to_owned()),
        ResolveResult::Unbound => Some(String::new()),
        // A prefix that is not declared: the packet is not sound.
        ResolveResult::Unknown(_) => None,
    }
}

#[cfg(test)]
mod tests;
