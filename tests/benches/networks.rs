//! How fast networks run by themselves: our own engine beside its rivals.
//!
//!     networks [ROUNDS] [MODEL.onnx SCALE]...     the embedded model, and others with one input and one output
//!
//! `scripts/bench networks` calls it. Contenders take turns in each round; smallest and median count. Speed is never
//! reported without the distance from exact arithmetic.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use enlarger::{Cancel, Engine, Model, Precision, Session, SessionOptions, Tensor, TensorMut};
use enlarger_engine_winograd::Winograd;
use enlarger_tests::{Picture, default_model, networks};

const SIDES: [usize; 2] = [132, 252];
const THREADS: [usize; 2] = [1, 2];
const RIVALS: [&str; 3] = ["onnxruntime", "openvino-f32", "openvino-bf16"];

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|a| a != "--bench").collect();
    let rounds = arguments.first().and_then(|n| n.parse().ok()).unwrap_or(15);
    let embedded = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/models/realesr-general-x4v3/model.onnx");
    let mut networks = vec![(default_model(), embedded)];
    for pair in arguments.get(1..).unwrap_or_default().chunks_exact(2) {
        let (path, scale) = (PathBuf::from(&pair[0]), pair[1].parse().expect("a scale"));
        networks.push((networks::model_of(&path, scale, 1), path));
    }
    for (model, path) in &networks {
        for side in SIDES {
            for threads in THREADS {
                compare(model, path, side, threads, rounds);
            }
        }
    }
}

/// Whatever can run a network on the picture.
enum Contender {
    Ours(Arc<dyn Session>),
    Rival { child: Child, ask: ChildStdin, answer: BufReader<ChildStdout> },
}

fn compare(model: &Model, path: &Path, side: usize, threads: usize, rounds: usize) {
    let pixels = photo(side);
    let folder = env::temp_dir().join(format!("enlarger-networks-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let source = folder.join("input.f32");
    fs::write(&source, pixels.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>()).expect("an input");

    let mut contenders = Vec::new();
    for (name, precision) in [("winograd exact", Precision::Exact), ("winograd auto", Precision::Auto)] {
        let mut options = SessionOptions::default();
        (options.precision, options.threads) = (precision, Some(threads));
        let session = Winograd::new().open(model, &options).expect("a session");
        contenders.push((name, Contender::Ours(session)));
    }
    for name in RIVALS {
        contenders.push((name, rival(name, path, side, threads, &source, &folder.join(name))));
    }

    let mut output = vec![0.0; pixels.len() * (model.manifest().scale as usize).pow(2)];
    let (mut times, mut outputs) = (vec![Vec::new(); contenders.len()], Vec::new());
    for (name, contender) in &mut contenders {
        contender.run(model, &pixels, side, &mut output);
        outputs.push(match contender {
            Contender::Ours(_) => output.clone(),
            Contender::Rival { .. } => floats(&folder.join(*name)),
        });
    }
    for _ in 0..rounds {
        for ((_, contender), times) in contenders.iter_mut().zip(&mut times) {
            times.push(contender.run(model, &pixels, side, &mut output));
        }
    }
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("{} {side}x{side}, {threads} threads, {rounds} rounds, load {}", model.id(), load.get(..4).unwrap_or("?"));
    times.iter_mut().for_each(|times| times.sort_by(f64::total_cmp));
    let reference = contenders.iter().position(|(name, _)| *name == RIVALS[0]).expect("the first rival");
    for (i, (name, _)) in contenders.iter().enumerate() {
        let (least, ratio) = (times[i][0], times[reference][0] / times[i][0]);
        let (decibels, greatest) = difference(&outputs[i], &outputs[reference]);
        println!(
            "| {name} | {:.1} ms | {:.1} ms | {ratio:.2} | {decibels:.0} dB | {greatest:.2} |",
            1e3 * least,
            1e3 * times[i][times[i].len() / 2],
        );
    }
    for (_, contender) in contenders {
        contender.end();
    }
    fs::remove_dir_all(folder).expect("a folder to remove");
}

/// Planes of a photo.
fn photo(side: usize) -> Vec<f32> {
    let photo = Picture::photo("cat.png");
    let (width, height) = (photo.size.width as usize, photo.size.height as usize);
    let at = |i: usize| {
        let (x, y) = (i % side % width, i / side % side % height);
        photo.at(x as u32, y as u32, i / (side * side))
    };
    (0..3 * side * side).map(at).collect()
}

fn rival(name: &str, model: &Path, side: usize, threads: usize, source: &Path, target: &Path) -> Contender {
    let python = env::var("ENLARGER_BENCH_RIVALS").expect("a Python with the rivals; run scripts/bench");
    let mut child = Command::new(python)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/networks.py"))
        .arg(name)
        .arg(model)
        .args([side.to_string(), threads.to_string()])
        .args([source, target])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python");
    let ask = child.stdin.take().expect("a pipe");
    let mut answer = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = String::new();
    answer.read_line(&mut line).expect("Python answers");
    assert_eq!(line.trim(), "ready", "{name} cannot run this network");
    Contender::Rival { child, ask, answer }
}

impl Contender {
    /// Seconds that a run takes.
    fn run(&mut self, model: &Model, pixels: &[f32], side: usize, output: &mut [f32]) -> f64 {
        match self {
            Contender::Ours(session) => {
                let (manifest, scale) = (model.manifest(), model.manifest().scale as usize);
                let inputs = [Tensor { name: &manifest.input.name, shape: [1, 3, side, side], data: pixels }];
                let shape = [1, 3, side * scale, side * scale];
                let to = TensorMut { name: &manifest.output.name, shape, data: output };
                let start = Instant::now();
                session.run(&inputs, to, &Cancel::new()).expect("a run");
                start.elapsed().as_secs_f64()
            }
            Contender::Rival { ask, answer, .. } => {
                writeln!(ask, "run").expect("Python listens");
                let mut line = String::new();
                answer.read_line(&mut line).expect("Python answers");
                line.trim().parse().expect("seconds")
            }
        }
    }

    fn end(self) {
        if let Contender::Rival { mut child, ask, .. } = self {
            drop(ask);
            child.wait().expect("Python ends");
        }
    }
}

fn floats(path: &Path) -> Vec<f32> {
    fs::read(path).expect("an output").as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}

/// Decibels, and the greatest difference of 255, of what can be seen.
fn difference(made: &[f32], expected: &[f32]) -> (f64, f32) {
    let differences = made.iter().zip(expected).map(|(a, b)| (a.clamp(0.0, 1.0) - b.clamp(0.0, 1.0)).abs());
    let squares: f64 = differences.clone().map(|difference| f64::from(difference).powi(2)).sum();
    (-10.0 * (squares / expected.len() as f64).log10(), 255.0 * differences.fold(0.0, f32::max))
}
