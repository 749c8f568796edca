//! Restorers of faces that are functions, faces that fit them, and pictures to put those in.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use enlarger::{
    Cancel, Device, Engine, Face, Format, Job, Model, Restorer, Result, Session, SessionOptions, Size, Target, Tensor,
    TensorMut, Upscaler,
};

use crate::picture::{Picture, RGB32F};
use crate::toy::{Toy, device, toy_manifest, toy_model};
use crate::{job, upscaler};

/// The side of the crops, in pixels.
pub const SIDE: u32 = 128;

/// The places of both eyes, nose and mouth in a crop of 512 pixels, from its corner.
pub const PLACES: [[f32; 2]; 4] = [[193.48, 240.45], [319.4, 240.69], [257.13, 314.52], [257.68, 371.78]];

/// A face whose crop is a square of `side` pixels, turned by `angle` (radians).
pub fn face(centre: [f32; 2], side: f32, angle: f32) -> Face {
    let place = |[x, y]: [f32; 2]| {
        let (x, y) = (side * (x / 512.0 - 0.5), side * (y / 512.0 - 0.5));
        let (sine, cosine) = angle.sin_cos();
        [centre[0] + cosine * x - sine * y, centre[1] + sine * x + cosine * y]
    };
    let ears = [[140.0, 260.0], [372.0, 260.0]];
    let points = [PLACES[0], PLACES[1], PLACES[2], PLACES[3], ears[0], ears[1]].map(place);
    let middle = place([256.0, 290.0]);
    let half = 0.27 * side;
    Face { left: middle[0] - half, top: middle[1] - half, width: 2.0 * half, height: 2.0 * half, points, score: 0.9 }
}

/// What a restorer does: it gets three planes of [`SIDE`]² samples and changes them.
pub type Paint = fn(&mut [f32], &Cancel);

/// An engine whose only network is a function.
#[derive(Clone)]
pub struct Painter {
    pub paint: Paint,
    pub runs: Arc<AtomicUsize>,
}

impl Engine for Painter {
    fn id(&self) -> &str {
        "painter"
    }

    fn version(&self) -> String {
        "1".into()
    }

    fn devices(&self) -> Vec<Device> {
        vec![device("cpu")]
    }

    fn open(&self, _: &Model, _: &SessionOptions) -> Result<Arc<dyn Session>> {
        Ok(Arc::new(PainterSession { painter: self.clone(), device: device("cpu") }))
    }
}

struct PainterSession {
    painter: Painter,
    device: Device,
}

impl Session for PainterSession {
    fn device(&self) -> &Device {
        &self.device
    }

    fn is_exact(&self) -> bool {
        true
    }

    fn run(&self, inputs: &[Tensor<'_>], output: TensorMut<'_>, cancel: &Cancel) -> Result<()> {
        assert_eq!(inputs[0].shape, [1, 3, SIDE as usize, SIDE as usize]);
        self.painter.runs.fetch_add(1, Ordering::SeqCst);
        output.data.copy_from_slice(inputs[0].data);
        (self.painter.paint)(output.data, cancel);
        Ok(())
    }
}

pub fn face_manifest() -> String {
    toy_manifest(1, 0)
        .replace("task = \"upscale\"", "task = \"face\"")
        .replace("mode = \"faithful\"", "mode = \"creative\"")
        .replace("minimum = 1\nmultiple = 1\n", &format!("size = [{SIDE}, {SIDE}]\n"))
        .replace("support = \"exact\"", "support = \"whole\"")
}

pub fn face_model() -> Model {
    Model::from_bytes(&face_manifest(), b"toy".as_slice()).expect("a manifest")
}

pub fn restorer(paint: Paint) -> (Restorer, Arc<AtomicUsize>) {
    let runs = Arc::new(AtomicUsize::new(0));
    let engine = Arc::new(Painter { paint, runs: runs.clone() });
    (Restorer::open(&face_model(), engine, &SessionOptions::default()).unwrap(), runs)
}

pub fn plain() -> Upscaler {
    upscaler(&toy_model(2, 1), Arc::new(Toy { radius: 1, ..Toy::default() }))
}

pub fn with(paint: Paint) -> Upscaler {
    plain().with_restorer(restorer(paint).0)
}

pub fn restoring(target: Target, faces: &[Face], fidelity: f32) -> Job {
    job(target, |job| {
        job.faces = faces.to_vec();
        job.face_fidelity = fidelity;
    })
}

pub fn nothing(_: &mut [f32], _: &Cancel) {}

/// White dots on gray at both eyes, nose and mouth.
pub fn dots(planes: &mut [f32], _: &Cancel) {
    let side = SIDE as usize;
    for (at, v) in planes.iter_mut().enumerate() {
        let (x, y) = ((at % side) as f32 + 0.5, (at / side % side) as f32 + 0.5);
        let near = PLACES.map(|[px, py]| (x - px * side as f32 / 512.0).hypot(y - py * side as f32 / 512.0));
        if near.iter().any(|distance| *distance < 3.0) {
            *v = 1.0;
        }
    }
}

/// Everything becomes brighter and redder, with a fine pattern.
pub fn drift(planes: &mut [f32], _: &Cancel) {
    let side = SIDE as usize;
    for (at, v) in planes.iter_mut().enumerate() {
        let pattern = if (at % side / 3 + at / side / 3).is_multiple_of(2) { 0.1 } else { -0.1 };
        let tint = if at < side * side { 1.5 } else { 0.5 };
        *v = (*v + 0.1 * tint + pattern * tint).clamp(0.0, 1.0);
    }
}

pub fn scene(size: Size, format: Format) -> Picture {
    Picture::from_fn(size.width, size.height, format, |x, y, c| {
        let soft = 0.5 + 0.2 * (x as f32 / 9.0).sin() + 0.15 * (y as f32 / 7.0 + c as f32).cos();
        let edge = if (x / 17 + y / 13).is_multiple_of(2) { 0.06 } else { -0.06 };
        let alpha = c + 1 == format.channels.count() && format.has_alpha();
        if alpha { (0.2 + y as f32 / 60.0).min(1.0) } else { soft + edge }
    })
}

pub fn flat(size: Size) -> Picture {
    Picture::from_fn(size.width, size.height, RGB32F, |_, _, _| 0.3)
}
