//! Sessions: tiles, cancellation, devices that are missing or lost.

use std::time::{Duration, Instant};

use enlarger::{Cancel, Engine, ErrorKind, Model, Precision, SessionOptions};
use enlarger_compiler_testing::{GraphBuilder, networks, plain_networks};

use super::networks::{drawing, enlarged};
use super::*;
use crate::engine::GpuEngine;

fn model(name: &str) -> Model {
    let mut all = plain_networks().into_iter().chain(networks());
    let network = all.find(|(other, _)| *other == name).unwrap().1;
    Model::from_bytes(&network.manifest(), network.file()).unwrap()
}

fn open(model: &Model, device: &str) -> Result<Arc<dyn enlarger::Session>> {
    let mut options = SessionOptions::default();
    options.device = Some(device.to_owned());
    options.precision = Precision::Auto;
    GpuEngine::new().open(model, &options)
}

/// A tile that is larger by a halo has the same pixels inside as the whole picture.
#[test]
fn tiles_equal_the_whole() {
    let (height, width, side, halo) = (60, 72, 60, 20);
    for (name, scale) in [("compact", 2), ("rrdb-unshuffled-2", 1), ("span", 2)] {
        let model = model(name);
        let session = open(&model, &software().device.id).unwrap();
        let picture = drawing(height, width);
        let whole = enlarged(&*session, &model, &picture, [height, width]);
        let left = width - side;
        let part = |data: &[f32], of: usize, first: usize, count: usize| -> Vec<f32> {
            data.chunks_exact(of).flat_map(|row| row[first..][..count].to_vec()).collect()
        };
        let tile = enlarged(&*session, &model, &part(&picture, width, left, side), [height, side]);
        let inside = side - halo;
        let expected = part(&whole, scale * width, scale * (left + halo), scale * inside);
        let found = part(&tile, scale * side, scale * halo, scale * inside);
        let greatest = expected.iter().zip(&found).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        let range = expected.iter().fold(1.0f32, |range, value| range.max(value.abs()));
        assert!(greatest / range <= 1.0 / 255.0, "{name}: {greatest} of {range}");
    }
}

/// Tiles of other sizes, on several threads, in one session.
#[test]
fn sessions_run_tiles_of_several_sizes_at_the_same_time() {
    let model = model("compact");
    let session = open(&model, &software().device.id).unwrap();
    let sizes = [[16, 40], [33, 17], [16, 40], [40, 16]];
    let alone: Vec<Vec<f32>> =
        sizes.iter().map(|size| enlarged(&*session, &model, &drawing(size[0], size[1]), *size)).collect();
    std::thread::scope(|scope| {
        for (size, expected) in sizes.iter().zip(&alone) {
            let (session, model) = (&session, &model);
            scope.spawn(move || {
                for _ in 0..3 {
                    assert!(enlarged(&**session, model, &drawing(size[0], size[1]), *size) == *expected, "{size:?}");
                }
            });
        }
    });
}

#[test]
fn a_cancel_is_answered_within_half_a_second() {
    let model = model("compact");
    let session = open(&model, &software().device.id).unwrap();
    // The first run compiles the kernels.
    enlarged(&*session, &model, &drawing(16, 16), [16, 16]);
    let (height, width) = (768, 768);
    let data = drawing(height, width);
    let mut result = vec![0.0; 4 * data.len()];
    let cancel = Cancel::new();
    std::thread::scope(|scope| {
        let cancelled = scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(300));
            cancel.cancel();
            Instant::now()
        });
        let inputs = [Tensor { name: "in", shape: [1, 3, height, width], data: &data }];
        let name = &model.manifest().output.name;
        let output = TensorMut { name, shape: [1, 3, 2 * height, 2 * width], data: &mut result };
        let error = session.run(&inputs, output, &cancel).unwrap_err();
        let answered = Instant::now();
        assert_eq!(error.kind(), ErrorKind::Cancelled);
        let took = answered.saturating_duration_since(cancelled.join().unwrap());
        assert!(took < Duration::from_millis(500), "{took:?}");
    });
    // The session goes on.
    enlarged(&*session, &model, &drawing(16, 16), [16, 16]);
}

#[test]
fn other_devices_are_refused() {
    let model = model("compact");
    for device in ["gpu:99", "gpu:voodoo", "cuda:0"] {
        let error = open(&model, device).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Device);
        assert!(error.message().contains(device) && error.message().contains("gpu:0"), "{error}");
    }
}

#[test]
fn a_software_device_is_named_as_such() {
    let device = software().device;
    assert!(device.id.starts_with("gpu:") && device.name.contains("software"), "{device:?}");
    assert!(GpuEngine::new().devices().contains(&device));
}

#[test]
fn wrong_tensors_are_refused() {
    let model = model("compact");
    let session = open(&model, &software().device.id).unwrap();
    let run = |name: &str, shape: [usize; 4], to: [usize; 4]| {
        let (data, mut result) = (vec![0.0; shape.iter().product()], vec![0.0; to.iter().product()]);
        let output = TensorMut { name: &model.manifest().output.name, shape: to, data: &mut result };
        session.run(&[Tensor { name, shape, data: &data }], output, &Cancel::new()).unwrap_err().kind()
    };
    assert_eq!(run("other", [1, 3, 8, 8], [1, 3, 16, 16]), ErrorKind::Argument);
    assert_eq!(run("in", [1, 4, 8, 8], [1, 3, 16, 16]), ErrorKind::Argument);
    assert_eq!(run("in", [1, 3, 8, 8], [1, 3, 8, 8]), ErrorKind::ModelContract);
    assert_eq!(run("in", [1, 3, 1, 3_000_000], [1, 3, 2, 6_000_000]), ErrorKind::Memory);
}

/// A lost device is an error, and the next session opens it anew.
#[test]
fn a_lost_device_is_told() {
    // A device of its own, so that other tests keep theirs.
    let mut adapter = software();
    adapter.device.name.push_str(" for a test");
    let mut builder = GraphBuilder::new(3, 1);
    let output = builder.node("Sigmoid", &["in"], &[]);
    let graph = compile(&builder.graph, &output, "gpu").unwrap();
    let picture = Array::from_fn([3, 16, 16], |_, y, x| (x + y) as f64 / 32.0);
    let enlarge = |network: &Network| run(network, "in", &output, &picture, [3, 16, 16]);

    let gpu = Gpu::open(&adapter).unwrap();
    let network = Network::new(Arc::clone(&gpu), &graph, Arithmetic::Mixed).unwrap();
    enlarge(&network).unwrap();
    gpu.destroy();
    for _ in 0..2 {
        let error = enlarge(&network).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Device);
        assert!(error.message().contains("lost"), "{error}");
    }
    let again = Gpu::open(&adapter).unwrap();
    assert!(!Arc::ptr_eq(&gpu, &again));
    enlarge(&Network::new(again, &graph, Arithmetic::Mixed).unwrap()).unwrap();
}
