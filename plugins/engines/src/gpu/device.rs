//! Which GPU is meant: by its number, by its name, or the first real one.
//!
//! Software that imitates a GPU is slower than our own engine, so it must never be taken unless it is named.

use enlarger::{Device, Error, ErrorKind, Result, SessionOptions};

/// The engine's id, and the device that stands for the first GPU that works.
pub(super) const GPU: &str = "gpu";

/// What to do without a GPU.
const OR_CPU: &str = "or leave the device out to use the CPU";

/// Whether the caller names a GPU: as the engine, or as the device of no particular engine.
pub(crate) fn is_wanted(engine: Option<&str>, options: &SessionOptions) -> bool {
    match engine {
        Some(GPU) => true,
        None | Some("auto") => options.device.as_deref().is_some_and(|device| device.starts_with(GPU)),
        Some(_) => false,
    }
}

/// Whether a device is software that imitates a GPU. Engine libraries say so in its name.
pub(super) fn is_software(device: &Device) -> bool {
    device.name.to_lowercase().contains("software")
}

/// The devices to try in this order: for `gpu`, all that are not software; for `gpu:N` or `gpu:NAME`, the one with this number, or the
/// first one with this text in its name, in upper or lower case.
///
/// # Errors
/// `Device` if there is none.
pub(super) fn select(named: &str, devices: &[Device]) -> Result<Vec<Device>> {
    let missing = |message: String| Err(Error::new(ErrorKind::Device, message));
    if devices.is_empty() {
        return missing(format!(
            "no GPU was found; install the current driver of its vendor, which brings Vulkan (Debian's packages mesa-vulkan-drivers and libvulkan1 for AMD and Intel), {OR_CPU}"
        ));
    }
    if named == GPU {
        let real: Vec<Device> = devices.iter().filter(|device| !is_software(device)).cloned().collect();
        if real.is_empty() {
            return missing(format!(
                "no GPU was found, only software that imitates one: {}; install the current driver of the GPU's vendor, name one of these, {OR_CPU}",
                listed(devices)
            ));
        }
        return Ok(real);
    }
    let text = named.strip_prefix("gpu:").unwrap_or_default().to_lowercase();
    // No machine has a hundred GPUs, and their names have numbers of three digits or more.
    let is_number = text.len() <= 2 && text.chars().all(|character| character.is_ascii_digit());
    let has_name = |device: &&Device| !is_number && device.name.to_lowercase().contains(&text);
    match devices.iter().find(|device| device.id == named).or_else(|| devices.iter().find(has_name)) {
        Some(device) => Ok(vec![device.clone()]),
        None => missing(format!("there is no GPU '{named}'; name one of {}, {OR_CPU}", listed(devices))),
    }
}

fn listed(devices: &[Device]) -> String {
    devices.iter().map(|device| format!("{} ({})", device.id, device.name)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn devices() -> Vec<Device> {
        let names = ["Radeon RX 7600 (radv 25.0)", "Iris Xe (anv 25.0)", "llvmpipe (Mesa 25.0, software)"];
        let device = |(i, name): (usize, &str)| Device { id: format!("gpu:{i}"), name: name.to_owned() };
        names.into_iter().enumerate().map(device).collect()
    }

    fn ids(named: &str, devices: &[Device]) -> Result<Vec<String>> {
        Ok(select(named, devices)?.into_iter().map(|device| device.id).collect())
    }

    #[test]
    fn a_gpu_is_wanted_only_if_it_is_named() {
        let wanted = |engine: Option<&str>, device: Option<&str>| {
            let mut options = SessionOptions::default();
            options.device = device.map(str::to_owned);
            is_wanted(engine, &options)
        };
        for (engine, device) in [(None, "gpu"), (Some("auto"), "gpu:1"), (None, "gpu:iris"), (Some("gpu"), "cpu")] {
            assert!(wanted(engine, Some(device)), "{engine:?} {device}");
        }
        for (engine, device) in [(None, "cpu"), (None, "webgpu:0"), (Some("ort"), "gpu:0"), (None, "cuda:0")] {
            assert!(!wanted(engine, Some(device)), "{engine:?} {device}");
        }
        assert!(wanted(Some("gpu"), None) && !wanted(None, None) && !wanted(Some("winograd"), None));
    }

    #[test]
    fn gpus_are_found_by_number_and_name() {
        let devices = devices();
        for (named, expected) in [
            ("gpu", &["gpu:0", "gpu:1"][..]),
            ("gpu:1", &["gpu:1"]),
            ("gpu:iris", &["gpu:1"]),
            ("gpu:7600", &["gpu:0"]),
            ("gpu:2", &["gpu:2"]),
            ("gpu:LLVM", &["gpu:2"]),
        ] {
            assert_eq!(ids(named, &devices).unwrap(), expected, "{named}");
        }
        for named in ["gpu:7", "gpu:25", "gpu:nvidia", "gpu:", "gpux"] {
            let error = ids(named, &devices).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Device, "{named}");
            assert!(error.message().contains("gpu:1 (Iris Xe (anv 25.0))"), "{error}");
        }
    }

    #[test]
    fn software_is_no_gpu_unless_it_is_named() {
        let software = &devices()[2..];
        assert!(ids("gpu", software).unwrap_err().message().contains("only software"));
        assert_eq!(ids("gpu:2", software).unwrap(), ["gpu:2"]);
        assert!(ids("gpu", &[]).unwrap_err().message().contains("driver"));
    }
}
