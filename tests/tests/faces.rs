//! Faces found by the embedded network on real engines: where they are, turned and hard ones, and no faces where none are.

use enlarger::{
    Cancel, Colour, ErrorKind, Face, FaceFinder, Model, Result, SessionOptions, Size, Upscaler, View, ViewSource,
};
use enlarger_tests::picture::RGB8;
use enlarger_tests::{Picture, real_engine};

/// The eyes, the tip of the nose and the middle of the mouth in `tests/data/astronaut.png`, read off with a ruler.
const POINTS: [[f32; 2]; 4] = [[72.0, 98.0], [117.0, 99.0], [92.0, 124.0], [92.0, 142.0]];

fn finder() -> FaceFinder {
    FaceFinder::open(&*real_engine("rten"), &SessionOptions::default()).expect("the embedded network")
}

/// 8-bit RGB pixels.
#[derive(Clone)]
struct Pixels {
    size: Size,
    data: Vec<u8>,
}

impl Pixels {
    fn new(width: u32, height: u32, at: impl Fn(u32, u32) -> [u8; 3]) -> Self {
        let size = Size { width, height };
        Pixels { size, data: (0..height).flat_map(|y| (0..width).flat_map(|x| at(x, y)).collect::<Vec<_>>()).collect() }
    }

    fn at(&self, x: u32, y: u32) -> [u8; 3] {
        let start = 3 * (y * self.size.width + x) as usize;
        [0, 1, 2].map(|channel| self.data[start + channel])
    }

    /// A photo of `tests/data`.
    fn photo(name: &str) -> Self {
        let picture = Picture::photo(name);
        assert_eq!(picture.format, RGB8, "{name}");
        Pixels { size: picture.size, data: picture.bytes }
    }

    fn portrait() -> Self {
        Pixels::photo("astronaut.png")
    }

    /// The picture on a gray ground, its upper left corner at this place.
    fn on_ground(&self, width: u32, height: u32, [x0, y0]: [u32; 2]) -> Self {
        Pixels::new(width, height, |x, y| {
            let inside = (x0..x0 + self.size.width).contains(&x) && (y0..y0 + self.size.height).contains(&y);
            if inside { self.at(x - x0, y - y0) } else { [120, 124, 128] }
        })
    }

    /// Turned by quarters of a circle, clockwise.
    fn turned(&self, quarters: u32) -> Self {
        match quarters {
            0 => self.clone(),
            _ => {
                let next = Pixels::new(self.size.height, self.size.width, |x, y| self.at(y, self.size.height - 1 - x));
                next.turned(quarters - 1)
            }
        }
    }

    fn find(&self, finder: &FaceFinder) -> Vec<Face> {
        finder.find(&mut self.source(), &Cancel::new(), &mut |_| {}).unwrap()
    }

    fn source(&self) -> ViewSource<'_> {
        let view = View::new(&self.data, RGB8.row_size(self.size.width), self.size, RGB8).unwrap();
        ViewSource::new(view, Colour::Srgb)
    }
}

/// The one face in a list.
fn only(faces: &[Face], what: &str) -> Face {
    assert_eq!(faces.len(), 1, "{what}: {faces:?}");
    faces[0]
}

fn assert_near(face: &Face, points: &[[f32; 2]], tolerance: f32, what: &str) {
    for (found, wanted) in face.points.iter().zip(points) {
        let distance = (found[0] - wanted[0]).hypot(found[1] - wanted[1]);
        assert!(distance <= tolerance, "{what}: {found:?} instead of {wanted:?}");
    }
}

#[test]
fn a_portrait_has_one_face_with_its_points_in_place() {
    let face = only(&Pixels::portrait().find(&finder()), "the portrait");
    assert!(face.score > 0.7, "{face:?}");
    assert_near(&face, &POINTS, 9.0, "the portrait");
    let inside = |[x, y]: [f32; 2]| {
        (face.left..face.left + face.width).contains(&x) && (face.top..face.top + face.height).contains(&y)
    };
    assert!(face.points[..4].iter().all(|point| inside(*point)), "{face:?}");
}

#[test]
fn turned_heads_are_found_with_the_same_points() {
    let (finder, portrait) = (finder(), Pixels::portrait());
    for quarters in 1..4 {
        let turned = portrait.turned(quarters);
        let mut points = POINTS;
        for turn in 0..quarters {
            let height = if turn % 2 == 0 { portrait.size.height } else { portrait.size.width } as f32;
            points = points.map(|[x, y]| [height - y, x]);
        }
        let face = only(&turned.find(&finder), &format!("turned by {}°", 90 * quarters));
        assert_near(&face, &points, 12.0, &format!("turned by {}°", 90 * quarters));
    }
}

/// A picture that is larger than one tile and reduced first: the place must be that in the source.
#[test]
fn places_are_those_of_the_source() {
    let finder = finder();
    for (width, height, at) in [(1100, 500, [30, 200]), (1100, 500, [420, 150]), (1800, 1500, [1500, 1200])] {
        let what = format!("at {at:?}");
        let face = only(&Pixels::portrait().on_ground(width, height, at).find(&finder), &what);
        let points = POINTS.map(|[x, y]| [x + at[0] as f32, y + at[1] as f32]);
        assert_near(&face, &points, 12.0, &what);
    }
}

#[test]
fn no_face_is_found_where_there_is_none() {
    let finder = finder();
    let mut state = 7u32;
    let noise: Vec<u8> = (0..256 * 256 * 3)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect();
    let noise = Pixels { size: Size { width: 256, height: 256 }, data: noise };
    let gradient = Pixels::new(400, 300, |x, y| [(x * 255 / 400) as u8, (y * 255 / 300) as u8, 90]);
    let dots = Pixels::new(300, 300, |x, y| if (x / 20 + y / 20).is_multiple_of(2) { [20; 3] } else { [230; 3] });
    for (name, picture) in [("noise", noise), ("gradient", gradient), ("squares", dots)] {
        assert_eq!(picture.find(&finder), [], "{name}");
    }
    for name in ["coffee.png", "galaxies.png", "cat.png"] {
        assert_eq!(Pixels::photo(name).find(&finder), [], "{name}");
    }
    for (width, height) in [(1, 1), (3, 700), (700, 1)] {
        assert_eq!(Pixels::new(width, height, |_, _| [128; 3]).find(&finder), [], "{width}x{height}");
    }
}

/// Both are taken for a face upright, with scores of about 0.7.
#[test]
fn what_looks_the_same_upside_down_has_no_face() {
    let (finder, portrait) = (finder(), Pixels::portrait());
    let face = |x: u32, y: u32| portrait.at(38 + x, 64 + y);
    type Merge = fn(u8, u8) -> u8;
    let merges: [(&str, Merge); 2] = [("mean", u8::midpoint), ("darker", |a, b| a.min(b))];
    for (name, merge) in merges {
        let both = Pixels::new(107, 107, |x, y| {
            let across = if name == "mean" { x } else { 106 - x };
            let (here, there) = (face(x, y), face(across, 106 - y));
            [0, 1, 2].map(|channel| merge(here[channel], there[channel]))
        });
        assert_eq!(both.on_ground(300, 300, [97, 97]).find(&finder), [], "{name}");
    }
}

#[test]
fn engines_agree() {
    let ort = FaceFinder::open(&*real_engine("ort"), &SessionOptions::default()).unwrap();
    let portrait = Pixels::portrait();
    let (a, b) = (only(&portrait.find(&finder()), "rten"), only(&portrait.find(&ort), "ort"));
    assert!((a.score - b.score).abs() < 1e-3, "{a:?}, {b:?}");
    assert_near(&a, &b.points, 0.1, "rten and ort");
}

#[test]
fn a_search_can_be_cancelled_and_reports_its_progress() {
    let (finder, portrait, cancel) = (finder(), Pixels::portrait(), Cancel::new());
    let mut shares = Vec::new();
    finder.find(&mut portrait.source(), &cancel, &mut |share| shares.push(share)).unwrap();
    assert!(shares.is_sorted() && shares[shares.len() - 1] == 1.0 && shares.len() > 10, "{shares:?}");
    let stopped = finder.find(&mut portrait.source(), &cancel, &mut |share| {
        if share > 0.4 {
            cancel.cancel();
        }
    });
    assert_eq!(stopped.unwrap_err().kind(), ErrorKind::Cancelled);
}

#[test]
fn the_network_enlarges_nothing() {
    let model: Model = FaceFinder::model().unwrap();
    let refused: Result<Upscaler> = Upscaler::new(&model, real_engine("rten"), &SessionOptions::default());
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::ModelContract);
}
