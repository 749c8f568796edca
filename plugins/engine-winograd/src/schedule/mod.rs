//! The order in which rows are computed.
//!
//! A feature map is never in memory as a whole: rows move through the operations of a compiled graph while they are
//! still in a cache. This module sees no values and no threads; it must never know what a row contains.

mod row_scheduler;
mod scheduled_operation;

pub(crate) use row_scheduler::{RowScheduler, RowTask};
pub(crate) use scheduled_operation::ScheduledOperation;
