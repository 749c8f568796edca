//! A network loaded in one arithmetic, whatever the type in which it stores activations.
//!
//! That type is a parameter of all code that computes; it ends here, so that a session need not know it.

use std::sync::Arc;

use enlarger::{Cancel, Result, RowStream, Tensor, TensorMut};
use enlarger_compiler::CompiledGraph;
use half::f16;

use crate::kernels::element::Element;
use crate::kernels::simd::InstructionSet;
use crate::operations::arithmetic::Arithmetic;

use super::memory_estimate;
use super::prepared_graph::PreparedGraph;
use super::row_stream::{self, GraphStream};
use super::threads::Threads;

/// A network, ready to run.
pub(crate) struct LoadedGraph {
    arithmetic: Arithmetic,
    prepared: Prepared,
}

/// A prepared graph by the type of its activations.
enum Prepared {
    Floats(Arc<PreparedGraph<f32>>),
    Halves(Arc<PreparedGraph<f16>>),
}

impl LoadedGraph {
    pub(crate) fn new(
        compiled: &CompiledGraph,
        isa: InstructionSet,
        arithmetic: Arithmetic,
        threads: &Threads,
    ) -> Result<Self> {
        let prepared = if arithmetic.halves {
            Prepared::Halves(Arc::new(PreparedGraph::new(compiled, isa, arithmetic, threads)?))
        } else {
            Prepared::Floats(Arc::new(PreparedGraph::new(compiled, isa, arithmetic, threads)?))
        };
        Ok(LoadedGraph { arithmetic, prepared })
    }

    pub(crate) fn arithmetic(&self) -> Arithmetic {
        self.arithmetic
    }

    /// The most bytes that each pixel of a tile takes, without the tensors of input and output.
    pub(crate) fn bytes_per_pixel(&self, threads: usize) -> usize {
        match &self.prepared {
            Prepared::Floats(prepared) => memory_estimate::of_pixel(prepared, threads),
            Prepared::Halves(prepared) => memory_estimate::of_pixel(prepared, threads),
        }
    }

    /// Runs the network once.
    ///
    /// # Errors
    /// As `Session::run`.
    pub(crate) fn execute_tile(
        &self,
        threads: &Threads,
        inputs: &[Tensor<'_>],
        to: TensorMut<'_>,
        cancel: &Cancel,
    ) -> Result<()> {
        match &self.prepared {
            Prepared::Floats(prepared) => prepared.execute_tile(threads, inputs, to, cancel, None),
            Prepared::Halves(prepared) => prepared.execute_tile(threads, inputs, to, cancel, None),
        }
    }

    /// As [`LoadedGraph::execute_tile`]; returns the largest magnitude of all activations.
    ///
    /// # Errors
    /// As `Session::run`.
    pub(crate) fn execute_tile_watched(
        &self,
        threads: &Threads,
        inputs: &[Tensor<'_>],
        to: TensorMut<'_>,
        cancel: &Cancel,
    ) -> Result<f32> {
        let mut largest = 0.0;
        match &self.prepared {
            Prepared::Floats(prepared) => prepared.execute_tile(threads, inputs, to, cancel, Some(&mut largest))?,
            Prepared::Halves(prepared) => prepared.execute_tile(threads, inputs, to, cancel, Some(&mut largest))?,
        }
        Ok(largest)
    }

    /// Opens a row stream; `None` if the network cannot be streamed.
    ///
    /// # Errors
    /// As `Session::stream`.
    pub(crate) fn stream(&self, threads: &Arc<Threads>, width: usize) -> Result<Option<Box<dyn RowStream>>> {
        fn boxed<E: Element>(stream: GraphStream<E>) -> Box<dyn RowStream> {
            Box::new(stream)
        }
        Ok(match &self.prepared {
            Prepared::Floats(prepared) => GraphStream::open(prepared, threads, width)?.map(boxed),
            Prepared::Halves(prepared) => GraphStream::open(prepared, threads, width)?.map(boxed),
        })
    }

    /// The most bytes that a row stream takes; `None` if the network cannot be streamed.
    ///
    /// # Errors
    /// As `Session::stream`.
    pub(crate) fn stream_memory(&self, threads: usize, width: usize) -> Result<Option<u64>> {
        match &self.prepared {
            Prepared::Floats(prepared) => row_stream::memory(prepared, threads, width),
            Prepared::Halves(prepared) => row_stream::memory(prepared, threads, width),
        }
    }
}
