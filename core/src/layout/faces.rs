//! The surroundings of faces in a layout: which parts of the result other networks enlarge, and the memory that this needs.
//!
//! Each part is a layout of its own for the same result, so that it fits the rest. Arithmetic on sizes; nothing here may touch a pixel.

use crate::error::Result;
use crate::faces::oval::{Oval, PlacedOval};
use crate::geometry::Rect;
use crate::layout::parts::union;
use crate::layout::{ALL_PLANES, Layout};
use crate::plan::job::Job;
use crate::plan::networks::Networks;
use crate::plan::pass::PIXEL_BYTES;

/// The surroundings of one or several faces, as a part of the result.
#[derive(Clone, Debug)]
pub(crate) struct FacePatch {
    /// Its layout. What it wants is the part of the result in which an oval is more than 0.
    pub(crate) layout: Layout,
    /// The ovals of its faces.
    pub(crate) ovals: Vec<PlacedOval>,
}

/// The patches of the job's faces, as far as they lie in the part of the result that `layout` wants. They are not yet divided
/// into tiles. There are none where they would be what is there already.
pub(super) fn patches(layout: &Layout, networks: &Networks<'_>, job: &Job) -> Result<Vec<FacePatch>> {
    let in_faces = job.in_faces();
    let networks_run = in_faces.strength > 0.0 && !networks.passes(layout.factor).is_empty();
    if !networks_run && layout.order.is_empty() && job.face_grain == 0.0 {
        return Ok(Vec::new());
    }
    let mut found: Vec<(Rect, Vec<PlacedOval>)> = Vec::new();
    for oval in job.faces.iter().flat_map(|face| placed(layout, Oval::of(face))) {
        let Some(mut rect) = oval.rect(layout.wanted) else { continue };
        let mut ovals = vec![oval];
        // Two patches that overlap much are fewer pixels as one, which may then overlap a third.
        while let Some(at) = found.iter().position(|(other, _)| is_less_together(rect, *other)) {
            let (other, more) = found.swap_remove(at);
            rect = union(rect, other);
            ovals.extend(more);
        }
        found.push((rect, ovals));
    }
    // The order of the faces must not decide how patches are mixed.
    found.sort_unstable_by_key(|(rect, _)| (rect.y, rect.x, rect.height, rect.width));
    let patch = |(rect, ovals)| FacePatch { layout: layout.with_networks(networks, &in_faces, rect), ovals };
    Ok(found.into_iter().map(patch).collect())
}

/// The oval in the result; of a picture that repeats, in the middle period and in those around it.
fn placed(layout: &Layout, oval: Oval) -> impl Iterator<Item = PlacedOval> {
    let (original, period, whole) = (layout.original, layout.period, layout.whole);
    let factors =
        [f64::from(whole.width) / f64::from(original.width), f64::from(whole.height) / f64::from(original.height)];
    let around = if layout.repeats() { -1..=1 } else { 0..=0 };
    let middle = layout.periods.in_sheet(Rect { x: 0, y: 0, width: 1, height: 1 }, period);
    let origin = move |across: i32, down: i32| {
        let place = |middle: u32, step: i32, side: u32| f64::from(middle) + f64::from(step) * f64::from(side);
        [place(middle.x, across, period.width), place(middle.y, down, period.height)]
    };
    let places = around.clone().flat_map(move |down| around.clone().map(move |across| (across, down)));
    places.map(move |(across, down)| oval.placed(origin(across, down), factors))
}

fn is_less_together(a: Rect, b: Rect) -> bool {
    union(a, b).size().pixels() <= a.size().pixels() + b.size().pixels()
}

/// The bytes that the patches need beside the rest. A patch needs memory only while its rows are made.
pub(super) fn memory(layout: &Layout) -> u64 {
    let width = u128::from(layout.original_rect(ALL_PLANES).width);
    let bytes = |patch: &FacePatch| {
        let read = patch.layout.colour_read_rect();
        // Rows that the patch has read and the rest has not yet, or that wait for the patch: all planes of the source.
        let rows = patch.layout.passes.first().map_or(read.height, |pass| pass.grid.tile_size().height);
        let waiting = 2 * 2 * PIXEL_BYTES * width * u128::from(rows);
        u128::from(patch.layout.memory) + waiting + PIXEL_BYTES * u128::from(patch.layout.wanted.width)
    };
    let at_row = |y: u32| -> u128 {
        let here = |patch: &&FacePatch| (patch.layout.wanted.y..patch.layout.wanted.bottom()).contains(&y);
        layout.faces.iter().filter(here).map(bytes).sum()
    };
    let most = layout.faces.iter().map(|patch| at_row(patch.layout.wanted.y)).max().unwrap_or(0);
    u64::try_from(most).unwrap_or(u64::MAX)
}
