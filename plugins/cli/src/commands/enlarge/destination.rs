//! Where results go, and what they are called.
//!
//! Names are made of the input's name and the size that the user asks for. Nothing here looks at a picture or changes a file.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use enlarger::{Error, ErrorKind, Result, Target};

use super::inputs::Item;
use super::result_name;
use crate::input::{is_dash, is_stream};
use crate::picture::{FOREIGN_ENDINGS, FileFormat};

/// Where results go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Beside each input.
    Beside,
    /// Into a folder.
    Folder(PathBuf),
    /// Into one file.
    File(PathBuf),
    /// Through standard output, a pipe or a device.
    Stream(PathBuf),
}

/// How results are named.
#[derive(Clone, Debug)]
pub struct Naming {
    /// Where results go.
    pub destination: Destination,
    /// The part of a name that states the size.
    pub tag: String,
    /// The format that the user asks for.
    pub format: Option<FileFormat>,
}

impl Destination {
    /// The meaning of `-o`. `many` says whether there may be several results.
    ///
    /// # Errors
    /// `Argument` for several results through one pipe, and for a name that the system does not give to files.
    pub fn new(output: Option<&Path>, many: bool) -> Result<Self> {
        // Windows takes a device for a stream, so names come first.
        output.map_or(Ok(()), result_name::check)?;
        Ok(match output {
            None => Destination::Beside,
            Some(path) if is_stream(path) && many => {
                let sentence = format!("only one picture can go through {}; name a folder with -o", stream_name(path));
                return Err(Error::new(ErrorKind::Argument, sentence));
            }
            Some(path) if is_stream(path) => Destination::Stream(path.to_owned()),
            Some(path) if many || path.is_dir() || ends_with_separator(path) => Destination::Folder(path.to_owned()),
            Some(path) => Destination::File(path.to_owned()),
        })
    }
}

/// What to call a stream in a sentence.
pub fn stream_name(path: &Path) -> String {
    if is_dash(path) { "standard output".to_owned() } else { path.display().to_string() }
}

impl Naming {
    /// The path and format of the result for an input. For a stream, the path is the stream's.
    ///
    /// # Errors
    /// `Argument` for a name that states no format that can be written, or another one than the user asks for.
    pub fn result_path(&self, input: &Item, input_format: FileFormat) -> Result<(PathBuf, FileFormat)> {
        let format = self.format.unwrap_or(input_format.for_result());
        let folder = match &self.destination {
            Destination::Beside => input.path.parent().unwrap_or(Path::new("")).to_owned(),
            Destination::Folder(folder) => folder.join(&input.below),
            Destination::File(path) => return Ok((path.clone(), self.format_of_name(path, format)?)),
            Destination::Stream(path) => return Ok((path.clone(), format)),
        };
        let mut name = stem(&input.path);
        name.push(format!(".{}.", self.tag));
        match input.path.extension() {
            Some(extension) if FileFormat::from_name(&input.path) == Some(format) => name.push(extension),
            _ => name.push(format.extension()),
        }
        Ok((folder.join(name), format))
    }

    /// The format of a result whose name the user gives.
    fn format_of_name(&self, path: &Path, format: FileFormat) -> Result<FileFormat> {
        let named = FileFormat::from_name(path);
        let refuse = |sentence: String| Err(Error::new(ErrorKind::Argument, sentence));
        match (self.format, named, path.extension()) {
            (Some(format), Some(named), _) if format != named => refuse(format!(
                "--format asks for {}, and {} is the name of a {}; make them agree",
                format.name(),
                path.display(),
                named.name()
            )),
            (Some(format), ..) => Ok(format),
            (None, Some(named), _) if named.is_writable() => Ok(named),
            (None, None, None) => Ok(format),
            (None, _, extension) => refuse(format!(
                "results cannot be written as .{}; use .png, .jpg, .tif, .webp or .exr, or choose with --format",
                extension.unwrap_or_default().display()
            )),
        }
    }
}

/// The name of an input without the ending that states its format. Other endings belong to the name.
fn stem(path: &Path) -> OsString {
    if is_dash(path) {
        return "stdin".into();
    }
    let name = path.file_name().unwrap_or(path.as_os_str());
    let foreign = |ending: &std::ffi::OsStr| {
        ending.to_str().is_some_and(|ending| FOREIGN_ENDINGS.contains(&ending.to_ascii_lowercase().as_str()))
    };
    let known = FileFormat::from_name(path).is_some() || path.extension().is_some_and(foreign);
    if known { path.file_stem().unwrap_or(name).to_owned() } else { name.to_owned() }
}

fn ends_with_separator(path: &Path) -> bool {
    path.as_os_str().to_string_lossy().ends_with(std::path::is_separator)
}

/// The part of a result's name that states the size: `4x`, `1.5x`, `2000w`, `2000h`.
pub fn tag(target: Target) -> String {
    match target {
        Target::Factor(factor) => format!("{factor}x"),
        Target::Width(width) => format!("{width}w"),
        Target::Height(height) => format!("{height}h"),
        Target::Size(size) | Target::Paper(size) => size.to_string(),
        Target::Pixels(pixels) => format!("{}mp", pixels as f64 / 1e6),
        Target::LongEdge(side) => format!("{side}px"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_named_after_inputs_and_sizes() {
        let name = |naming: &Naming, input: &str, format| {
            let item = Item::picture(input.into());
            // Paths are compared part by part, whatever separates them.
            naming.result_path(&item, format)
        };
        let naming = |destination: Destination, target, format| Naming { destination, tag: tag(target), format };
        let four = Target::Factor(4.0);
        let beside = |target| naming(Destination::Beside, target, None);
        use FileFormat::{Bmp, Jpeg, Png, Tiff, WebP};
        for (target, input, format, result, as_format) in [
            (four, "a/photo.png", Png, "a/photo.4x.png", Png),
            (four, "photo.JPEG", Jpeg, "photo.4x.JPEG", Jpeg),
            (Target::Factor(1.5), "photo.png", Png, "photo.1.5x.png", Png),
            (Target::Width(2000), "photo.bmp", Bmp, "photo.2000w.png", Png),
            // A PNG with a JPEG's name, without an ending, and with a point in its name.
            (four, "photo.jpg", Png, "photo.4x.png", Png),
            (four, "photo", Png, "photo.4x.png", Png),
            (four, "photo.v2", Png, "photo.v2.4x.png", Png),
            (four, "-x.png", Png, "-x.4x.png", Png),
            (four, "IMG_1.NEF", Tiff, "IMG_1.4x.tif", Tiff),
            (Target::LongEdge(900), "a.png", Png, "a.900px.png", Png),
        ] {
            assert_eq!(name(&beside(target), input, format).unwrap(), (result.into(), as_format));
        }
        let folder = Destination::new(Some(Path::new("out/")), false).unwrap();
        assert_eq!(name(&naming(folder, four, None), "a/b.tiff", Tiff).unwrap(), ("out/b.4x.tiff".into(), Tiff));
        let file = |path: &str, format| naming(Destination::File(path.into()), four, format);
        assert_eq!(name(&file("x.webp", None), "a.png", Png).unwrap(), ("x.webp".into(), WebP));
        assert_eq!(name(&file("x", Some(Jpeg)), "a.png", Png).unwrap(), ("x".into(), Jpeg));
        assert_eq!(name(&file("x.part", Some(Jpeg)), "a.png", Png).unwrap(), ("x.part".into(), Jpeg));
        assert!(name(&file("x.gif", None), "a.png", Png).is_err());
        assert!(name(&file("x.bmp", None), "a.png", Png).is_err());
        assert!(name(&file("x.png", Some(Jpeg)), "a.png", Png).is_err());
        let stream = naming(Destination::Stream("-".into()), four, Some(WebP));
        assert_eq!(name(&stream, "-", Png).unwrap(), ("-".into(), WebP));
        let folder = naming(Destination::Folder("out".into()), four, None);
        assert_eq!(name(&folder, "-", Bmp).unwrap(), ("out/stdin.4x.png".into(), Png));
        assert!(Destination::new(Some(Path::new("-")), true).is_err());
    }
}
