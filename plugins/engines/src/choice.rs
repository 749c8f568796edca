//! Choosing among engines.
//!
//! What opening means is left to the caller, so that the rules can be tested without a network.
//! It must never hide why an engine was passed over.

use std::sync::Arc;

use enlarger::{Engine, Error, ErrorKind, Result};

use crate::engines::Candidate;

type Chosen<T> = (T, Arc<dyn Engine>, String);

/// Opens on the engine of this name and on no other.
pub(crate) fn named<'a, T>(
    candidates: impl Iterator<Item = &'a Candidate> + Clone,
    name: &str,
    open: impl FnOnce(&Arc<dyn Engine>) -> Result<T>,
) -> Result<Chosen<T>> {
    let Some(candidate) = candidates.clone().find(|candidate| candidate.id == name) else {
        let known: Vec<&str> = candidates.map(|candidate| candidate.id.as_str()).collect();
        let sentence = format!("there is no engine '{name}'; take one of auto, {}", known.join(", "));
        return Err(Error::new(ErrorKind::EngineNotFound, sentence));
    };
    let engine = candidate
        .engine
        .as_ref()
        .map_err(|e| Error::new(e.kind(), format!("the engine {name} is not here: {e}; or take the engine auto")))?;
    Ok((open(engine)?, engine.clone(), format!("{}, because it was named", label(engine))))
}

/// Opens on the first engine that can.
pub(crate) fn fastest<'a, T>(
    candidates: impl Iterator<Item = &'a Candidate>,
    mut open: impl FnMut(&Arc<dyn Engine>) -> Result<T>,
) -> Result<Chosen<T>> {
    let mut passed: Vec<String> = Vec::new();
    let mut first: Option<ErrorKind> = None;
    for candidate in candidates {
        let engine = match &candidate.engine {
            Ok(engine) => engine,
            Err(error) => {
                passed.push(format!("{} is not here: {error}", candidate.id));
                continue;
            }
        };
        match open(engine) {
            Ok(opened) => {
                let reason = match passed.as_slice() {
                    [] => format!("{}, the fastest engine", label(engine)),
                    passed => format!("{}, because {}", label(engine), passed.join("; ")),
                };
                return Ok((opened, engine.clone(), reason));
            }
            // The model's file is as wrong for every other engine, and its error says more than a list would.
            Err(error) if of_the_model(error.kind()) => return Err(error),
            Err(error) => {
                first.get_or_insert(error.kind());
                passed.push(format!("{}: {error}", candidate.id));
            }
        }
    }
    let sentence = format!("no engine can run this: {}", passed.join("; "));
    Err(Error::new(first.unwrap_or(ErrorKind::EngineNotFound), sentence))
}

fn of_the_model(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::ModelHash | ErrorKind::ModelContract | ErrorKind::Io | ErrorKind::Limit)
}

fn label(engine: &Arc<dyn Engine>) -> String {
    format!("{} {}", engine.id(), engine.version())
}

#[cfg(test)]
mod tests {
    use super::*;
    use enlarger::{Device, Model, Session, SessionOptions};

    struct Named(&'static str);

    impl Engine for Named {
        fn id(&self) -> &str {
            self.0
        }

        fn version(&self) -> String {
            "1".to_owned()
        }

        fn devices(&self) -> Vec<Device> {
            Vec::new()
        }

        fn open(&self, _: &Model, _: &SessionOptions) -> Result<Arc<dyn Session>> {
            Err(Error::new(ErrorKind::Internal, "opening is the test's"))
        }
    }

    fn here(id: &'static str) -> Candidate {
        Candidate { id: id.to_owned(), engine: Ok(Arc::new(Named(id))) }
    }

    fn gone(id: &'static str) -> Candidate {
        Candidate { id: id.to_owned(), engine: Err(Error::new(ErrorKind::EngineNotFound, "install it")) }
    }

    /// Opens on every engine but this one.
    fn but(id: &'static str, kind: ErrorKind) -> impl FnMut(&Arc<dyn Engine>) -> Result<String> {
        move |engine| if engine.id() == id { Err(Error::new(kind, "it cannot")) } else { Ok(engine.id().to_owned()) }
    }

    #[test]
    fn the_first_is_the_fastest() {
        let (opened, engine, reason) = fastest([here("a"), here("b")].iter(), but("", ErrorKind::Device)).unwrap();
        assert_eq!((opened.as_str(), engine.id()), ("a", "a"));
        assert_eq!(reason, "a 1, the fastest engine");
    }

    #[test]
    fn what_is_passed_over_is_said() {
        let candidates = [gone("a"), here("b"), here("c")];
        let (opened, _, reason) = fastest(candidates.iter(), but("b", ErrorKind::Device)).unwrap();
        assert_eq!(opened, "c");
        assert_eq!(reason, "c 1, because a is not here: install it; b: it cannot");
    }

    #[test]
    fn when_none_can_the_error_is_that_of_the_fastest_one_here() {
        let error = fastest([gone("a"), here("b")].iter(), but("b", ErrorKind::Device)).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Device);
        assert!(error.message().contains("install it") && error.message().contains("it cannot"));
        let error = fastest([gone("a")].iter(), but("", ErrorKind::Device)).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::EngineNotFound);
    }

    #[test]
    fn a_model_that_is_wrong_is_wrong_everywhere() {
        let mut opened = 0;
        let error = fastest([here("a"), here("b")].iter(), |_| -> Result<()> {
            opened += 1;
            Err(Error::new(ErrorKind::ModelHash, "another file"))
        });
        assert_eq!(error.err().unwrap().message(), "another file");
        assert_eq!(opened, 1);
    }

    #[test]
    fn a_named_engine_is_taken_or_nothing_is() {
        let candidates = [gone("a"), here("b")];
        let never = |_: &Arc<dyn Engine>| -> Result<()> { panic!("nothing may be opened") };
        let error = named(candidates.iter(), "a", never).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::EngineNotFound);
        assert!(error.message().contains("install it"));
        let error = named(candidates.iter(), "x", never).err().unwrap();
        assert!(error.message().contains("auto, a, b"));
        let error = named(candidates.iter(), "b", but("b", ErrorKind::ModelInvalid)).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::ModelInvalid);
        assert_eq!(named(candidates.iter(), "b", but("", ErrorKind::Device)).unwrap().2, "b 1, because it was named");
    }
}
