//! A hyperparameter: what a training program says about the network that it has trained.
//!
//! It settles what shapes cannot tell. It is a claim of the file, so it must be checked against the shapes before it counts.

/// The value of a hyperparameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Hyperparameter {
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// Another number.
    Float(f64),
    /// A text.
    Text(String),
    /// A list of values.
    List(Vec<Hyperparameter>),
}
