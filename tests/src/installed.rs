//! libenlarger as users have it: installed by `scripts/install`, moved to another folder, and used from a shell.
//!
//! The names of both folders contain a space. Cargo builds into the target folder of the tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// An installed library and a working folder.
pub struct Installed {
    /// The prefix of the library, after the move.
    pub prefix: PathBuf,
    /// The working folder, empty at first.
    pub work: PathBuf,
    target: PathBuf,
}

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a parent").to_owned()
}

impl Installed {
    /// Installs into a new folder below `tmp`, which is the test's `CARGO_TARGET_TMPDIR`, and moves that folder.
    pub fn new(tmp: &str, name: &str) -> Self {
        let installed = Self::nowhere(tmp, name);
        let before = installed.work.with_file_name("the first place");
        installed.shell(&format!("'{}/scripts/install' --prefix '{}'", root().display(), before.display()));
        fs::rename(&before, &installed.prefix).expect("a move");
        installed
    }

    /// As [`Installed::new`], but nothing is installed yet.
    pub fn nowhere(tmp: &str, name: &str) -> Self {
        let folder = Path::new(tmp).join(format!("{name} of the tests"));
        let _ = fs::remove_dir_all(&folder);
        let installed = Installed {
            prefix: folder.join("another place"),
            work: folder.join("work"),
            target: Path::new(tmp).parent().expect("the target folder").to_owned(),
        };
        fs::create_dir_all(&installed.work).expect("a folder");
        installed
    }

    /// A command that runs a script with Bash in the working folder. The environment has the library in `PKG_CONFIG_PATH`,
    /// `CMAKE_PREFIX_PATH` and `LD_LIBRARY_PATH`, and the CMake of `scripts/setup` in `PATH`.
    pub fn bash(&self, script: &str) -> Command {
        let mut command = Command::new("bash");
        let path = std::env::var("PATH").expect("a PATH");
        command
            .args(["-euo", "pipefail", "-c", script])
            .current_dir(&self.work)
            .env("PATH", format!("{}:{path}", root().join("target/python/bin").display()))
            .env("CARGO_TARGET_DIR", &self.target)
            .env("PKG_CONFIG_PATH", self.prefix.join("lib/pkgconfig"))
            .env("CMAKE_PREFIX_PATH", &self.prefix)
            .env("CMAKE_GENERATOR", "Ninja")
            .env("LD_LIBRARY_PATH", self.prefix.join("lib"))
            .env("REPOSITORY", root())
            .env_remove("DESTDIR");
        command
    }

    /// Runs a script, which must succeed. Returns its standard output.
    pub fn shell(&self, script: &str) -> String {
        let output = self.bash(script).output().expect("bash");
        assert!(output.status.success(), "{script}\n{}", words(&output));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The `enlarge` command, built as `cargo test --release --workspace` builds it, so that nothing is built twice.
    pub fn command(&self) -> PathBuf {
        self.shell("cd \"$REPOSITORY\" && cargo test --quiet --release --workspace --no-run --test command");
        self.target.join("release/enlarge")
    }
}

/// The status and the output of a program, for messages.
pub fn words(output: &Output) -> String {
    format!("{}\n{}{}", output.status, String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
