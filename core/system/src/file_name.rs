//! The names that Windows does not give to files.
//!
//! The rules are those of Microsoft's page "Naming Files, Paths, and Namespaces". Some versions of Windows accept more, others do not, or
//! write to a device or to another file instead. So a name must satisfy all of them before a program works for hours. Pure: nothing here
//! looks at a file or at the system that runs it.

/// The characters that separate names, mean something, or stand for others.
const FORBIDDEN: &[char] = &['<', '>', ':', '"', '/', '\\', '|', '?', '*'];

/// The names of devices. With any ending they are names of devices too.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul", "conin$", "conout$"];

/// The names of devices that a digit completes: 1 to 9, or one of the raised digits of Latin-1.
const NUMBERED: &[&str] = &["com", "lpt"];

/// Why Windows refuses a name, and a name that it accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedName {
    /// The end of a sentence that begins with the name, such as "is the name of a device".
    pub reason: String,
    /// A similar name that would do.
    pub better: String,
}

/// Whether Windows gives this name to a file or a folder. `name` is one name, not a path.
///
/// # Errors
/// The reason, and a better name.
pub fn windows_file_name(name: &str) -> Result<(), RefusedName> {
    let reason = if let Some(character) = name.chars().find(|c| FORBIDDEN.contains(c)) {
        format!("contains the character {character}, which no name may contain on Windows")
    } else if name.chars().any(is_control) {
        "contains a control character, which no name may contain on Windows".to_owned()
    } else if name.ends_with(['.', ' ']) {
        "ends with a point or a space, which Windows drops".to_owned()
    } else if is_device(name) {
        "is the name of a device on Windows".to_owned()
    } else if name.is_empty() {
        "is empty".to_owned()
    } else {
        return Ok(());
    };
    Err(RefusedName { reason, better: better(name) })
}

/// The name with as little changed as makes it acceptable.
fn better(name: &str) -> String {
    let clean: String = name.chars().map(|c| if FORBIDDEN.contains(&c) || is_control(c) { '_' } else { c }).collect();
    let clean = clean.trim_end_matches(['.', ' ']);
    if clean.is_empty() || is_device(clean) { format!("_{clean}") } else { clean.to_owned() }
}

fn is_control(c: char) -> bool {
    c < ' '
}

/// Whether a name, without whatever follows its first point, is that of a device. Spaces before the point do not count.
fn is_device(name: &str) -> bool {
    let base = name.split('.').next().unwrap_or_default().trim_end_matches(' ').to_lowercase();
    let numbered = |stem: &str| {
        let mut rest = base.strip_prefix(stem).unwrap_or_default().chars();
        matches!((rest.next(), rest.next()), (Some('1'..='9' | '¹' | '²' | '³'), None))
    };
    DEVICES.contains(&base.as_str()) || NUMBERED.iter().any(|stem| numbered(stem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_devices_are_refused_with_any_ending_and_in_any_case() {
        for name in
            ["con", "CON.png", "Nul.4x.png", "aux", "prn.tif", "COM1.jpg", "lpt9", "com².png", "CON .txt", "conin$"]
        {
            let refused = windows_file_name(name).unwrap_err();
            assert!(refused.reason.contains("device"), "{name}: {}", refused.reason);
            assert_eq!(refused.better, format!("_{name}"));
        }
    }

    #[test]
    fn characters_and_ends_are_refused() {
        for (name, better, word) in [
            ("a:b.png", "a_b.png", "character :"),
            ("what?.png", "what_.png", "character ?"),
            ("\"x\" <y>|*.png", "_x_ _y___.png", "character \""),
            ("tab\t.png", "tab_.png", "control"),
            ("photo.png.", "photo.png", "point or a space"),
            ("photo.png ", "photo.png", "point or a space"),
            ("con.. ", "_con", "point or a space"),
            (" . ", "_", "point or a space"),
            ("", "_", "empty"),
        ] {
            let refused = windows_file_name(name).unwrap_err();
            assert_eq!(refused.better, better, "{name}");
            assert!(refused.reason.contains(word), "{name}: {}", refused.reason);
        }
    }

    #[test]
    fn other_names_are_accepted_and_so_is_every_better_one() {
        for name in [
            "photo.4x.png",
            "Größe 猫.png",
            "console.png",
            "com10.png",
            "com.png",
            "lpt0",
            "nulls",
            ".hidden",
            " a",
            "com1x",
        ] {
            assert_eq!(windows_file_name(name), Ok(()), "{name}");
        }
        for name in ["con", "a<", "x . .", "\u{1}", "..", ":", "NUL:.png", "aux.?"] {
            let better = windows_file_name(name).unwrap_err().better;
            assert_eq!(windows_file_name(&better), Ok(()), "{name} became {better}");
        }
    }
}
