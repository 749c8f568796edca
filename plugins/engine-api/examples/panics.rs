//! For tests: an engine library that panics in nearly every function. Its host must survive that.

use std::sync::Arc;

use enlarger::{Cancel, Device, Engine, Model, Result, RowStream, Session, SessionOptions, Tensor, TensorMut};

enlarger_engine_api::export_engine!(Panics);

struct Panics;

impl Engine for Panics {
    fn id(&self) -> &str {
        "panics"
    }

    fn version(&self) -> String {
        "1".to_owned()
    }

    fn devices(&self) -> Vec<Device> {
        panic!("no devices")
    }

    fn open(&self, _: &Model, options: &SessionOptions) -> Result<Arc<dyn Session>> {
        assert_ne!(options.threads, Some(13), "thirteen threads");
        Ok(Arc::new(Opened(Device { id: "cpu".to_owned(), name: "a device".to_owned() })))
    }
}

struct Opened(Device);

impl Drop for Opened {
    fn drop(&mut self) {
        panic!("not even closed");
    }
}

impl Session for Opened {
    fn device(&self) -> &Device {
        &self.0
    }

    fn is_exact(&self) -> bool {
        panic!("who knows")
    }

    fn run(&self, _: &[Tensor<'_>], _: TensorMut<'_>, _: &Cancel) -> Result<()> {
        panic!("on purpose")
    }

    fn stream(&self, _: usize) -> Result<Option<Box<dyn RowStream>>> {
        panic!("no stream")
    }
}
