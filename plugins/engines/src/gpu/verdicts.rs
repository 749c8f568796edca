//! What trials on GPUs have shown, kept in the user's cache of measurements.
//!
//! An entry holds for one version of the engine library and one driver: both are part of its key, the driver through the device's
//! name. What a crash or a hang has shown holds for all networks. An entry that was lost costs another trial and nothing else.

use enlarger::{Cache, Device, Manifest, Precision};

use super::measurement::GpuMeasurement;

/// Raise this whenever the sample pictures or their bounds change.
const EDITION: u32 = 1;

/// What a trial has shown.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    /// The network can be used.
    Passed(GpuMeasurement),
    /// It cannot, for this reason.
    Failed(String),
}

/// The verdicts on one version of the engine library.
pub(super) struct Verdicts<'a> {
    pub(super) cache: &'a Cache,
    /// The version of the engine library.
    pub(super) version: &'a str,
}

impl Verdicts<'_> {
    /// Why a device is not to be opened at all, if there is a reason.
    pub(super) fn fault(&self, device: &Device) -> Option<String> {
        self.cache.read(&self.key(device, "all networks"))
    }

    /// Keeps the reason why a device is not to be opened at all.
    pub(super) fn set_fault(&self, device: &Device, reason: &str) {
        self.cache.write(&self.key(device, "all networks"), &one_line(reason));
    }

    /// The verdict on a network in a precision.
    pub(super) fn of(&self, device: &Device, network: &Manifest, precision: Precision) -> Option<Verdict> {
        let note = self.cache.read(&self.key(device, &named(network, precision)))?;
        match note.split_once(' ')? {
            ("passed", measured) => Some(Verdict::Passed(GpuMeasurement::read(measured)?)),
            ("failed", reason) => Some(Verdict::Failed(reason.to_owned())),
            _ => None,
        }
    }

    /// Keeps the verdict on a network in a precision.
    pub(super) fn set(&self, device: &Device, network: &Manifest, precision: Precision, verdict: &Verdict) {
        let note = match verdict {
            Verdict::Passed(measured) => format!("passed {}", measured.text()),
            Verdict::Failed(reason) => format!("failed {}", one_line(reason)),
        };
        self.cache.write(&self.key(device, &named(network, precision)), &note);
    }

    fn key(&self, device: &Device, what: &str) -> String {
        one_line(&format!("gpu {} edition {EDITION}, {} {}, {what}", self.version, device.id, device.name))
    }
}

/// What names a network in a precision: the SHA-256 of its file.
fn named(network: &Manifest, precision: Precision) -> String {
    format!("{} in {precision:?}", network.file.sha256)
}

/// Entries of the cache are lines.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use enlarger::{DEFAULT_MODEL, Difference, Registry};

    #[test]
    fn verdicts_hold_for_one_network_one_driver_and_one_version() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path());
        let device = |driver: &str| Device { id: "gpu:0".to_owned(), name: format!("a card (driver {driver})") };
        let verdicts = |version| Verdicts { cache: &cache, version };
        let network = Registry::search(&[]).find(DEFAULT_MODEL).unwrap().manifest().clone();
        let mut other = network.clone();
        other.file.sha256 = "0".repeat(64);
        let measured = GpuMeasurement { difference: Difference { decibels: 75.0, greatest: 0.01 }, seconds: 0.5 };
        for verdict in [Verdict::Passed(measured), Verdict::Failed("it is wrong,\nby far".to_owned())] {
            verdicts("1").set(&device("1"), &network, Precision::Auto, &verdict);
            match (verdicts("1").of(&device("1"), &network, Precision::Auto).unwrap(), &verdict) {
                (Verdict::Failed(reason), Verdict::Failed(_)) => assert_eq!(reason, "it is wrong, by far"),
                (kept, _) => assert_eq!(kept, verdict),
            }
        }
        assert_eq!(verdicts("1").of(&device("1"), &other, Precision::Auto), None);
        assert_eq!(verdicts("1").of(&device("1"), &network, Precision::Fast), None);
        assert_eq!(verdicts("1").of(&device("2"), &network, Precision::Auto), None);
        assert_eq!(verdicts("2").of(&device("1"), &network, Precision::Auto), None);
        verdicts("1").set_fault(&device("1"), "it crashed");
        assert_eq!(verdicts("1").fault(&device("1")).as_deref(), Some("it crashed"));
        assert_eq!(verdicts("1").fault(&device("2")), None);
    }
}
