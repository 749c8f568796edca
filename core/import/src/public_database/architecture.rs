//! The database's names of architectures, and ours.
//!
//! The database's label is only a hint before a download: some labels are wrong. What a file is, its tensors say.

use enlarger_networks::architectures;

/// Names of the database whose architecture we call otherwise. Upper case, dashes and spaces do not count.
const OTHERWISE: [(&str, &str); 7] = [
    ("esrgan+", "esrgan"),
    ("esrgan2c2", "esrgan"),
    ("esrganplus", "esrgan"),
    ("realesrgan", "esrgan"),
    ("srvgg", "compact"),
    ("realplksrdysample", "realplksr"),
    ("realcugan", "cugan"),
];

/// Whether checkpoints of an architecture with this name in the database can be imported.
pub(super) fn is_ours(name: &str) -> bool {
    let wanted = plain(name);
    let other = OTHERWISE.iter().find(|(theirs, _)| *theirs == wanted).map(|(_, ours)| *ours);
    architectures::names().map(plain).any(|ours| ours == wanted || Some(ours.as_str()) == other)
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
        for name in ["realplksr", "realplksr dysample", "PLKSR", "cugan", "real-cugan", "SwinIR", "SRFormer", "ESRGAN+"]
        {
            assert!(is_ours(name), "{name}");
        }
    }

    /// A row without effect would be one that nobody can test.
    #[test]
    fn each_other_name_is_needed() {
        for (theirs, ours) in OTHERWISE {
            let known = |name: &str| architectures::names().any(|own| plain(own) == name);
            assert!(known(ours) && !known(theirs), "{theirs} is {ours}");
        }
    }
}
