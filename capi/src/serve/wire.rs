//! Values as bytes: numbers in the order of this machine, because both sides are on it, and bytes after their count.
//!
//! A count is compared with the bytes that are there before anything is taken for it. Nothing may be read beyond a frame, and no frame
//! may have more than it needs.

/// Why bytes are not what the protocol says: one sentence without a full stop.
#[derive(Debug, PartialEq)]
pub struct Garbage(pub String);

impl Garbage {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Garbage(text.into())
    }
}

/// The result of reading what the host has sent.
pub(crate) type Result<T> = std::result::Result<T, Garbage>;

/// Reads values from the payload of a frame.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a>(&'a [u8]);

macro_rules! numbers {
    ($($name:ident),*) => {
        $(pub(crate) fn $name(&mut self) -> Result<$name> {
            Ok($name::from_ne_bytes(self.array()?))
        })*
    };
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Reader(bytes)
    }

    numbers!(u8, u16, u32, u64, i32, i64, f64);

    /// So many bytes.
    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let Some((taken, rest)) = self.0.split_at_checked(count) else {
            return Err(Garbage::new(format!("a frame ends where {count} more bytes should be")));
        };
        self.0 = rest;
        Ok(taken)
    }

    /// Bytes after their count.
    pub(crate) fn bytes(&mut self) -> Result<&'a [u8]> {
        let count = self.u32()?;
        self.take(count as usize)
    }

    /// A number of this machine's size, which is sent with 64 bits.
    pub(crate) fn size(&mut self) -> Result<usize> {
        usize::try_from(self.u64()?).map_err(|_| Garbage::new("a size is larger than this machine's memory"))
    }

    /// Whether a value follows; it is 0 for NULL and otherwise 1.
    pub(crate) fn is_some(&mut self) -> Result<bool> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(Garbage::new(format!("{other} stands where 0 or 1 should be"))),
        }
    }

    pub(crate) fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }

    /// Checks that the frame is used up.
    pub(crate) fn end(&self) -> Result<()> {
        match self.0.len() {
            0 => Ok(()),
            more => Err(Garbage::new(format!("a frame has {more} bytes too many"))),
        }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }
}

/// Adds bytes after their count.
pub(crate) fn put_bytes(to: &mut Vec<u8>, bytes: &[u8]) {
    // No text and no row is that long; see frame::LONGEST.
    to.extend((bytes.len() as u32).to_ne_bytes());
    to.extend(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_is_read_and_nothing_beyond_it() {
        let mut bytes = 7u16.to_ne_bytes().to_vec();
        put_bytes(&mut bytes, b"ab");
        bytes.push(1);
        let mut reader = Reader::new(&bytes);
        assert_eq!((reader.u16(), reader.bytes(), reader.is_some()), (Ok(7), Ok(&b"ab"[..]), Ok(true)));
        assert!(reader.end().is_ok() && reader.u8().is_err());
        for cut in 0..bytes.len() {
            let mut reader = Reader::new(&bytes[..cut]);
            let all = reader.u16().and_then(|_| reader.bytes()).and_then(|_| reader.is_some());
            assert!(all.is_err(), "{cut}");
        }
        let mut longer = bytes.clone();
        longer.push(0);
        let mut reader = Reader::new(&longer);
        reader.take(bytes.len()).unwrap();
        assert!(reader.end().is_err());
    }

    #[test]
    fn counts_and_flags_are_checked() {
        assert!(Reader::new(&[255; 8]).bytes().is_err());
        assert!(Reader::new(&[2]).is_some().is_err());
    }
}
