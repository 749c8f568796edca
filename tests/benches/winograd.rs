//! How fast the winograd engine runs a single tile, beside other engines; how long opening takes; how much memory it needs.
//!
//!     winograd tiles [ROUNDS] [NETWORK]...     beside other engines; NETWORK is a name in `tests/src/networks.rs`
//!     winograd alone SECONDS [NETWORK]...      this engine only, for this long each: to compare two builds in turns
//!     winograd open [ROUNDS]                   opening models, for the first time and again
//!     winograd memory PRECISION THREADS        peak memory of a tile of the best size (one process for each measurement)
//!
//! `scripts/bench winograd` calls it. Engines take turns in each round; the smallest and the median time are reported. Speed
//! must never be reported without the distance from exact arithmetic.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use enlarger::{Cache, Cancel, Engine, Model, Precision, Session, SessionOptions, Tensor, TensorMut};
use enlarger_engine_winograd::Winograd;
use enlarger_tests::clock::cpu_seconds;
use enlarger_tests::networks::{file_of, networks};
use enlarger_tests::{Picture, default_model};

const SIDES: [usize; 2] = [132, 252];
const THREADS: [usize; 2] = [1, 2];
/// OpenVINO multiplies bfloat16 on x86 only.
const RIVALS: &[&str] = if cfg!(target_arch = "x86_64") {
    &["onnxruntime", "openvino-f32", "openvino-bf16", "ncnn"]
} else {
    &["onnxruntime", "openvino-f32", "ncnn"]
};

const OWN: [(&str, Precision); 2] = [("winograd exact", Precision::Exact), ("winograd auto", Precision::Auto)];

/// The networks that are measured unless the command line names some.
const NETWORKS: [&str; 6] = ["realesr-general-x4v3", "compact-16", "rrdb-6", "rrdb-23", "span", "rrdb-unshuffled"];

/// The runs of an engine in each of its turns. In a real picture one tile follows another, and only the first run of a turn
/// finds caches that another engine has filled.
const RUNS: usize = 3;
/// A turn ends once it has taken this long.
const LONG: Duration = Duration::from_secs(1);

/// No further round begins after this time, if there have been three.
const PATIENCE: Duration = Duration::from_secs(50);

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|a| a != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["tiles", options @ ..] => tiles(options),
        ["alone", seconds, named @ ..] => alone(seconds.parse().expect("SECONDS must be a number"), named),
        ["open"] => open(20),
        ["open", rounds] => open(rounds.parse().expect("ROUNDS must be a number")),
        ["memory", precision, threads] => memory(precision, threads.parse().expect("THREADS must be a number")),
        _ => eprintln!(
            "winograd tiles [ROUNDS] [NETWORK]... | alone SECONDS [NETWORK]... | open [ROUNDS] | memory PRECISION THREADS; see scripts/bench"
        ),
    }
}

/// `options` are the number of rounds, which may be left out, and the names of networks.
fn tiles(options: &[&str]) {
    let (rounds, named) = match options.split_first().map(|(first, rest)| (first.parse(), rest)) {
        Some((Ok(rounds), named)) => (rounds, named),
        _ => (15, options),
    };
    for model in &chosen(named) {
        for side in SIDES {
            let [one, two] = THREADS.map(|threads| compare(model, side, threads, rounds));
            let [exact, auto] = [one[0] / two[0], one[1] / two[1]];
            println!("{} {side}x{side}, two threads over one: exact {exact:.2}, auto {auto:.2}", model.id());
        }
    }
}

/// The networks that are named, or all of [`NETWORKS`].
fn chosen(named: &[&str]) -> Vec<Model> {
    let models = networks();
    for name in named {
        assert!(
            models.iter().any(|model| model.id() == *name),
            "there is no network {name}; see tests/src/networks.rs"
        );
    }
    let wanted =
        |model: &Model| if named.is_empty() { NETWORKS.contains(&model.id()) } else { named.contains(&model.id()) };
    models.into_iter().filter(wanted).collect()
}

fn alone(seconds: f64, named: &[&str]) {
    for model in &chosen(named) {
        for (side, threads) in SIDES.into_iter().flat_map(|side| THREADS.map(|threads| (side, threads))) {
            let pixels = photo(side);
            let mut outputs = Vec::new();
            for (name, precision) in OWN {
                let mut contender = Contender::Ours(session(model, precision, threads, Cache::of_user()));
                let mut output = vec![0.0; pixels.len() * (model.manifest().scale as usize).pow(2)];
                let (start, mut times) = (Instant::now(), Vec::new());
                while times.len() < 3 || start.elapsed().as_secs_f64() < seconds {
                    times.push(contender.run(model, &pixels, side, &mut output));
                }
                outputs.push(output);
                let [wall, median] = summary(times.iter().map(|time| time.wall).collect());
                let [cpu, _] = summary(times.iter().map(|time| time.cpu).collect());
                let (decibels, greatest) = difference(&outputs[outputs.len() - 1], &outputs[0]);
                println!(
                    "{} {side}, {threads}, {name}: wall {wall:.2}, median {median:.2}, CPU {cpu:.2} ms; {decibels:.1} dB, {greatest:.2}",
                    model.id()
                );
            }
        }
    }
}

/// Wall time and CPU time in seconds.
#[derive(Clone, Copy)]
struct Time {
    wall: f64,
    cpu: f64,
}

/// The time that `work` takes.
fn time_of(work: impl FnOnce()) -> Time {
    let (cpu, wall) = (cpu_seconds(), Instant::now());
    work();
    Time { wall: wall.elapsed().as_secs_f64(), cpu: cpu_seconds() - cpu }
}

/// The smallest and the median value, in milliseconds.
fn summary(mut values: Vec<f64>) -> [f64; 2] {
    values.sort_by(f64::total_cmp);
    [values[0], values[values.len() / 2]].map(|seconds| 1e3 * seconds)
}

fn load() -> String {
    fs::read_to_string("/proc/loadavg").ok().and_then(|text| Some(text.get(..4)?.to_owned())).unwrap_or_default()
}

fn session(model: &Model, precision: Precision, threads: usize, cache: Cache) -> Arc<dyn Session> {
    let mut options = SessionOptions::default();
    (options.precision, options.threads) = (precision, Some(threads));
    Winograd::with_cache(cache).open(model, &options).expect("a session")
}

fn open(rounds: usize) {
    let folder = env::temp_dir().join(format!("enlarger-open-{}", std::process::id()));
    let again = Cache::at(&folder);
    println!("opening, 2 threads, {rounds} rounds, load {}; wall time, its median, CPU time", load());
    for model in networks().iter().filter(|model| NETWORKS.contains(&model.id())) {
        session(model, Precision::Auto, 2, again.clone());
        for (name, precision, cache, rounds) in [
            ("exact", Precision::Exact, Cache::none(), rounds),
            ("auto", Precision::Auto, again.clone(), rounds),
            ("auto, the first time", Precision::Auto, Cache::none(), rounds.min(3)),
        ] {
            let open = || time_of(|| drop(session(model, precision, 2, cache.clone())));
            let times: Vec<Time> = (0..rounds).map(|_| open()).collect();
            let [least, median] = summary(times.iter().map(|time| time.wall).collect());
            let [cpu, _] = summary(times.iter().map(|time| time.cpu).collect());
            println!("| {} | {name} | {least:.1} ms | {median:.1} ms | {cpu:.1} ms |", model.id());
        }
    }
    fs::remove_dir_all(folder).expect("the cache folder");
}

/// The peak memory of a tile, as the system counts it, beyond the open session, its input and its output.
fn memory(precision: &str, threads: usize) {
    let asked = match precision {
        "exact" => Precision::Exact,
        "auto" => Precision::Auto,
        _ => panic!("{precision} is not a precision; choose exact or auto"),
    };
    let model = default_model();
    let before = resident("VmRSS");
    let session = session(&model, asked, threads, Cache::none());
    let side = session.usage().tile as usize;
    let pixels = photo(side);
    // Written to, so that the pages are resident before the run.
    let mut output = vec![1.0; 16 * pixels.len()];
    let opened = resident("VmRSS");
    fs::write("/proc/self/clear_refs", "5").expect("Linux");
    Contender::Ours(session).run(&model, &pixels, side, &mut output);
    let peak = resident("VmHWM");
    println!(
        "memory, {precision}, {threads} threads, a tile of {side}x{side}: {:.1} MiB a thread; weights and pictures {:.1} MiB",
        (peak - opened) / threads as f64,
        opened - before,
    );
}

/// A memory figure of this process in MiB.
fn resident(what: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(':')).expect("a line");
    line.trim().trim_end_matches(" kB").parse::<f64>().expect("a number") / 1024.0
}

/// An engine that can run a network on the picture: this one, or one in a Python process.
enum Contender {
    Ours(Arc<dyn Session>),
    Rival { child: Child, ask: ChildStdin, answer: BufReader<ChildStdout> },
}

/// Runs all engines on a tile; returns the smallest wall times of this engine's two precisions.
fn compare(model: &Model, side: usize, threads: usize, rounds: usize) -> [f64; 2] {
    let pixels = photo(side);
    let folder = env::temp_dir().join(format!("enlarger-winograd-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let source = folder.join("input.f32");
    fs::write(&source, pixels.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>()).expect("an input");

    let mut contenders = Vec::new();
    for (name, precision) in OWN {
        contenders.push((name, Contender::Ours(session(model, precision, threads, Cache::of_user()))));
    }
    for &name in RIVALS {
        contenders.push((name, rival(name, &file_of(model), side, threads, &source, &folder.join(name))));
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
    let (start, mut done) = (Instant::now(), 0);
    while done < rounds && (done < 3 || start.elapsed() < PATIENCE) {
        for ((_, contender), times) in contenders.iter_mut().zip(&mut times) {
            let turn = Instant::now();
            for _ in 0..RUNS {
                times.push(contender.run(model, &pixels, side, &mut output));
                if turn.elapsed() > LONG {
                    break;
                }
            }
        }
        done += 1;
    }
    println!(
        "{} {side}x{side}, {threads} threads, {done} rounds of up to {RUNS} runs, load {}; wall time, its median, CPU time, speed relative to onnxruntime",
        model.id(),
        load()
    );
    let least = |i: usize| {
        let times: &[Time] = &times[i];
        let [wall, median] = summary(times.iter().map(|time| time.wall).collect());
        let [cpu, _] = summary(times.iter().map(|time| time.cpu).collect());
        (wall, median, cpu)
    };
    let reference = contenders.iter().position(|(name, _)| *name == RIVALS[0]).expect("the first rival");
    for (i, (name, _)) in contenders.iter().enumerate() {
        let ((wall, median, cpu), (first_wall, _, first_cpu)) = (least(i), least(reference));
        let (decibels, greatest) = difference(&outputs[i], &outputs[reference]);
        println!(
            "| {name} | {wall:.1} ms | {median:.1} ms | {cpu:.1} ms | {:.2} {:.2} | {decibels:.0} dB | {greatest:.2} |",
            first_wall / wall,
            first_cpu / cpu,
        );
    }
    for (_, contender) in contenders {
        contender.end();
    }
    fs::remove_dir_all(folder).expect("a folder to remove");
    [0, 1].map(|ours| summary(times[ours].iter().map(|time| time.wall).collect())[0])
}

/// The planes of a photo.
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
    let python = env::var("ENLARGER_BENCH_RIVALS")
        .expect("ENLARGER_BENCH_RIVALS must name a Python with the other engines; run scripts/bench");
    let mut child = Command::new(python)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/winograd.py"))
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
    /// Runs the network once and returns the time it took.
    fn run(&mut self, model: &Model, pixels: &[f32], side: usize, output: &mut [f32]) -> Time {
        match self {
            Contender::Ours(session) => {
                let (manifest, scale) = (model.manifest(), model.manifest().scale as usize);
                let inputs = [Tensor { name: &manifest.input.name, shape: [1, 3, side, side], data: pixels }];
                let shape = [1, 3, side * scale, side * scale];
                let to = TensorMut { name: &manifest.output.name, shape, data: output };
                time_of(|| session.run(&inputs, to, &Cancel::new()).expect("a run"))
            }
            Contender::Rival { ask, answer, .. } => {
                writeln!(ask, "run").expect("Python listens");
                let mut line = String::new();
                answer.read_line(&mut line).expect("Python answers");
                let mut seconds = line.split_whitespace().map(|word| word.parse().expect("seconds"));
                let mut next = || seconds.next().expect("two times");
                Time { wall: next(), cpu: next() }
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

/// The signal-to-noise ratio in dB and the greatest difference in 1/255, after clipping to black and white.
fn difference(actual: &[f32], expected: &[f32]) -> (f64, f32) {
    let differences = actual.iter().zip(expected).map(|(a, b)| (a.clamp(0.0, 1.0) - b.clamp(0.0, 1.0)).abs());
    let squares: f64 = differences.clone().map(|difference| f64::from(difference).powi(2)).sum();
    (-10.0 * (squares / expected.len() as f64).log10(), 255.0 * differences.fold(0.0, f32::max))
}
