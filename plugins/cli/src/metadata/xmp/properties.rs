//! Properties that are added to a packet.
//!
//! They come in a description of their own, so that nothing that is there has to be understood.

use super::{Packet, RDF};

/// A property of the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Property {
    /// The address of the namespace.
    pub namespace: &'static str,
    /// The usual prefix of the namespace.
    pub prefix: &'static str,
    /// The name.
    pub name: &'static str,
    /// The value.
    pub value: Value,
}

/// The value of a property, in the form that the property's definition asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A text.
    Text(String),
    /// A text that may have translations; this is the default one.
    Localised(String),
    /// Texts in order.
    Sequence(Vec<String>),
    /// Texts in no order.
    Bag(Vec<String>),
}

impl Packet {
    /// Adds the properties that the picture does not have yet.
    pub fn add(&mut self, properties: &[Property]) {
        let missing: Vec<_> = properties.iter().filter(|p| !self.has(p.namespace, p.name)).collect();
        let nodes = self.nodes().unwrap_or_default();
        let Some(rdf) = nodes.iter().find(|n| n.is(RDF, "RDF")).filter(|_| !missing.is_empty()) else { return };
        let about = nodes.iter().find(|n| n.is_attribute && n.is(RDF, "about"));
        let about = about.map_or("", |n| &self.0[n.content.clone()]);
        let quote = if about.contains('"') { '\'' } else { '"' };
        let mut declarations = Vec::new();
        let mut values = String::new();
        for property in missing {
            let declaration = format!(" xmlns:{}=\"{}\"", property.prefix, property.namespace);
            if !declarations.contains(&declaration) {
                declarations.push(declaration);
            }
            let name = format!("{}:{}", property.prefix, property.name);
            values += &format!("  <{name}>{}</{name}>\n", rdf_value(&property.value));
        }
        let description = format!(
            " <rdf:Description xmlns:rdf=\"{RDF}\" rdf:about={quote}{about}{quote}{}>\n{values} </rdf:Description>\n",
            declarations.concat()
        );
        let whole = &self.0[rdf.range.clone()];
        // An element without content has no end tag to insert before.
        let edit = match whole.strip_suffix("/>").filter(|_| rdf.content.is_empty()) {
            Some(tag) => {
                let name = tag[1..].split_whitespace().next().unwrap_or_default();
                (rdf.range.clone(), format!("{tag}>\n{description}</{name}>"))
            }
            None => (rdf.content.end..rdf.content.end, description),
        };
        self.apply(vec![edit]);
    }

    /// Sets properties, in place of values that are there.
    pub fn set(&mut self, properties: &[Property]) {
        self.remove(|namespace, name| properties.iter().any(|p| p.namespace == namespace && p.name == name));
        self.add(properties);
    }

    /// The text of a property that is a text, or the first one of its texts.
    pub fn text(&self, namespace: &str, name: &str) -> Option<String> {
        self.texts(namespace, name).into_iter().next()
    }

    /// Whether the picture has another value of a property than this one.
    pub fn contradicts(&self, property: &Property) -> bool {
        let stated = self.texts(property.namespace, property.name);
        let new = match &property.value {
            Value::Text(text) | Value::Localised(text) => std::slice::from_ref(text),
            Value::Sequence(texts) | Value::Bag(texts) => texts,
        };
        !stated.is_empty() && !new.iter().all(|text| stated.iter().any(|known| known == text.trim()))
    }

    /// The texts of a property: the items of an array, or the one text.
    pub fn texts(&self, namespace: &str, name: &str) -> Vec<String> {
        self.find_texts(namespace, name).unwrap_or_default()
    }

    fn find_texts(&self, namespace: &str, name: &str) -> Option<Vec<String>> {
        let nodes = self.nodes()?;
        let index = nodes.iter().position(|n| n.is(namespace, name) && Self::is_property(&nodes, n))?;
        let inside = |n: &super::Node| nodes[index].content.contains(&n.range.start);
        let mut items: Vec<_> = nodes.iter().filter(|n| !n.is_attribute && n.is(RDF, "li") && inside(n)).collect();
        if items.is_empty() {
            items.push(&nodes[index]);
        }
        let text = |content: &str| quick_xml::escape::unescape(content).ok().map(|text| text.trim().to_owned());
        items.into_iter().map(|item| text(&self.0[item.content.clone()])).collect()
    }
}

fn rdf_value(value: &Value) -> String {
    let items = |kind: &str, language: &str, texts: &[String]| {
        let items: String = texts.iter().map(|t| format!("<rdf:li{language}>{}</rdf:li>", escaped(t))).collect();
        format!("<rdf:{kind}>{items}</rdf:{kind}>")
    };
    match value {
        Value::Text(text) => escaped(text),
        Value::Localised(text) => items("Alt", " xml:lang=\"x-default\"", std::slice::from_ref(text)),
        Value::Sequence(texts) => items("Seq", "", texts),
        Value::Bag(texts) => items("Bag", "", texts),
    }
}

/// Text as XML, without the control characters that XML does not have.
fn escaped(text: &str) -> String {
    let allowed: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r')).collect();
    quick_xml::escape::escape(allowed.as_str()).into_owned()
}
