//! An engine whose networks are a few lines of Rust, and which fails on command.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use enlarger::{
    Cancel, Device, Engine, Error, ErrorKind, Model, Precision, Result, RowStream, Session, SessionOptions, Tensor,
    TensorMut, Usage,
};

/// The kind of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    Nan,
    Black,
    Garbage,
    Shifted,
    Error,
    Panic,
    /// Runs until it is cancelled, even if the session says that it cannot be interrupted.
    Hang,
}

/// The engine. Its network takes the mean over a square of `2 * radius + 1` pixels (of zeros outside the tensor, as a
/// convolution does) and repeats each pixel `scale` times each way. Radius 0 is nearest neighbour.
#[derive(Clone)]
pub struct Toy {
    pub radius: usize,
    pub usage: Usage,
    pub fault: Fault,
    /// The number of runs that fail before one succeeds.
    pub faults: usize,
    /// Whether only sessions that are not exact fail.
    pub only_fast: bool,
    /// Whether sessions offer a row stream. Streams fail too.
    pub streams: bool,
    /// The number of runs of all sessions so far.
    pub runs: Arc<AtomicUsize>,
    /// The number of rows pushed into streams so far.
    pub rows: Arc<AtomicUsize>,
    /// The devices; sessions use the first by default.
    pub devices: Vec<Device>,
    /// How long it takes to open a session in full precision, and whether the first device fails to.
    pub opening: Duration,
    pub lost: bool,
    /// The device and precision of each session that was opened.
    pub opened: Arc<Mutex<Vec<(String, Precision)>>>,
}

impl Default for Toy {
    fn default() -> Self {
        Toy {
            radius: 0,
            usage: Usage::default(),
            fault: Fault::None,
            faults: usize::MAX,
            only_fast: false,
            streams: false,
            runs: Arc::default(),
            rows: Arc::default(),
            devices: vec![device("cpu")],
            opening: Duration::ZERO,
            lost: false,
            opened: Arc::default(),
        }
    }
}

pub fn device(id: &str) -> Device {
    Device { id: id.into(), name: format!("the toy {id}") }
}

/// A manifest for a toy network.
pub fn toy_manifest(scale: u32, halo: u32) -> String {
    // The SHA-256 of "toy".
    let sha256 = "0f53133ce57ca8e8937bb4b1c15a33ef9594704e1c11abd58e598bb8362f7385";
    format!(
        r#"schema = 1
id = "toy"
name = "Toy"
version = "1"
task = "upscale"
mode = "faithful"
architecture = "toy"
scale = {scale}
[input]
name = "in"
layout = "nchw"
order = "rgb"
range = [0.0, 1.0]
dtype = "f32"
minimum = 1
multiple = 1
[output]
name = "out"
[tiling]
support = "exact"
halo = {halo}
overlap = 0
[cost]
bytes_per_pixel = 64
[file]
name = "model.onnx"
size = 3
sha256 = "{sha256}"
[licence]
weights = "MIT"
commercial = true
attribution = "nobody"
"#
    )
}

/// A model for the toy engine, which ignores the bytes of the network.
pub fn toy_model(scale: u32, halo: u32) -> Model {
    Model::from_bytes(&toy_manifest(scale, halo), b"toy".as_slice()).expect("the toy's manifest")
}

impl Engine for Toy {
    fn id(&self) -> &str {
        "toy"
    }

    fn version(&self) -> String {
        "1".into()
    }

    fn devices(&self) -> Vec<Device> {
        self.devices.clone()
    }

    fn open(&self, model: &Model, options: &SessionOptions) -> Result<Arc<dyn Session>> {
        let id = options.device.clone().unwrap_or_else(|| self.devices[0].id.clone());
        self.opened.lock().unwrap().push((id.clone(), options.precision));
        if options.precision == Precision::Exact {
            thread::sleep(self.opening);
            if self.lost && id == self.devices[0].id {
                return Err(Error::new(ErrorKind::Device, "the toy is lost; look under the sofa"));
            }
        }
        Ok(Arc::new(ToySession {
            toy: self.clone(),
            scale: model.manifest().scale as usize,
            exact: options.precision == Precision::Exact || id == "cpu",
            device: device(&id),
        }))
    }
}

struct ToySession {
    toy: Toy,
    scale: usize,
    exact: bool,
    device: Device,
}

impl ToySession {
    fn fault(&self) -> Fault {
        let run = self.toy.runs.fetch_add(1, Ordering::SeqCst);
        let wrong = run < self.toy.faults && !(self.toy.only_fast && self.exact);
        if wrong { self.toy.fault } else { Fault::None }
    }
}

impl Session for ToySession {
    fn device(&self) -> &Device {
        &self.device
    }

    fn is_exact(&self) -> bool {
        self.exact
    }

    fn usage(&self) -> Usage {
        self.toy.usage
    }

    fn run(&self, inputs: &[Tensor<'_>], output: TensorMut<'_>, cancel: &Cancel) -> Result<()> {
        let [_, channels, height, width] = inputs[0].shape;
        assert_eq!(inputs[0].data.len(), channels * height * width);
        assert_eq!(output.shape, [1, channels, height * self.scale, width * self.scale]);
        let rows = |c: usize, y: usize| &inputs[0].data[(c * height + y) * width..][..width];
        let out_width = width * self.scale;
        for (i, out) in output.data.chunks_exact_mut(out_width).enumerate() {
            let (c, y) = (i / (height * self.scale), i % (height * self.scale) / self.scale);
            let (top, bottom) = (y.saturating_sub(self.toy.radius), (y + self.toy.radius + 1).min(height));
            average(&(top..bottom).map(|y| rows(c, y)).collect::<Vec<_>>(), self.toy.radius, self.scale, out);
        }
        match self.fault() {
            Fault::None => {}
            Fault::Nan => output.data[output.data.len() / 2] = f32::NAN,
            Fault::Black => output.data.fill(0.0),
            Fault::Garbage => output.data.iter_mut().enumerate().for_each(|(i, v)| *v = (i % 7) as f32 - 3.0),
            Fault::Shifted => output.data.iter_mut().for_each(|v| *v += 0.2),
            Fault::Error => return Err(Error::new(ErrorKind::Device, "the toy is broken; wind it up")),
            Fault::Panic => panic!("the toy fell off the table"),
            Fault::Hang => {
                while !cancel.is_cancelled() {
                    thread::sleep(Duration::from_millis(1));
                }
                if !self.toy.usage.interruptible {
                    thread::sleep(Duration::from_secs(3));
                }
                return Err(Error::cancelled());
            }
        }
        Ok(())
    }

    fn stream_memory(&self, width: usize) -> Option<u64> {
        self.toy.streams.then_some((12 * width * (2 * self.toy.radius + 1 + self.scale * self.scale)) as u64)
    }

    fn stream(&self, width: usize) -> Result<Option<Box<dyn RowStream>>> {
        Ok(self.toy.streams.then(|| {
            let fault = self.fault();
            assert!(fault != Fault::Panic, "the toy fell off the table");
            Box::new(ToyStream {
                radius: self.toy.radius,
                scale: self.scale,
                width,
                fault,
                pushed: self.toy.rows.clone(),
                rows: VecDeque::new(),
                first: 0,
                next: 0,
                ready: VecDeque::new(),
            }) as Box<dyn RowStream>
        }))
    }
}

/// The mean over rows and columns around each pixel, each repeated `scale` times.
fn average(rows: &[&[f32]], radius: usize, scale: usize, out: &mut [f32]) {
    let width = rows[0].len();
    let area = ((2 * radius + 1) * (2 * radius + 1)) as f32;
    let sums: Vec<f32> = (0..width).map(|x| rows.iter().map(|row| row[x]).sum()).collect();
    for (x, out) in out.chunks_exact_mut(scale).enumerate() {
        let near = &sums[x.saturating_sub(radius)..(x + radius + 1).min(width)];
        out.fill(near.iter().sum::<f32>() / area);
    }
}

struct ToyStream {
    radius: usize,
    scale: usize,
    width: usize,
    fault: Fault,
    pushed: Arc<AtomicUsize>,
    rows: VecDeque<Vec<f32>>,
    first: usize,
    next: usize,
    ready: VecDeque<Vec<f32>>,
}

impl ToyStream {
    fn make(&mut self, end: bool) {
        let radius = self.radius;
        while self.next < self.first + self.rows.len() && (end || self.next + radius < self.first + self.rows.len()) {
            let top = self.next.saturating_sub(radius).max(self.first);
            let bottom = (self.next + radius + 1).min(self.first + self.rows.len());
            let mut out = vec![0.0; 3 * self.width * self.scale];
            for (c, out) in out.chunks_exact_mut(self.width * self.scale).enumerate() {
                let rows: Vec<&[f32]> =
                    (top..bottom).map(|y| &self.rows[y - self.first][c * self.width..][..self.width]).collect();
                average(&rows, radius, self.scale, out);
            }
            if self.fault == Fault::Nan && self.next % 40 == 20 {
                out[5] = f32::NAN;
            }
            for _ in 0..self.scale {
                self.ready.push_back(out.clone());
            }
            self.next += 1;
            while self.first + radius < self.next {
                self.rows.pop_front();
                self.first += 1;
            }
        }
    }
}

impl RowStream for ToyStream {
    fn push(&mut self, row: &[f32], cancel: &Cancel) -> Result<()> {
        cancel.check()?;
        assert_eq!(row.len(), 3 * self.width);
        if self.fault == Fault::Error && self.pushed.load(Ordering::SeqCst) == 150 {
            return Err(Error::new(ErrorKind::Device, "the toy is broken; wind it up"));
        }
        self.pushed.fetch_add(1, Ordering::SeqCst);
        self.rows.push_back(row.to_vec());
        self.make(false);
        Ok(())
    }

    fn finish(&mut self, cancel: &Cancel) -> Result<()> {
        cancel.check()?;
        self.make(true);
        Ok(())
    }

    fn pull(&mut self, row: &mut [f32], cancel: &Cancel) -> Result<bool> {
        cancel.check()?;
        let Some(ready) = self.ready.pop_front() else { return Ok(false) };
        row.copy_from_slice(&ready);
        Ok(true)
    }
}
