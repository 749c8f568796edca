//! `enlarge INPUT…`: files and folders of pictures become larger pictures.

mod batch;
mod destination;
mod file;
mod report;
mod unfinished_file;

pub use batch::run;
pub use unfinished_file::abandon;
