//! Where results go, and what they are called.

use std::path::{Path, PathBuf};

use enlarger::{Error, ErrorKind, Result, Target};

use crate::picture::FileFormat;

/// Where results go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Beside each input.
    Beside,
    /// Into a folder.
    Folder(PathBuf),
    /// Into one file.
    File(PathBuf),
}

impl Destination {
    /// The meaning of `-o`. `many` says whether there may be several results.
    pub fn new(output: Option<&Path>, many: bool) -> Self {
        match output {
            None => Destination::Beside,
            Some(path) if many || path.is_dir() || ends_with_separator(path) => Destination::Folder(path.to_owned()),
            Some(path) => Destination::File(path.to_owned()),
        }
    }

    /// The path and format of the result for an input.
    pub fn result_path(&self, input: &Path, input_format: FileFormat, target: Target) -> Result<(PathBuf, FileFormat)> {
        let wanted = input_format.for_result();
        let folder = match self {
            Destination::Beside => input.parent().unwrap_or(Path::new("")),
            Destination::Folder(folder) => folder,
            Destination::File(path) => {
                let Some(extension) = path.extension() else { return Ok((path.clone(), wanted)) };
                return match FileFormat::from_name(path).filter(|format| format.is_writable()) {
                    Some(format) => Ok((path.clone(), format)),
                    None => Err(Error::new(
                        ErrorKind::Argument,
                        format!(
                            "results cannot be written as .{}; use .png, .jpg, .tif, .webp or .exr",
                            extension.display()
                        ),
                    )),
                };
            }
        };
        let mut name = input.file_stem().unwrap_or(input.as_os_str()).to_owned();
        name.push(format!(".{}.", tag(target)));
        match input.extension() {
            Some(extension) if FileFormat::from_name(input) == Some(wanted) => name.push(extension),
            _ => name.push(wanted.extension()),
        }
        Ok((folder.join(name), wanted))
    }
}

fn ends_with_separator(path: &Path) -> bool {
    path.as_os_str().to_string_lossy().ends_with(std::path::is_separator)
}

/// The part of a result's name that states the size: `4x`, `1.5x`, `2000w`, `2000h`.
fn tag(target: Target) -> String {
    match target {
        Target::Factor(factor) => format!("{factor}x"),
        Target::Width(width) => format!("{width}w"),
        Target::Height(height) => format!("{height}h"),
        Target::Size(size) => size.to_string(),
    }
}

/// Whether a file's name looks like that of a result.
pub fn is_result(path: &Path) -> bool {
    let Some(tag) = path.file_stem().map(Path::new).and_then(Path::file_name).and_then(|n| n.to_str()) else {
        return false;
    };
    let Some((stem, tag)) = tag.rsplit_once('.') else { return false };
    // The tag itself contains a dot in 1.5x.
    let tag = match stem.rsplit_once('.') {
        Some((_, whole)) if whole.parse::<u32>().is_ok() => format!("{whole}.{tag}"),
        _ => tag.to_owned(),
    };
    tag.strip_suffix(['x', 'w', 'h']).is_some_and(|n| n.parse::<f64>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_named_after_inputs_and_sizes() {
        let name = |destination: &Destination, input: &str, format, target| {
            destination.result_path(Path::new(input), format, target).map(|(p, k)| (p.to_str().unwrap().to_owned(), k))
        };
        let beside = Destination::Beside;
        let four = Target::Factor(4.0);
        assert_eq!(
            name(&beside, "a/photo.png", FileFormat::Png, four).unwrap(),
            ("a/photo.4x.png".into(), FileFormat::Png)
        );
        assert_eq!(
            name(&beside, "photo.JPEG", FileFormat::Jpeg, four).unwrap(),
            ("photo.4x.JPEG".into(), FileFormat::Jpeg)
        );
        assert_eq!(
            name(&beside, "photo.png", FileFormat::Png, Target::Factor(1.5)).unwrap(),
            ("photo.1.5x.png".into(), FileFormat::Png)
        );
        assert_eq!(
            name(&beside, "photo.bmp", FileFormat::Bmp, Target::Width(2000)).unwrap(),
            ("photo.2000w.png".into(), FileFormat::Png)
        );
        // A PNG with a JPEG's name.
        assert_eq!(
            name(&beside, "photo.jpg", FileFormat::Png, four).unwrap(),
            ("photo.4x.png".into(), FileFormat::Png)
        );
        let folder = Destination::new(Some(Path::new("out/")), false);
        assert_eq!(
            name(&folder, "a/b.tiff", FileFormat::Tiff, four).unwrap(),
            (format!("out{}b.4x.tiff", std::path::MAIN_SEPARATOR).replace("out//", "out/"), FileFormat::Tiff)
        );
        let file = Destination::File("x.webp".into());
        assert_eq!(name(&file, "a.png", FileFormat::Png, four).unwrap(), ("x.webp".into(), FileFormat::WebP));
        assert!(name(&Destination::File("x.gif".into()), "a.png", FileFormat::Png, four).is_err());
        assert!(name(&Destination::File("x.bmp".into()), "a.png", FileFormat::Png, four).is_err());
    }

    #[test]
    fn results_are_recognised() {
        for name in ["a.4x.png", "a.1.5x.png", "a.2000w.jpg", "a.b.300h.tif"] {
            assert!(is_result(Path::new(name)), "{name}");
        }
        for name in ["a.png", "4x.png", "a.v2.png", "a.max.png", "x.x.png", "holiday 4x.jpg"] {
            assert!(!is_result(Path::new(name)), "{name}");
        }
    }
}
