//! Measures what the pipeline costs on top of the engine, and compares it with onnxruntime in Python.
//!
//!     pipeline overhead [ROUNDS]     CPU time of whole runs against that of the bare engine on the same tiles
//!     pipeline rival [ROUNDS]        wall time against a Python process that runs the whole picture at once
//!
//! Run by `scripts/bench`. Rounds are interleaved, and the smallest time of each contender counts.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use enlarger::{
    Cancel, Device, Engine, Job, Model, Result, Session, SessionOptions, Size, Target, Tensor, TensorMut, Upscaler,
    Usage,
};
use enlarger_tests::clock::cpu_seconds;
use enlarger_tests::picture::RGB8;
use enlarger_tests::{Picture, default_model, enlarge, real_engines};

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|a| a != "--bench").collect();
    let rounds = |default| arguments.get(1).and_then(|n| n.parse().ok()).unwrap_or(default);
    match arguments.first().map(String::as_str) {
        Some("overhead") => overhead(rounds(10)),
        Some("rival") => rival(rounds(5)),
        _ => eprintln!("pipeline overhead [ROUNDS] | rival [ROUNDS]; see scripts/bench"),
    }
}

/// A photo, repeated to this size.
fn photo(width: u32, height: u32) -> Picture {
    let cat = Picture::photo("cat.png");
    let mut picture = Picture::new(Size { width, height }, RGB8, enlarger::Colour::Srgb);
    let (stride, from) = (picture.stride(), cat.stride());
    for (y, row) in picture.bytes.chunks_exact_mut(stride).enumerate() {
        let source = &cat.bytes[y % cat.size.height as usize * from..][..from];
        row.chunks_mut(from).for_each(|part| part.copy_from_slice(&source[..part.len()]));
    }
    picture
}

fn overhead(rounds: usize) {
    let picture = photo(1633, 1225);
    for engine in real_engines() {
        let recorder = Arc::new(Recorder { engine: engine.clone(), shapes: Arc::default() });
        let up = Upscaler::new(&default_model(), recorder.clone(), &SessionOptions::default()).expect("a session");
        let plan = up.plan(picture.size, &Job::new(Target::Factor(4.0))).expect("a plan");
        let bare = engine.open(&default_model(), &SessionOptions::default()).expect("a session");
        let (mut best, mut best_bare) = (f64::INFINITY, f64::INFINITY);
        for _ in 0..rounds {
            recorder.shapes.lock().expect("a lock").clear();
            let start = cpu_seconds();
            enlarge(&up, &picture, &Job::new(Target::Factor(4.0)));
            best = best.min(cpu_seconds() - start);

            let shapes = recorder.shapes.lock().expect("a lock").clone();
            let largest = shapes.iter().map(|s| s.iter().product::<usize>()).max().unwrap_or(0);
            let input: Vec<f32> = picture.samples().into_iter().cycle().take(largest).collect();
            let mut output = vec![0.0; 16 * largest];
            let start = cpu_seconds();
            for shape in shapes {
                let n = shape.iter().product::<usize>();
                let tensor = Tensor { name: "input", shape, data: &input[..n] };
                let [_, c, h, w] = shape;
                let out = TensorMut { name: "output", shape: [1, c, 4 * h, 4 * w], data: &mut output[..16 * n] };
                bare.run(&[tensor], out, &Cancel::new()).expect("a run");
            }
            best_bare = best_bare.min(cpu_seconds() - start);
        }
        println!(
            "{}: pipeline {best:.2} CPU-s, bare {best_bare:.2} CPU-s, {:+.1} %; {} tiles, {:.3} times the pixels; {rounds} rounds",
            engine.id(),
            100.0 * (best / best_bare - 1.0),
            plan.tiles,
            plan.network_pixels as f64 / picture.size.pixels() as f64,
        );
    }
}

/// An engine that records the shapes of the tiles that another engine gets.
struct Recorder {
    engine: Arc<dyn Engine>,
    shapes: Arc<Mutex<Vec<[usize; 4]>>>,
}

struct RecorderSession {
    session: Arc<dyn Session>,
    shapes: Arc<Mutex<Vec<[usize; 4]>>>,
}

impl Engine for Recorder {
    fn id(&self) -> &str {
        self.engine.id()
    }

    fn version(&self) -> String {
        self.engine.version()
    }

    fn devices(&self) -> Vec<Device> {
        self.engine.devices()
    }

    fn open(&self, model: &Model, options: &SessionOptions) -> Result<Arc<dyn Session>> {
        let session = self.engine.open(model, options)?;
        Ok(Arc::new(RecorderSession { session, shapes: self.shapes.clone() }))
    }
}

impl Session for RecorderSession {
    fn device(&self) -> &Device {
        self.session.device()
    }

    fn is_exact(&self) -> bool {
        self.session.is_exact()
    }

    fn usage(&self) -> Usage {
        self.session.usage()
    }

    fn run(&self, inputs: &[Tensor<'_>], output: TensorMut<'_>, cancel: &Cancel) -> Result<()> {
        self.shapes.lock().expect("a lock").push(inputs[0].shape);
        self.session.run(inputs, output, cancel)
    }
}

fn rival(rounds: usize) {
    let picture = photo(1024, 1024);
    let python = env::var("ENLARGER_BENCH_PYTHON").expect("a Python with onnxruntime; run scripts/bench");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut child = Command::new(python)
        .arg(root.join("benches/rival.py"))
        .arg(root.join("../core/models/realesr-general-x4v3/model.onnx"))
        .args(["1024", "1024"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python");
    let (mut ask, mut answer) =
        (child.stdin.take().expect("a pipe"), BufReader::new(child.stdout.take().expect("a pipe")));
    let mut run_rival = || -> f64 {
        writeln!(ask, "run").expect("Python listens");
        let mut line = String::new();
        answer.read_line(&mut line).expect("Python answers");
        line.trim().parse().expect("seconds")
    };
    let ours: Vec<(Arc<dyn Engine>, Upscaler)> = real_engines()
        .into_iter()
        .map(|e| (e.clone(), Upscaler::new(&default_model(), e, &SessionOptions::default()).expect("a session")))
        .collect();
    let (mut best, mut best_rival) = (vec![f64::INFINITY; ours.len()], f64::INFINITY);
    for _ in 0..rounds {
        best_rival = best_rival.min(run_rival());
        for ((_, up), best) in ours.iter().zip(&mut best) {
            let start = Instant::now();
            enlarge(up, &picture, &Job::new(Target::Factor(4.0)));
            *best = best.min(start.elapsed().as_secs_f64());
        }
    }
    drop(ask);
    let _ = child.wait();
    println!("onnxruntime in Python, whole: {best_rival:.2} s; {rounds} rounds");
    for ((engine, _), best) in ours.iter().zip(best) {
        println!("Enlarger with {}: {best:.2} s, {:.2} times Python's", engine.id(), best / best_rival);
    }
}
