//! For tests: an engine library for GPUs whose devices fail as environment variables say. What does not fail is right: the CPU
//! computes it, by RTen.
//!
//! | variable | meaning |
//! |---|---|
//! | `ENLARGER_FAULTY` | `wrong`, `nan`, `infinity`, `lost`, `memory`, `crash`, `hang`: what happens when a network runs; `no-devices`, `only-software`, `crash-list` |
//! | `ENLARGER_FAULTY_AFTER` | the number of runs in each process that are right |
//! | `ENLARGER_FAULTY_VERSION` | the version of the driver |
//! | `ENLARGER_FAULTY_LOG` | a file to which it writes what it is asked to do, a line each |

use std::fs::OpenOptions;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use std::{env, process, thread};

use enlarger::{
    Cancel, Device, Engine, Error, ErrorKind, Model, Result, Session, SessionOptions, Tensor, TensorMut, Usage,
};
use enlarger_engine_rten::Rten;

enlarger_engine_api::export_engine!(Faulty::loaded());

/// The number of runs in this process.
static RUNS: AtomicUsize = AtomicUsize::new(0);

fn variable(name: &str) -> String {
    env::var(format!("ENLARGER_FAULTY{name}")).unwrap_or_default()
}

fn log(what: &str) {
    let file = variable("_LOG");
    if !file.is_empty() {
        let mut file = OpenOptions::new().append(true).create(true).open(file).expect("the log");
        writeln!(file, "{what}").expect("the log");
    }
}

struct Faulty(Rten);

impl Faulty {
    fn loaded() -> Self {
        log("loaded");
        Faulty(Rten::new())
    }
}

impl Engine for Faulty {
    fn id(&self) -> &str {
        "gpu"
    }

    fn version(&self) -> String {
        "1".to_owned()
    }

    fn devices(&self) -> Vec<Device> {
        let driver = variable("_VERSION");
        let (card, software) =
            (format!("Faulty Card (driver {driver})"), format!("Faulty Rasteriser ({driver}, software)"));
        let names = match variable("").as_str() {
            "no-devices" => Vec::new(),
            "only-software" => vec![software],
            "crash-list" => process::abort(),
            _ => vec![card, software],
        };
        let device = |(i, name)| Device { id: format!("gpu:{i}"), name };
        names.into_iter().enumerate().map(device).collect()
    }

    fn open(&self, model: &Model, options: &SessionOptions) -> Result<Arc<dyn Session>> {
        let id = options.device.clone().unwrap_or_default();
        log(&format!("opened {id}"));
        let device = self.devices().into_iter().find(|device| device.id == id);
        let device = device.ok_or_else(|| Error::new(ErrorKind::Device, "there is no such card"))?;
        let mut options = options.clone();
        options.device = None;
        Ok(Arc::new(Opened { device, session: self.0.open(model, &options)? }))
    }
}

struct Opened {
    device: Device,
    session: Arc<dyn Session>,
}

impl Session for Opened {
    fn device(&self) -> &Device {
        &self.device
    }

    fn is_exact(&self) -> bool {
        self.session.is_exact()
    }

    /// Small tiles, so that a small picture has several.
    fn usage(&self) -> Usage {
        let mut usage = Usage::default();
        (usage.tile, usage.parallel) = (32, 2);
        usage
    }

    fn run(&self, inputs: &[Tensor<'_>], output: TensorMut<'_>, cancel: &Cancel) -> Result<()> {
        let TensorMut { name, shape, data } = output;
        self.session.run(inputs, TensorMut { name, shape, data: &mut *data }, cancel)?;
        let run = RUNS.fetch_add(1, Ordering::SeqCst);
        if run < variable("_AFTER").parse().unwrap_or(0) {
            return Ok(());
        }
        match variable("").as_str() {
            "wrong" => data.iter_mut().for_each(|value| *value = 0.5 * *value + 0.3),
            "nan" => data[0] = f32::NAN,
            "infinity" => data[0] = f32::INFINITY,
            "lost" => return Err(Error::new(ErrorKind::Device, "the card is lost; restart the computer")),
            "memory" => return Err(Error::new(ErrorKind::Memory, "the card has no memory left; close other programs")),
            "crash" => process::abort(),
            "hang" => thread::sleep(Duration::from_secs(600)),
            _ => {}
        }
        Ok(())
    }
}
