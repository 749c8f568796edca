//! Running a compiled graph on one input: a tile, or a picture that arrives row by row.
//!
//! A graph is prepared once (`prepared_graph`, `loaded_graph`) and then executed by several threads (`task_loop`) under
//! the row scheduler. All memory of a run is accounted for here; nothing in it must outlive the run except buffers that
//! the next run uses again.

mod buffer_recycler;
mod execute_tile;
pub(crate) mod loaded_graph;
mod memory_estimate;
mod output_target;
pub(crate) mod prepared_graph;
pub(crate) mod row_stream;
mod task_loop;
pub(crate) mod threads;
