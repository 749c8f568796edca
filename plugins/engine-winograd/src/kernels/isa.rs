//! The instruction sets of this processor, and running work on one of them.
//!
//! Kernels are compiled once for each; which is taken is decided while the program runs. An instruction set must never
//! be entered that the processor was not asked for.

use super::portable::Portable;
use super::simd::{Simd, Work};

#[cfg(target_arch = "x86_64")]
use super::{avx2::Avx2, avx512::Avx512};

/// An instruction set that this processor has: only [`Isa::available`] makes one.
#[derive(Clone, Copy)]
pub(crate) struct Isa(Kind);

#[derive(Clone, Copy)]
enum Kind {
    #[cfg(target_arch = "x86_64")]
    Avx512Vnni(Avx512<true>),
    #[cfg(target_arch = "x86_64")]
    Avx512(Avx512<false>),
    #[cfg(target_arch = "x86_64")]
    AvxVnni(Avx2<true>),
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2<false>),
    Portable(Portable),
}

impl Isa {
    /// All that this processor has, fastest first. The last one is portable.
    pub(crate) fn available() -> Vec<Isa> {
        let mut found = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            let avx2 =
                is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") && is_x86_feature_detected!("f16c");
            let avx512 = avx2
                && is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl");
            if avx512 && is_x86_feature_detected!("avx512vnni") {
                // SAFETY: the processor was asked.
                found.push(Kind::Avx512Vnni(unsafe { Avx512::new() }));
            }
            if avx512 {
                // SAFETY: the processor was asked.
                found.push(Kind::Avx512(unsafe { Avx512::new() }));
            }
            if avx2 && is_x86_feature_detected!("avxvnni") {
                // SAFETY: the processor was asked.
                found.push(Kind::AvxVnni(unsafe { Avx2::new() }));
            }
            if avx2 {
                // SAFETY: the processor was asked.
                found.push(Kind::Avx2(unsafe { Avx2::new() }));
            }
        }
        found.push(Kind::Portable(Portable));
        found.into_iter().map(Isa).collect()
    }

    /// The fastest.
    pub(crate) fn best() -> Isa {
        Isa::available()[0]
    }

    /// A name for people.
    pub(crate) fn name(self) -> &'static str {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512Vnni(_) => "AVX-512 VNNI",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512(_) => "AVX-512",
            #[cfg(target_arch = "x86_64")]
            Kind::AvxVnni(_) => "AVX-VNNI",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2(_) => "AVX2",
            Kind::Portable(_) => "portable",
        }
    }

    /// Runs work with this instruction set.
    pub(crate) fn run<W: Work>(self, work: W) -> W::Output {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the value is the proof that the instructions are there.
            Kind::Avx512Vnni(simd) => unsafe { simd.run(work) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Kind::Avx512(simd) => unsafe { simd.run(work) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Kind::AvxVnni(simd) => unsafe { simd.run(work) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Kind::Avx2(simd) => unsafe { simd.run(work) },
            Kind::Portable(simd) => work.run(simd),
        }
    }

    /// Outputs that a matrix product takes at once.
    pub(crate) fn width(self) -> usize {
        struct Width;
        impl Work for Width {
            type Output = usize;
            #[inline(always)]
            fn run<S: Simd>(self, _: S) -> usize {
                S::LANES * S::VECTORS
            }
        }
        self.run(Width)
    }
}
