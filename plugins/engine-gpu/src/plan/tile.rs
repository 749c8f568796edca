//! The size of the tiles that suit a network.

use enlarger::{InputSpec, Result};
use enlarger_compiler::{CompiledGraph, Size};

use crate::arithmetic::Arithmetic;

use super::{Packed, TilePlan};

/// The largest side of a tile to ask for; a larger one gains little.
const LARGEST_TILE: u32 = 512;

/// The smallest side to ask for, whatever memory it takes.
const SMALLEST_TILE: u32 = 64;

/// Where two tiles at a time would be smaller than this, there is one at a time.
const SMALLEST_OF_TWO: u32 = 256;

/// The bytes on the device that all tiles may take at the same time.
const TILE_MEMORY: u64 = 400 << 20;

/// How a network is best divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TileChoice {
    /// The side of a tile.
    pub(crate) side: u32,
    /// How many tiles to run at the same time: while one is computed, another is uploaded or downloaded.
    pub(crate) parallel: usize,
    /// The most pixels of a tile whose values fit into bindings.
    pub(crate) most_pixels: u64,
}

impl TileChoice {
    /// The choice for a network with this input.
    ///
    /// # Errors
    /// Those of the smallest tile's plan.
    pub(crate) fn new(
        graph: &CompiledGraph,
        packed: &Packed,
        arithmetic: Arithmetic,
        input: &InputSpec,
    ) -> Result<Self> {
        let rounded = |side: u32| input.size_near(side).width;
        let bytes = |side: u32| {
            let size = input.size_near(side);
            let size = Size { height: size.height as usize, width: size.width as usize };
            let sizes = graph.sizes_of_tile(&input.name, size)?;
            TilePlan::new(graph, packed, arithmetic, &sizes).map(|plan| plan.bytes())
        };
        let fits = |side: u32, parallel: u64| bytes(side).is_ok_and(|bytes| parallel * bytes <= TILE_MEMORY);
        // Down in steps of an eighth.
        let sides = || {
            std::iter::successors(Some(LARGEST_TILE), |side| Some(side - side / 8))
                .take_while(|side| *side >= SMALLEST_TILE)
                .map(rounded)
        };
        let two = sides().find(|side| fits(*side, 2)).filter(|side| *side >= SMALLEST_OF_TWO);
        let (side, parallel) = match two {
            Some(side) => (side, 2),
            None => (sides().find(|side| fits(*side, 1)).unwrap_or(rounded(SMALLEST_TILE)), 1),
        };
        bytes(side)?;
        let (mut most, mut too_many) = (side, 1 << 16);
        while most + 1 < too_many {
            let middle = most.midpoint(too_many);
            if bytes(middle).is_ok() { most = middle } else { too_many = middle }
        }
        let most = u64::from(most);
        Ok(TileChoice { side, parallel, most_pixels: most * most })
    }
}
