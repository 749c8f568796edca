//! PackBits, the run lengths of TIFF and PSD.
//!
//! A run that is longer than the buffer is cut, because some writers let runs go on over the end of a row.

/// Fills `to`. Returns the bytes that the data gives.
pub fn unpack(packed: &[u8], to: &mut [u8]) -> usize {
    let (mut from, mut done) = (0, 0);
    while done < to.len() {
        let Some(code) = packed.get(from) else { break };
        from += 1;
        let room = to.len() - done;
        match *code {
            128 => {}
            code if code < 128 => {
                let Some(bytes) = packed.get(from..from + usize::from(code) + 1) else { break };
                let count = bytes.len().min(room);
                to[done..done + count].copy_from_slice(&bytes[..count]);
                (from, done) = (from + bytes.len(), done + count);
            }
            code => {
                let Some(byte) = packed.get(from) else { break };
                let count = (257 - usize::from(code)).min(room);
                to[done..done + count].fill(*byte);
                (from, done) = (from + 1, done + count);
            }
        }
    }
    done
}
