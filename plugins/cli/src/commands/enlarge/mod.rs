//! `enlarge INPUT…`: files and folders of pictures become larger pictures.

mod batch;
pub(super) mod damage;
mod destination;
mod estimate;
mod existing;
mod file;
mod inputs;
mod journal;
pub(super) mod mask;
mod outcome;
pub(super) mod output;
mod own_result;
mod report;
mod result_name;
mod speed;
mod unfinished_file;
mod workers;

pub use batch::run;

/// Removes what an exit that does not wait for the work would leave behind.
pub fn abandon() {
    crate::develop::abandon();
    unfinished_file::abandon();
}
