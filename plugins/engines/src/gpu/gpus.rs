//! The GPUs of this machine: finds them, tries networks on them, opens networks that have passed.
//!
//! A GPU that fails its trial is replaced by the next one, or by the CPU, and a note says so. A GPU that is named and absent is an
//! error. The outcome of a trial is kept; a network must never be opened without one.

use std::path::PathBuf;
use std::sync::Arc;

use enlarger::{Cache, Device, Engine, Error, ErrorKind, Model, Precision, Result, SessionOptions};
use once_cell::sync::OnceCell;

use super::device::{GPU, is_software, select};
use super::engine::{GpuEngine, open_on_cpu};
use super::library;
use super::list::GpuList;
use super::measurement::GpuMeasurement;
use super::process::GpuProcess;
use super::report::{FoundGpu, GpuReport};
use super::trial::GpuTrial;
use super::verdicts::{Verdict, Verdicts};
use crate::engines::Candidate;
use crate::selection::{self, Selected};

/// The GPUs.
pub(crate) struct Gpus {
    process: Box<dyn GpuProcess>,
    cache: Cache,
    /// The engine library and its devices, once they were found.
    found: OnceCell<(PathBuf, GpuList)>,
}

/// What opens something on an engine.
pub(crate) type Open<'a, T> = &'a mut dyn FnMut(&Arc<dyn Engine>, &SessionOptions) -> Result<T>;

impl Gpus {
    /// The GPUs that `process` lists and tries.
    pub(crate) fn new(process: Box<dyn GpuProcess>) -> Self {
        Gpus { process, cache: Cache::of_user(), found: OnceCell::new() }
    }

    /// Opens something of a model on the GPU that the options name, otherwise on the first that works; if none works, on the first
    /// engine of `cpu` that can run it. Returns it with notes on what was not used.
    ///
    /// # Errors
    /// `EngineNotFound` or `EngineVersion` if there is no engine library; `Device` if there is no GPU, or none of this name; otherwise
    /// those of `open`.
    pub(crate) fn open<T>(
        &self,
        model: &Model,
        options: &SessionOptions,
        cpu: &[Arc<dyn Engine>],
        open: Open<'_, T>,
    ) -> Result<(Selected<T>, Vec<String>)> {
        let named = options.device.as_deref().unwrap_or(GPU);
        let mut reasons = Vec::new();
        for device in self.devices(named, &mut reasons)? {
            match self.open_on(&device, model, options, cpu, open) {
                Ok(selected) => return Ok((selected, reasons)),
                Err(error) => reasons.push(format!(
                    "the GPU {} is not used for the model {}: {}",
                    device.name,
                    model.id(),
                    error.message()
                )),
            }
        }
        if let Some(reason) = reasons.last_mut() {
            *reason += "; the CPU is used instead";
        }
        let mut options = options.clone();
        options.device = None;
        let of = |engine: &Arc<dyn Engine>| Candidate { id: engine.id().to_owned(), engine: Ok(engine.clone()) };
        let candidates: Vec<Candidate> = cpu.iter().map(of).collect();
        let (opened, engine, _) = selection::fastest(candidates.iter(), |engine| open(engine, &options))?;
        let because = if named == "cpu" { "as requested" } else { "because no GPU is used" };
        let reason = format!("{} {}, {because}", engine.id(), engine.version());
        Ok(((opened, engine, reason), reasons))
    }

    /// The GPUs of this machine, with what is known of these models on them.
    ///
    /// # Errors
    /// As [`Gpus::open`]; `Limit` if the drivers crash or do not answer.
    pub(crate) fn report(&self, models: &[Model]) -> Result<GpuReport> {
        let (library, list) = self.found()?;
        let verdicts = Verdicts { cache: &self.cache, version: &list.version };
        let on = |device: &Device, model: &Model| {
            Some(match verdicts.of(device, model.manifest(), Precision::Auto)? {
                Verdict::Passed(measured) => format!("{} has passed: {measured}", model.id()),
                Verdict::Failed(reason) => format!("{} is not run on it: {reason}", model.id()),
            })
        };
        let found = |device: &Device| FoundGpu {
            device: device.clone(),
            is_software: is_software(device),
            verdicts: match verdicts.fault(device) {
                Some(fault) => vec![format!("it is not used: {fault}")],
                None => models.iter().filter_map(|model| on(device, model)).collect(),
            },
        };
        let gpus = list.devices.iter().map(found).collect();
        Ok(GpuReport { library: library.clone(), version: list.version.clone(), gpus })
    }

    fn found(&self) -> Result<&(PathBuf, GpuList)> {
        self.found.get_or_try_init(|| {
            let library = library::find()?;
            let list = self.process.list(&library)?;
            Ok((library, list))
        })
    }

    /// The devices to try. None if the drivers crash when they are asked, which is added to `reasons`.
    fn devices(&self, named: &str, reasons: &mut Vec<String>) -> Result<Vec<Device>> {
        if named == "cpu" {
            return Ok(Vec::new());
        }
        match self.found() {
            Ok((_, list)) => select(named, &list.devices),
            Err(error) if error.kind() == ErrorKind::Limit => {
                reasons.push(format!("the GPUs of this machine cannot be listed: {}", error.message()));
                Ok(Vec::new())
            }
            Err(error) => Err(error),
        }
    }

    fn open_on<T>(
        &self,
        device: &Device,
        model: &Model,
        options: &SessionOptions,
        cpu: &[Arc<dyn Engine>],
        open: Open<'_, T>,
    ) -> Result<Selected<T>> {
        let (library, list) = self.found()?;
        let measured = self.check(device, model, options, cpu)?;
        let library = enlarger_engine_api::open(library)?;
        let engine: Arc<dyn Engine> = Arc::new(GpuEngine { library, devices: list.devices.clone(), cpu: cpu.to_vec() });
        let mut options = options.clone();
        options.device = Some(device.id.clone());
        let opened = open(&engine, &options)?;
        let reason = format!("{GPU} {} on {}, as requested; its check: {measured}", engine.version(), device.name);
        Ok((opened, engine, reason))
    }

    /// Whether a network may be used on a device: what an earlier trial has shown, or a new one.
    fn check(
        &self,
        device: &Device,
        model: &Model,
        options: &SessionOptions,
        cpu: &[Arc<dyn Engine>],
    ) -> Result<GpuMeasurement> {
        let (_, list) = self.found()?;
        let verdicts = Verdicts { cache: &self.cache, version: &list.version };
        if let Some(fault) = verdicts.fault(device) {
            return Err(Error::new(ErrorKind::Device, fault));
        }
        let (network, precision) = (model.manifest(), options.precision);
        let verdict = match verdicts.of(device, network, precision) {
            Some(verdict) => verdict,
            None => {
                let verdict = match self.try_out(device, model, options, cpu) {
                    Ok(verdict) => verdict,
                    // The next trial may go better: memory is free again, the process can be started.
                    Err(error) if matches!(error.kind(), ErrorKind::Memory | ErrorKind::Io) => return Err(error),
                    Err(error) if matches!(error.kind(), ErrorKind::Device | ErrorKind::Limit) => {
                        let fault = format!("{}; it is tried again once its driver has changed", error.message());
                        verdicts.set_fault(device, &fault);
                        return Err(Error::new(ErrorKind::Device, fault));
                    }
                    Err(error) => Verdict::Failed(error.message().to_owned()),
                };
                verdicts.set(device, network, precision, &verdict);
                verdict
            }
        };
        match verdict {
            Verdict::Passed(measured) => Ok(measured),
            Verdict::Failed(reason) => Err(Error::new(ErrorKind::Device, reason)),
        }
    }

    /// Runs the trial of a network on a device.
    fn try_out(
        &self,
        device: &Device,
        model: &Model,
        options: &SessionOptions,
        cpu: &[Arc<dyn Engine>],
    ) -> Result<Verdict> {
        let mut exact = SessionOptions::default();
        (exact.precision, exact.threads) = (Precision::Exact, options.threads);
        let session = open_on_cpu(cpu, model, &exact)?;
        let expected = GpuTrial::expected(model.manifest(), &*session)?;
        let (library, _) = self.found()?;
        let (manifest, network) = (model.manifest_text(), model.network()?);
        let (device, precision) = (&device.id, options.precision);
        let trial = GpuTrial { library, device, precision, manifest, network: &network, expected: &expected };
        let measured = self.process.try_out(&trial)?;
        Ok(match measured.difference.is_nearly_nothing() {
            true => Verdict::Passed(measured),
            false => Verdict::Failed(format!(
                "its results are wrong ({measured}); at least 67 dB and at most 3/255 are needed"
            )),
        })
    }
}
