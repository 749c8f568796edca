//! A network loaded in one arithmetic or another.
//!
//! How activations are stored is part of the type of all that computes; this is where that ends, so that a session need
//! not know.

use std::sync::Arc;

use enlarger::{Cancel, Result, RowStream, Tensor, TensorMut};
use half::f16;

use crate::filter::{Kind, Operands};
use crate::kernels::isa::Isa;
use crate::kernels::quantise::GROUP;
use crate::kernels::simd::Element;
use crate::memory;
use crate::plan::Plan;
use crate::program::Program;
use crate::stream::{self, Stream};
use crate::threads::Threads;

/// How a network is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arithmetic {
    /// Convolutions that multiply floats: the first of them, and the first that does not any more. The others multiply
    /// 16-bit integers.
    pub(crate) floats: [usize; 2],
    /// Convolutions, from the first on, that take the form F(6x6) where they multiply integers; the others take F(4x4). The
    /// rounding of the last ones reaches the output least diluted.
    pub(crate) large: usize,
    /// Channels that one sum of integers runs over.
    pub(crate) group: usize,
    /// Whether activations are stored in 16 bits.
    pub(crate) halves: bool,
}

impl Arithmetic {
    /// 32-bit floating point throughout.
    pub(crate) const EXACT: Self = Arithmetic { floats: [0, usize::MAX], large: 0, group: GROUP, halves: false };

    /// The form of convolution number `index`.
    pub(crate) fn kind(&self, index: usize) -> Kind {
        if index < self.large && self.operands(index) != Operands::Floats { Kind::F6 } else { Kind::F4 }
    }

    /// What convolution number `index` multiplies.
    pub(crate) fn operands(&self, index: usize) -> Operands {
        let [from, to] = self.floats;
        if (from..to).contains(&index) { Operands::Floats } else { Operands::Integers { group: self.group } }
    }
}

/// A loaded network.
pub(crate) struct Loaded {
    arithmetic: Arithmetic,
    program: AnyProgram,
}

enum AnyProgram {
    Floats(Arc<Program<f32>>),
    Halves(Arc<Program<f16>>),
}

impl Loaded {
    pub(crate) fn new(plan: &Plan, isa: Isa, arithmetic: Arithmetic, threads: &Threads) -> Result<Self> {
        let program = if arithmetic.halves {
            AnyProgram::Halves(Arc::new(Program::new(plan, isa, arithmetic, threads)?))
        } else {
            AnyProgram::Floats(Arc::new(Program::new(plan, isa, arithmetic, threads)?))
        };
        Ok(Loaded { arithmetic, program })
    }

    pub(crate) fn arithmetic(&self) -> Arithmetic {
        self.arithmetic
    }

    /// Bytes that each pixel of a tile takes at most, but for those of input and output.
    pub(crate) fn bytes_per_pixel(&self, threads: usize) -> usize {
        match &self.program {
            AnyProgram::Floats(program) => memory::of_pixel(program, threads),
            AnyProgram::Halves(program) => memory::of_pixel(program, threads),
        }
    }

    /// Runs the network once.
    ///
    /// # Errors
    /// As `Session::run`.
    pub(crate) fn run(
        &self,
        threads: &Threads,
        inputs: &[Tensor<'_>],
        to: TensorMut<'_>,
        cancel: &Cancel,
    ) -> Result<()> {
        match &self.program {
            AnyProgram::Floats(program) => program.run(threads, inputs, to, cancel, None),
            AnyProgram::Halves(program) => program.run(threads, inputs, to, cancel, None),
        }
    }

    /// A row stream.
    ///
    /// # Errors
    /// As `Session::stream`.
    pub(crate) fn stream(&self, threads: &Arc<Threads>, width: usize) -> Result<Option<Box<dyn RowStream>>> {
        fn boxed<E: Element>(stream: Stream<E>) -> Box<dyn RowStream> {
            Box::new(stream)
        }
        Ok(match &self.program {
            AnyProgram::Floats(program) => Stream::open(program, threads, width)?.map(boxed),
            AnyProgram::Halves(program) => Stream::open(program, threads, width)?.map(boxed),
        })
    }

    /// Bytes that it takes at most.
    ///
    /// # Errors
    /// As `Session::stream`.
    pub(crate) fn stream_memory(&self, threads: usize, width: usize) -> Result<Option<u64>> {
        match &self.program {
            AnyProgram::Floats(program) => stream::memory(program, threads, width),
            AnyProgram::Halves(program) => stream::memory(program, threads, width),
        }
    }

    /// As [`Loaded::run`], and gives the largest magnitude of all activations.
    ///
    /// # Errors
    /// As `Session::run`.
    pub(crate) fn run_watched(
        &self,
        threads: &Threads,
        inputs: &[Tensor<'_>],
        to: TensorMut<'_>,
        cancel: &Cancel,
    ) -> Result<f32> {
        let mut largest = 0.0;
        match &self.program {
            AnyProgram::Floats(program) => program.run(threads, inputs, to, cancel, Some(&mut largest))?,
            AnyProgram::Halves(program) => program.run(threads, inputs, to, cancel, Some(&mut largest))?,
        }
        Ok(largest)
    }
}
