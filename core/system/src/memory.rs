//! The memory that programs can still use, as each system reports it.
//!
//! Nothing here may guess: where the system does not tell, there is no figure.

/// The bytes that this process can still use without swapping. `None` if the system does not tell.
///
/// | system | figure | source |
/// |---|---|---|
/// | Linux | `MemAvailable` of `/proc/meminfo` | proc_meminfo(5) |
/// | Windows | the smaller of available physical memory and what can still be committed | Microsoft's page on `MEMORYSTATUSEX` |
/// | macOS | free and inactive pages | `mach/vm_statistics.h` |
///
/// Windows promises no memory that it does not have, so a process can be refused memory while physical memory is free.
pub fn available_memory() -> Option<u64> {
    ask()
}

#[cfg(not(any(windows, target_vendor = "apple")))]
fn ask() -> Option<u64> {
    parse(&std::fs::read_to_string("/proc/meminfo").ok()?)
}

#[cfg(any(test, not(any(windows, target_vendor = "apple"))))]
fn parse(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(windows)]
fn ask() -> Option<u64> {
    use windows_sys::Win32::System::SystemInformation::{GlobalMemoryStatusEx, MEMORYSTATUSEX};
    let mut status = MEMORYSTATUSEX { dwLength: size_of::<MEMORYSTATUSEX>() as u32, ..MEMORYSTATUSEX::default() };
    // SAFETY: the structure states its size, which is all that the function asks for.
    let told = unsafe { GlobalMemoryStatusEx(&mut status) } != 0;
    told.then(|| status.ullAvailPhys.min(status.ullAvailPageFile))
}

#[cfg(target_vendor = "apple")]
fn ask() -> Option<u64> {
    use std::mem::MaybeUninit;
    use std::sync::LazyLock;
    // Every call for the port would add a reference to it.
    #[expect(deprecated, reason = "the crate that libc names instead has nothing else that is needed here")]
    // SAFETY: the function has no arguments and cannot fail.
    static HOST: LazyLock<libc::mach_port_t> = LazyLock::new(|| unsafe { libc::mach_host_self() });
    let mut statistics = MaybeUninit::<libc::vm_statistics64>::zeroed();
    let mut count = libc::HOST_VM_INFO64_COUNT;
    // SAFETY: there is room for `count` integers, of which the function fills as many as it knows, and zeroes are valid for the rest.
    let (status, statistics) = unsafe {
        let status = libc::host_statistics64(*HOST, libc::HOST_VM_INFO64, statistics.as_mut_ptr().cast(), &mut count);
        (status, statistics.assume_init())
    };
    // SAFETY: the function only reads its argument.
    let page = u64::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).ok()?;
    let pages = u64::from(statistics.free_count) + u64::from(statistics.inactive_count);
    (status == libc::KERN_SUCCESS).then_some(pages * page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linux_figures_are_parsed() {
        assert_eq!(parse("MemTotal: 1 kB\nMemAvailable:   24000000 kB\n"), Some(24_000_000 * 1024));
        assert_eq!(parse("MemTotal: 1 kB\n"), None);
        assert_eq!(parse("MemAvailable: lots\n"), None);
    }

    #[test]
    #[cfg(any(target_os = "linux", windows, target_vendor = "apple"))]
    fn this_system_tells() {
        let before = available_memory().unwrap();
        assert!((1 << 20..1 << 50).contains(&before), "{before}");
        // Memory that is in use is not available.
        let block = vec![1u8; 256 << 20];
        // Wine asks only once a second.
        let began = std::time::Instant::now();
        while available_memory().unwrap() == before {
            assert!(began.elapsed().as_secs() < 10, "{before}");
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        drop(block);
    }
}
