//! The engine that the unit tests of tiles use. Its network repeats each pixel `scale` times each way.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use crate::engine::engine::{Device, Engine, Precision, RowStream, Session, SessionOptions, Tensor, TensorMut, Usage};
use crate::error::Result;
use crate::models::model::Model;
use crate::run::cancel::Cancel;

/// An engine whose first runs, or streamed rows, are NaN.
pub(crate) struct TestEngine {
    devices: Vec<Device>,
    /// Whether sessions are exact even if that is not asked for.
    pub(crate) exact: bool,
    /// Runs that are still to give NaN, and after that streamed rows, all sessions together.
    pub(crate) faults: Arc<AtomicUsize>,
    opened: Mutex<Vec<(String, Precision)>>,
}

impl TestEngine {
    /// An engine without faults on these devices; a device `id` is named `test id`.
    pub(crate) fn new(devices: &[&str]) -> Self {
        let device = |id: &&str| Device { id: (*id).to_owned(), name: format!("test {id}") };
        TestEngine {
            devices: devices.iter().map(device).collect(),
            exact: false,
            faults: Arc::default(),
            opened: Mutex::default(),
        }
    }

    /// The device and precision of each session that was opened.
    pub(crate) fn opened(&self) -> Vec<(String, Precision)> {
        self.opened.lock().unwrap().clone()
    }
}

impl Engine for TestEngine {
    fn id(&self) -> &str {
        "test"
    }

    fn version(&self) -> String {
        "1".into()
    }

    fn devices(&self) -> Vec<Device> {
        self.devices.clone()
    }

    fn open(&self, model: &Model, options: &SessionOptions) -> Result<Arc<dyn Session>> {
        let id = options.device.as_ref().unwrap_or(&self.devices[0].id);
        let device = self.devices.iter().find(|device| device.id == *id).unwrap().clone();
        self.opened.lock().unwrap().push((device.id.clone(), options.precision));
        Ok(Arc::new(TestSession {
            device,
            exact: self.exact || options.precision == Precision::Exact,
            scale: model.manifest().scale as usize,
            faults: self.faults.clone(),
        }))
    }
}

struct TestSession {
    device: Device,
    exact: bool,
    scale: usize,
    faults: Arc<AtomicUsize>,
}

/// Uses up one fault, if there is one left.
fn is_faulty(faults: &AtomicUsize) -> bool {
    faults.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
}

impl Session for TestSession {
    fn device(&self) -> &Device {
        &self.device
    }

    fn is_exact(&self) -> bool {
        self.exact
    }

    fn usage(&self) -> Usage {
        Usage { parallel: 2, ..Usage::default() }
    }

    fn run(&self, inputs: &[Tensor<'_>], output: TensorMut<'_>, cancel: &Cancel) -> Result<()> {
        cancel.check()?;
        let [_, _, _, width] = inputs[0].shape;
        let rows = inputs[0].data.chunks_exact(width).flat_map(|row| std::iter::repeat_n(row, self.scale));
        for (out, row) in output.data.chunks_exact_mut(width * self.scale).zip(rows) {
            out.chunks_exact_mut(self.scale).zip(row).for_each(|(out, v)| out.fill(*v));
        }
        if is_faulty(&self.faults) {
            output.data.fill(f32::NAN);
        }
        Ok(())
    }

    fn stream(&self, width: usize) -> Result<Option<Box<dyn RowStream>>> {
        let (scale, faults) = (self.scale, self.faults.clone());
        Ok(Some(Box::new(TestStream { width, scale, faults, rows: VecDeque::new() })))
    }
}

struct TestStream {
    width: usize,
    scale: usize,
    faults: Arc<AtomicUsize>,
    /// The finished rows that wait to be pulled.
    rows: VecDeque<Vec<f32>>,
}

impl RowStream for TestStream {
    fn push(&mut self, row: &[f32], cancel: &Cancel) -> Result<()> {
        cancel.check()?;
        assert_eq!(row.len(), 3 * self.width);
        let row: Vec<f32> = row.iter().flat_map(|v| std::iter::repeat_n(*v, self.scale)).collect();
        self.rows.extend(std::iter::repeat_n(row, self.scale));
        Ok(())
    }

    fn finish(&mut self, _: &Cancel) -> Result<()> {
        Ok(())
    }

    fn pull(&mut self, row: &mut [f32], _: &Cancel) -> Result<bool> {
        let Some(next) = self.rows.pop_front() else { return Ok(false) };
        row.copy_from_slice(&next);
        if is_faulty(&self.faults) {
            row.fill(f32::NAN);
        }
        Ok(true)
    }
}

/// A model for the test engine, which never reads the network.
pub(crate) fn test_model(scale: u32, halo: u32) -> Model {
    let manifest = include_str!("../../../models/realesr-general-x4v3/manifest.toml")
        .replace("scale = 4", &format!("scale = {scale}"))
        .replace("halo = 34", &format!("halo = {halo}"));
    Model::from_bytes(&manifest, b"test".as_slice()).unwrap()
}
