//! Mirroring at the edges of a picture.
//!
//! Pixels outside the picture are taken from inside it. Nothing here reads a pixel; only indexes are mapped.

/// Maps any index to one below `length` (at least 1) by mirroring without repeating the edge: … 2 1 | 0 1 2 …
/// Networks are padded this way.
pub(crate) fn reflect(i: i64, length: u32) -> u32 {
    if length == 1 {
        return 0;
    }
    let period = 2 * (i64::from(length) - 1);
    let m = i.rem_euclid(period);
    m.min(period - m) as u32
}

/// Maps any index to one below `length` (at least 1) by mirroring with the edge repeated: … 1 0 | 0 1 …
/// A symmetric blur padded this way keeps the mean of the picture.
pub(crate) fn symmetric(i: i64, length: u32) -> u32 {
    let period = 2 * i64::from(length);
    let m = i.rem_euclid(period);
    m.min(period - 1 - m) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_outside_are_mirrored() {
        let row = |f: fn(i64, u32) -> u32, n| (-4..7).map(|i| f(i, n)).collect::<Vec<_>>();
        assert_eq!(row(reflect, 3), [0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 2]);
        assert_eq!(row(symmetric, 3), [2, 2, 1, 0, 0, 1, 2, 2, 1, 0, 0]);
        assert_eq!(row(reflect, 1), [0; 11]);
        assert_eq!(row(symmetric, 1), [0; 11]);
    }
}
