//! The instruction sets of this processor, and running kernels with one of them.
//!
//! Kernels are compiled once for each instruction set, and the one to use is chosen at run time. An instruction set
//! must never be used unless the processor was asked for it.

use super::portable::Portable;
use super::vector::{Kernel, Simd};

#[cfg(target_arch = "x86_64")]
use super::{avx2::Avx2, avx512::Avx512};

#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
use super::neon::Neon;

/// An instruction set that this processor has. Only [`InstructionSet::available`] creates one.
#[derive(Clone, Copy)]
pub(crate) struct InstructionSet(Detected);

#[derive(Clone, Copy)]
enum Detected {
    #[cfg(target_arch = "x86_64")]
    Avx512Vnni(Avx512<true>),
    #[cfg(target_arch = "x86_64")]
    Avx512(Avx512<false>),
    #[cfg(target_arch = "x86_64")]
    AvxVnni(Avx2<true>),
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2<false>),
    #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
    Neon(Neon),
    Portable(Portable),
}

impl InstructionSet {
    /// All instruction sets that this processor has, fastest first. The last one is portable.
    pub(crate) fn available() -> Vec<InstructionSet> {
        let mut found = detected();
        found.push(Detected::Portable(Portable));
        found.into_iter().map(InstructionSet).collect()
    }

    /// The fastest instruction set.
    pub(crate) fn best() -> InstructionSet {
        InstructionSet::available()[0]
    }

    /// The name shown to users. Stored choices of arithmetic depend on it.
    pub(crate) fn name(self) -> &'static str {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Detected::Avx512Vnni(_) => "AVX-512 VNNI",
            #[cfg(target_arch = "x86_64")]
            Detected::Avx512(_) => "AVX-512",
            #[cfg(target_arch = "x86_64")]
            Detected::AvxVnni(_) => "AVX-VNNI",
            #[cfg(target_arch = "x86_64")]
            Detected::Avx2(_) => "AVX2",
            #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
            Detected::Neon(_) => "NEON",
            Detected::Portable(_) => "portable",
        }
    }

    /// Executes a kernel with this instruction set.
    pub(crate) fn execute<W: Kernel>(self, kernel: W) -> W::Output {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the value proves that the processor has the instructions.
            Detected::Avx512Vnni(simd) => unsafe { simd.execute(kernel) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Detected::Avx512(simd) => unsafe { simd.execute(kernel) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Detected::AvxVnni(simd) => unsafe { simd.execute(kernel) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Detected::Avx2(simd) => unsafe { simd.execute(kernel) },
            #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
            Detected::Neon(simd) => simd.execute(kernel),
            Detected::Portable(simd) => simd.execute(kernel),
        }
    }

    /// The number of outputs in a panel: those that a matrix product computes at once.
    pub(crate) fn panel_width(self) -> usize {
        struct PanelWidth;
        impl Kernel for PanelWidth {
            type Output = usize;
            #[inline(always)]
            fn execute<S: Simd>(self, _: S) -> usize {
                S::LANES * S::VECTORS
            }
        }
        self.execute(PanelWidth)
    }

    /// Whether fast arithmetic takes 16-bit integers, not floats.
    pub(crate) fn integers_are_faster(self) -> bool {
        struct IntegersAreFaster;
        impl Kernel for IntegersAreFaster {
            type Output = bool;
            #[inline(always)]
            fn execute<S: Simd>(self, _: S) -> bool {
                S::INTEGERS_ARE_FASTER
            }
        }
        self.execute(IntegersAreFaster)
    }
}

/// The instruction sets of this processor that are not portable, fastest first.
#[cfg(target_arch = "x86_64")]
fn detected() -> Vec<Detected> {
    let mut found = Vec::new();
    let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") && is_x86_feature_detected!("f16c");
    let avx512 = avx2
        && is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl");
    if avx512 && is_x86_feature_detected!("avx512vnni") {
        // SAFETY: the processor has these instructions, as just detected.
        found.push(Detected::Avx512Vnni(unsafe { Avx512::new() }));
    }
    if avx512 {
        // SAFETY: the processor has these instructions, as just detected.
        found.push(Detected::Avx512(unsafe { Avx512::new() }));
    }
    if avx2 && is_x86_feature_detected!("avxvnni") {
        // SAFETY: the processor has these instructions, as just detected.
        found.push(Detected::AvxVnni(unsafe { Avx2::new() }));
    }
    if avx2 {
        // SAFETY: the processor has these instructions, as just detected.
        found.push(Detected::Avx2(unsafe { Avx2::new() }));
    }
    found
}

/// As on x86; every 64-bit Arm processor has NEON.
#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
fn detected() -> Vec<Detected> {
    vec![Detected::Neon(Neon)]
}

/// As on x86.
#[cfg(not(any(target_arch = "x86_64", all(target_arch = "aarch64", target_endian = "little"))))]
fn detected() -> Vec<Detected> {
    Vec::new()
}
