//! Regions in a packet, such as faces, after the picture has been turned upright.
//!
//! Regions are fractions of the stored picture, so turning moves them, while enlarging does not. Regions of a kind that is not
//! known here are removed when the picture is turned.

use super::Packet;

/// Regions by the Metadata Working Group.
const AREA: &str = "http://ns.adobe.com/xmp/sType/Area#";
/// Regions by Microsoft.
const MICROSOFT: &str = "http://ns.microsoft.com/photo/1.2/t/Region#";
const ACDSEE: &str = "http://ns.acdsee.com/regions/";
const PANORAMA: &str = "http://ns.google.com/photos/1.0/panorama/";

impl Packet {
    /// Moves regions by the turn that an orientation asks for. Returns what is lost.
    pub fn turn(&mut self, orientation: u8) -> Vec<&'static str> {
        let mut lost = Vec::new();
        if self.remove(|namespace, _| namespace == ACDSEE) {
            lost.push("regions of ACDSee");
        }
        if self.remove(|namespace, _| namespace == PANORAMA) {
            lost.push("the description of a panorama");
        }
        let nodes = self.nodes().unwrap_or_default();
        let mut edits = Vec::new();
        let value = |index: usize| self.0[nodes[index].content.clone()].trim().parse::<f64>().ok();
        for parent in 0..nodes.len() {
            let find = |name: &str| nodes.iter().position(|n| n.parent == Some(parent) && n.is(AREA, name));
            if let (Some(x), Some(y)) = (find("x"), find("y"))
                && let (Some(x_value), Some(y_value)) = (value(x), value(y))
            {
                let (new_x, new_y) = turned(orientation, x_value, y_value);
                edits.push((nodes[x].content.clone(), number(new_x)));
                edits.push((nodes[y].content.clone(), number(new_y)));
                if let (Some(w), Some(h), true) = (find("w"), find("h"), orientation >= 5) {
                    edits.push((nodes[w].content.clone(), self.0[nodes[h].content.clone()].to_owned()));
                    edits.push((nodes[h].content.clone(), self.0[nodes[w].content.clone()].to_owned()));
                }
            }
            let node = &nodes[parent];
            if node.is(MICROSOFT, "Rectangle")
                && let Some(rectangle) = turned_rectangle(orientation, &self.0[node.content.clone()])
            {
                edits.push((node.content.clone(), rectangle));
            }
        }
        self.apply(edits);
        lost
    }
}

/// Where a point, given as fractions of the sides, is in the upright picture.
fn turned(orientation: u8, x: f64, y: f64) -> (f64, f64) {
    match orientation {
        2 => (1.0 - x, y),
        3 => (1.0 - x, 1.0 - y),
        4 => (x, 1.0 - y),
        5 => (y, x),
        6 => (1.0 - y, x),
        7 => (1.0 - y, 1.0 - x),
        8 => (y, 1.0 - x),
        _ => (x, y),
    }
}

/// A rectangle "left, top, width, height".
fn turned_rectangle(orientation: u8, text: &str) -> Option<String> {
    let numbers: Vec<f64> = text.split(',').map(|n| n.trim().parse().ok()).collect::<Option<_>>()?;
    let &[left, top, width, height] = numbers.as_slice() else { return None };
    let (a, b) = (turned(orientation, left, top), turned(orientation, left + width, top + height));
    let (left, top) = (a.0.min(b.0), a.1.min(b.1));
    Some([left, top, (a.0 - b.0).abs(), (a.1 - b.1).abs()].map(number).join(", "))
}

fn number(value: f64) -> String {
    format!("{}", (value * 1e9).round() / 1e9)
}
