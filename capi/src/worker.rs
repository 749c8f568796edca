//! Workers: the process in which a network is tested that nobody trusts yet, and the one in which the library works for a host.
//!
//! A library cannot start itself, so a small program, `enlarger-worker`, loads it again. The program must come from where the
//! library is, never from another version of it.

use std::env;
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

use enlarger::{Error, ErrorKind};
use enlarger_models::{Worker, serve};
use enlarger_system::{is_own_program, own_file};

use crate::boundary::guard;
use crate::serve::{GREETING, serve as serve_host};
use crate::status::{ENL_ERROR_IO, Failure};
use crate::version::ENL_ABI_VERSION;

/// The environment variable that names the program by its absolute path.
const VARIABLE: &str = "ENLARGER_WORKER";

/// The folder of the program below a prefix.
const FOLDER: &str = "libexec/enlarger";

/// How many folders above the library are looked at as prefixes: `lib`, and what distributions put between.
const PREFIXES: usize = 3;

/// Starts workers of this library.
///
/// # Errors
/// `Io` if the program is missing, with the place where it should be.
pub(crate) fn worker() -> enlarger::Result<Worker> {
    let own = own_file();
    let worker = match env::var_os(VARIABLE).map(PathBuf::from).filter(|path| path.is_absolute()) {
        Some(named) => Worker::new(named),
        None => Worker::ours(find(own.as_deref())?),
    };
    // A program that contains the static library is not one that a worker can load.
    let library = own.filter(|file| !is_own_program(file)).unwrap_or_else(shared_name);
    Ok(worker.argument(library))
}

fn find(own: Option<&Path>) -> enlarger::Result<PathBuf> {
    let name = format!("enlarger-worker{}", env::consts::EXE_SUFFIX);
    let beside = own.and_then(Path::parent).unwrap_or(Path::new("")).join(&name);
    let prefixes = own.into_iter().flat_map(|own| own.ancestors().skip(2).take(PREFIXES));
    let mut places = prefixes.map(|prefix| prefix.join(FOLDER).join(&name));
    if beside.is_file() {
        return Ok(beside);
    }
    places.find(|place| place.is_file()).ok_or_else(|| {
        Error::new(
            ErrorKind::Io,
            format!(
                "{} is missing, in which new models are tested; install Enlarger again, or set {VARIABLE} to the absolute path of enlarger-worker",
                beside.display()
            ),
        )
    })
}

/// The name by which the system finds the shared library.
fn shared_name() -> PathBuf {
    let name = if cfg!(windows) {
        format!("enlarger-{ENL_ABI_VERSION}.dll")
    } else if cfg!(target_vendor = "apple") {
        format!("libenlarger.{ENL_ABI_VERSION}.dylib")
    } else {
        format!("libenlarger.so.{ENL_ABI_VERSION}")
    };
    name.into()
}

/// Does the work of a process of its own: tests a network, or serves a host that does not load the library itself. For the main
/// function of a worker program only; no other program calls this.
///
/// enl_registry_import and enl_registry_install start a worker program, so that a network that crashes or takes too much
/// memory does no harm. The library comes with one, enlarger-worker, and looks for it at the absolute path in the
/// environment variable ENLARGER_WORKER, beside the library's file, and in libexec/enlarger of the prefix in whose lib
/// folder the library is. For a program that contains the static library, the program's file counts instead of the
/// library's, and enlarger-worker needs the shared library in its prefix or where the system finds it. A program that is
/// shipped alone can bring a worker of its own: a program of that name beside it, made of the static library and a main
/// function that calls this function and returns 0 if that returns ENL_OK, and 1 otherwise.
///
/// The same program lets a host use the library without loading it: the Python package of Enlarger starts it, and calls the
/// functions of this header through the pipes of the program. What they mean, status and message included, is the same. The
/// protocol is that of one release and is not documented. The program ends with the host.
///
/// The function reads standard input, writes to standard output and may end the process. To test a network, it limits the
/// memory of the process to 12 GiB.
///
/// @return ENL_OK if an answer was written, ENL_ERROR_IO. It does not return to serve a host.
///
/// Threads: the first one only, once. Since: 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn enl_worker_run() -> i32 {
    guard(|| match answer() {
        0 => Ok(()),
        _ => Err(Failure::new(ENL_ERROR_IO, "the answer cannot be written; the program that waits for it has ended")),
    })
}

/// Tests a network or serves a host: the first byte that comes tells which.
fn answer() -> u8 {
    let first = io::stdin().lock().fill_buf().ok().and_then(|bytes| bytes.first().copied());
    if first == Some(GREETING[0]) { serve_host(io::stdin().lock()) } else { serve() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_program_is_found_beside_the_library_and_in_its_prefix() {
        let prefix = tempfile::tempdir().unwrap();
        let name = format!("enlarger-worker{}", env::consts::EXE_SUFFIX);
        let put = |folder: &str| {
            let folder = prefix.path().join(folder);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(&name), "").unwrap();
            folder.join(&name)
        };
        let library = |folder: &str| prefix.path().join(folder).join("libenlarger.so.1");
        let missing = find(Some(&library("lib"))).unwrap_err();
        assert!(missing.to_string().contains("is missing") && missing.to_string().contains(VARIABLE), "{missing}");
        let installed = put(FOLDER);
        for folder in ["lib", "lib64", "lib/x86_64-linux-gnu", "bin"] {
            assert_eq!(find(Some(&library(folder))).unwrap(), installed, "{folder}");
        }
        assert!(find(Some(&library("a/b/c/d"))).is_err());
        let beside = put("lib");
        assert_eq!(find(Some(&library("lib"))).unwrap(), beside);
    }
}
