//! The rules for choosing an engine: by name, or the fastest one that works.
//!
//! The caller passes the function that opens a model, so the rules can be tested without a network.
//! The reason why an engine was skipped must never be hidden.

use std::sync::Arc;

use enlarger::{Engine, Error, ErrorKind, Result};

use crate::engines::Candidate;

/// What was opened, the engine, and the reason for choosing it.
pub(crate) type Selected<T> = (T, Arc<dyn Engine>, String);

/// Opens on the engine of this name and on no other.
pub(crate) fn named<'a, T>(
    candidates: impl Iterator<Item = &'a Candidate> + Clone,
    name: &str,
    open: impl FnOnce(&Arc<dyn Engine>) -> Result<T>,
) -> Result<Selected<T>> {
    let Some(candidate) = candidates.clone().find(|candidate| candidate.id == name) else {
        let known: Vec<&str> = candidates.map(|candidate| candidate.id.as_str()).collect();
        let message = format!("there is no engine '{name}'; use one of auto, {}, gpu", known.join(", "));
        return Err(Error::new(ErrorKind::EngineNotFound, message));
    };
    let engine = candidate.engine.as_ref().map_err(|e| {
        Error::new(e.kind(), format!("the engine {name} is not available: {e}; or use the engine auto"))
    })?;
    Ok((open(engine)?, engine.clone(), format!("{}, as requested", label(engine))))
}

/// Opens on the first engine that succeeds.
pub(crate) fn fastest<'a, T>(
    candidates: impl Iterator<Item = &'a Candidate>,
    mut open: impl FnMut(&Arc<dyn Engine>) -> Result<T>,
) -> Result<Selected<T>> {
    let mut skipped: Vec<String> = Vec::new();
    let mut first: Option<ErrorKind> = None;
    for candidate in candidates {
        let engine = match &candidate.engine {
            Ok(engine) => engine,
            Err(error) => {
                skipped.push(format!("{} is not available ({error})", candidate.id));
                continue;
            }
        };
        match open(engine) {
            Ok(opened) => {
                let reason = match skipped.as_slice() {
                    [] => format!("{}, the fastest engine", label(engine)),
                    skipped => format!("{}, because {}", label(engine), skipped.join(" and ")),
                };
                return Ok((opened, engine.clone(), reason));
            }
            // Every other engine would fail in the same way, and this error alone is clearer than a list.
            Err(error) if is_about_the_model(error.kind()) => return Err(error),
            Err(error) => {
                first.get_or_insert(error.kind());
                skipped.push(format!("{} cannot run it ({error})", candidate.id));
            }
        }
    }
    let message = format!("no engine can run the model: {}", skipped.join(" and "));
    Err(Error::new(first.unwrap_or(ErrorKind::EngineNotFound), message))
}

/// Whether an error is about the model's file and not about the engine.
fn is_about_the_model(kind: ErrorKind) -> bool {
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
            Err(Error::new(ErrorKind::Internal, "the test opens models itself"))
        }
    }

    fn available(id: &'static str) -> Candidate {
        Candidate { id: id.to_owned(), engine: Ok(Arc::new(Named(id))) }
    }

    fn unavailable(id: &'static str) -> Candidate {
        Candidate { id: id.to_owned(), engine: Err(Error::new(ErrorKind::EngineNotFound, "install it")) }
    }

    /// Opens on every engine except this one.
    fn all_but(id: &'static str, kind: ErrorKind) -> impl FnMut(&Arc<dyn Engine>) -> Result<String> {
        move |engine| if engine.id() == id { Err(Error::new(kind, "it cannot")) } else { Ok(engine.id().to_owned()) }
    }

    #[test]
    fn the_first_engine_counts_as_the_fastest() {
        let (opened, engine, reason) =
            fastest([available("a"), available("b")].iter(), all_but("", ErrorKind::Device)).unwrap();
        assert_eq!((opened.as_str(), engine.id()), ("a", "a"));
        assert_eq!(reason, "a 1, the fastest engine");
    }

    #[test]
    fn the_reason_names_the_skipped_engines() {
        let candidates = [unavailable("a"), available("b"), available("c")];
        let (opened, _, reason) = fastest(candidates.iter(), all_but("b", ErrorKind::Device)).unwrap();
        assert_eq!(opened, "c");
        assert_eq!(reason, "c 1, because a is not available (install it) and b cannot run it (it cannot)");
    }

    #[test]
    fn if_no_engine_works_the_error_kind_is_that_of_the_first_available_one() {
        let error = fastest([unavailable("a"), available("b")].iter(), all_but("b", ErrorKind::Device)).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Device);
        assert!(error.message().contains("install it") && error.message().contains("it cannot"));
        let error = fastest([unavailable("a")].iter(), all_but("", ErrorKind::Device)).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::EngineNotFound);
    }

    #[test]
    fn an_error_of_the_model_ends_the_search() {
        let mut opened = 0;
        let error = fastest([available("a"), available("b")].iter(), |_| -> Result<()> {
            opened += 1;
            Err(Error::new(ErrorKind::ModelHash, "another file"))
        });
        assert_eq!(error.err().unwrap().message(), "another file");
        assert_eq!(opened, 1);
    }

    #[test]
    fn only_the_named_engine_is_used() {
        let candidates = [unavailable("a"), available("b")];
        let never = |_: &Arc<dyn Engine>| -> Result<()> { panic!("nothing may be opened") };
        let error = named(candidates.iter(), "a", never).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::EngineNotFound);
        assert!(error.message().contains("install it"));
        let error = named(candidates.iter(), "x", never).err().unwrap();
        assert!(error.message().contains("auto, a, b"));
        let error = named(candidates.iter(), "b", all_but("b", ErrorKind::ModelInvalid)).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::ModelInvalid);
        assert_eq!(named(candidates.iter(), "b", all_but("", ErrorKind::Device)).unwrap().2, "b 1, as requested");
    }
}
