//! The paths of the command line, as this system writes them.
//!
//! Windows takes `/` and `\`, and its shells leave `*` and `?` to the program. From here on there is one separator, and no pattern.

use std::path::{Path, PathBuf};

use enlarger::Result;
use enlarger_system::native;

use super::{Cli, Command, Models};
use crate::input::expanded;

impl Cli {
    /// With patterns replaced by the files that they stand for, and with the separator of this system.
    ///
    /// # Errors
    /// `Argument` for a pattern that nothing matches.
    pub fn with_paths(mut self) -> Result<Self> {
        match &mut self.command {
            None => {
                inputs(&mut self.enlarge.inputs)?;
                let enlarge = &mut self.enlarge;
                [&mut enlarge.output, &mut enlarge.mask, &mut enlarge.scratch_mask]
                    .into_iter()
                    .flatten()
                    .for_each(path);
            }
            Some(Command::Info(info)) => inputs(&mut info.files)?,
            Some(Command::Preview(preview)) => {
                path(&mut preview.file);
                [&mut preview.output, &mut preview.mask, &mut preview.scratch_mask]
                    .into_iter()
                    .flatten()
                    .for_each(path);
            }
            Some(Command::Scratches(scratches)) => {
                [&mut scratches.file, &mut scratches.output].into_iter().for_each(path)
            }
            Some(Command::Models(models)) => {
                if let Models::Import(import) = &mut **models {
                    let urls = import.files.extract_if(.., |file| is_url(file)).collect::<Vec<_>>();
                    inputs(&mut import.files)?;
                    import.files.extend(urls);
                }
            }
            Some(_) => {}
        }
        Ok(self)
    }
}

fn is_url(file: &Path) -> bool {
    file.to_str().is_some_and(|text| text.contains("://"))
}

fn inputs(paths: &mut Vec<PathBuf>) -> Result<()> {
    *paths = expanded(std::mem::take(paths))?;
    paths.iter_mut().for_each(path);
    Ok(())
}

fn path(path: &mut PathBuf) {
    *path = native(path);
}
