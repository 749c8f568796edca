//! The limit of this process's memory, for a process that runs what is not trusted.
//!
//! It must be set before anything of that kind is read, and cannot be raised again by what runs.

/// Limits the memory of this process, in bytes: its address space on Unix, what it commits on Windows. More is refused, by which
/// Rust's allocations end the process. A lower limit that holds already stays. Returns whether the limit is set.
pub fn limit_memory(bytes: u64) -> bool {
    limit(bytes)
}

#[cfg(unix)]
fn limit(bytes: u64) -> bool {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::As);
    limit.current = Some(limit.maximum.map_or(bytes, |most| most.min(bytes)));
    setrlimit(Resource::As, limit).is_ok()
}

#[cfg(windows)]
fn limit(bytes: u64) -> bool {
    use windows_sys::Win32::System::Threading::GetCurrentProcess;
    // SAFETY: the function has no arguments; its answer stands for this process and needs not be closed.
    let this = unsafe { GetCurrentProcess() };
    let Ok(job) = crate::job::Job::limiting_memory(bytes) else { return false };
    // The job, and with it the limit, lives as long as its members, whether its handle is open or not.
    job.add(this).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::env;
    use std::process::Command;

    /// Set for the process that limits itself.
    const LIMITED: &str = "ENLARGER_TEST_LIMITED";

    #[test]
    fn more_memory_is_refused() {
        let granted = || Vec::<u8>::new().try_reserve_exact(2 << 30).is_ok();
        if env::var_os(LIMITED).is_some() {
            let before = granted();
            println!("before: {before}, limited: {}, after: {}", limit_memory(1 << 30), granted());
            return;
        }
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", "limits::tests::more_memory_is_refused", "--nocapture"]).env(LIMITED, "1");
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.contains("before: true, limited: true"), "{said}");
        // Wine, which has this program, takes the limit and does not keep it.
        let is_wine = std::path::Path::new(r"C:\windows\system32\winecfg.exe").exists();
        assert!(is_wine || said.contains("after: false"), "{said}");
    }
}
