//! Faces as the command shows them: a line for people, an object for programs.

use enlarger::Face;
use serde_json::{Value, json};

/// A face on a line.
pub fn line(face: &Face) -> String {
    let Face { left, top, width, height, score, .. } = face;
    format!("{width:.0}x{height:.0} pixels at {left:.0}, {top:.0}; score {score:.2}")
}

/// All faces in a picture; null if none were looked for.
pub fn list(faces: Option<&[Face]>) -> Value {
    faces.map_or(Value::Null, |all| all.iter().map(object).collect())
}

fn object(face: &Face) -> Value {
    let [right_eye, left_eye, nose, mouth, right_ear, left_ear] = face.points.map(|point| point.map(tenth));
    let place = [face.left, face.top, face.width, face.height].map(tenth);
    json!({
        "box": place,
        "points": {
            "right_eye": right_eye,
            "left_eye": left_eye,
            "nose": nose,
            "mouth": mouth,
            "right_ear": right_ear,
            "left_ear": left_ear,
        },
        "score": (f64::from(face.score) * 1000.0).round() / 1000.0,
    })
}

/// Pixels to a tenth; the search is no more exact.
fn tenth(pixels: f32) -> f64 {
    (f64::from(pixels) * 10.0).round() / 10.0
}
