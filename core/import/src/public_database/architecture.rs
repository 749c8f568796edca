//! The database's names of architectures, and ours.
//!
//! The database's label is only a hint before a download: some labels are wrong. What a file is, its tensors say.

use enlarger_networks::architectures;

/// Names of the database whose architecture we call otherwise. Upper case, dashes and spaces do not count.
const OTHERWISE: [(&str, &str); 9] = [
    ("esrgan+", "esrgan"),
    ("esrgan2c2", "esrgan"),
    ("esrganplus", "esrgan"),
    ("realesrgan", "esrgan"),
    ("srvgg", "compact"),
    ("realplksrdysample", "realplksr"),
    ("realcugan", "cugan"),
    ("cugan", "realcugan"),
    ("plksr", "realplksr"),
];

/// Whether checkpoints of an architecture with this name in the database can be imported.
pub(super) fn is_ours(name: &str) -> bool {
    is_among(name, architectures::names())
}

fn is_among<'a>(name: &str, ours: impl Iterator<Item = &'a str>) -> bool {
    let wanted = plain(name);
    let ours: Vec<String> = ours.map(plain).collect();
    let other = OTHERWISE.iter().filter(|(theirs, _)| *theirs == wanted).map(|(_, ours)| *ours);
    std::iter::once(wanted.as_str()).chain(other).any(|name| ours.iter().any(|ours| ours == name))
}

fn plain(name: &str) -> String {
    name.to_lowercase().chars().filter(|c| c.is_alphanumeric() || *c == '+').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_database_lead_to_ours() {
        for name in ["esrgan", "ESRGAN+", "compact", "span"] {
            assert!(is_ours(name), "{name}");
        }
        for name in ["sofvsr", "rife", "cain-yuv", "", "esrgan-3d"] {
            assert!(!is_ours(name), "{name}");
        }
        let ours = ["RealPLKSR", "Real-CUGAN", "SwinIR", "SRFormer"];
        for name in ["realplksr", "realplksr dysample", "cugan", "real-cugan", "swinir", "SRFormer"] {
            assert!(is_among(name, ours.into_iter()), "{name}");
        }
    }
}
