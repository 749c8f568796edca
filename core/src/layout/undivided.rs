//! The layout before its passes are divided into tiles: sizes, the order of the passes, and what is read besides.

use crate::error::{Error, ErrorKind, Result};
use crate::faces::face::Face;
use crate::geometry::{Rect, Size};
use crate::layout::Layout;
use crate::layout::parts::resampled_from;
use crate::layout::periods::Periods;
use crate::plan::damage::Fading;
use crate::plan::job::{Job, target_rect, target_size};
use crate::plan::method::Method;
use crate::plan::networks::Networks;

impl Layout {
    /// Sizes and the order of passes; the passes are not yet divided into tiles.
    pub(super) fn undivided(
        networks: &Networks<'_>,
        method: Method,
        source: Size,
        periods: Periods,
        job: &Job,
    ) -> Result<Self> {
        let (whole, _) = target_size(source, job.target)?;
        let (reduced, factor) = (job.reduced(source)?, job.factor(source)?);
        let rect = job.rect.unwrap_or(source.rect());
        rect.check_inside(source)?;
        job.noise_level.check()?;
        if !(0.0..=1.0).contains(&job.strength) {
            return Err(Error::new(ErrorKind::Argument, format!("the strength is {}; give 0 to 1", job.strength)));
        }
        let fading = match job.fading {
            Fading::Measured => 0.0,
            Fading::Share(share) => share,
        };
        let shares = [
            ("correction of fading", fading),
            ("repair of scratches", job.scratches),
            ("edge care", job.edge_care),
            ("grain", job.grain),
            ("creativity", job.creativity),
            ("strength of faces", job.face_strength),
            ("grain of faces", job.face_grain),
            ("fidelity of faces", job.face_fidelity),
        ];
        for (name, share) in shares {
            if !(0.0..=1.0).contains(&share) {
                return Err(Error::new(ErrorKind::Argument, format!("the {name} is {share}; give 0 to 1")));
            }
        }
        for mask in [&job.mask, &job.scratch_mask].into_iter().flatten() {
            mask.check(source)?;
        }
        if let Some(damage) = &job.damage {
            damage.check(source)?;
        }
        job.face_noise_level.check()?;
        job.faces.iter().try_for_each(Face::check)?;
        let wanted = periods.in_sheet(target_rect(source, whole, rect), whole);
        let period = source;
        let (original, source, whole) = (periods.sheet(source)?, periods.sheet(reduced)?, periods.sheet(whole)?);
        let layout = Layout {
            original,
            source,
            periods,
            period,
            native: source,
            whole,
            wanted,
            order: Vec::new(),
            passes: Vec::new(),
            colour: wanted,
            aside: wanted,
            memory: 0,
            in_parts: false,
            mixed: false,
            masked: false,
            fills: job.places_to_repair().is_some(),
            repairs: job.places_to_repair().is_some() || job.tones().is_some(),
            limits: None,
            noise: None,
            faces: Vec::new(),
            factor,
            method,
            restored: Vec::new(),
        };
        let layout = layout.with_networks(networks, job, wanted);
        if job.creativity > 0.0 {
            check_lock(networks, &layout.order, job)?;
        }
        Ok(layout)
    }

    /// What `networks` do for the part `wanted` of the same result.
    pub(super) fn with_networks(&self, networks: &Networks<'_>, job: &Job, wanted: Rect) -> Self {
        let (source, whole, method) = (self.source, self.whole, self.method);
        let order = if job.strength > 0.0 { networks.passes(self.factor) } else { Vec::new() };
        let native = order.iter().fold(source, |size, network| {
            let scale = networks.networks[*network].manifest.scale;
            Size { width: size.width * scale, height: size.height * scale }
        });
        let mixed = !order.is_empty() && (job.strength < 1.0 || job.mask.is_some());
        // The nearest pixel is copied as it is.
        let grained = job.grain > 0.0 && !(order.is_empty() && method == Method::Nearest);
        let cared = job.edge_care > 0.0 && !order.is_empty() && self.factor >= 1.0;
        let beside = || resampled_from(Method::Bilinear, source, whole, wanted);
        Layout {
            masked: job.mask.is_some() && (mixed || grained),
            limits: cared.then(beside),
            noise: grained.then(beside),
            native,
            wanted,
            mixed,
            order,
            colour: wanted,
            aside: resampled_from(method, source, whole, wanted),
            faces: Vec::new(),
            restored: Vec::new(),
            ..self.clone()
        }
    }
}

/// Checks that the colour lock holds what texture is added to.
fn check_lock(networks: &Networks<'_>, order: &[usize], job: &Job) -> Result<()> {
    let unlocked = |network: &usize| networks.networks[*network].manifest.verify.changes_colours;
    let sentence = match order.last() {
        Some(_) if !job.colour_lock => {
            "creativity needs the colour lock, which keeps colours and shapes; turn it on, or set creativity to 0"
                .into()
        }
        Some(last) if unlocked(last) => format!(
            "creativity needs the colour lock, and the model {} changes colours on purpose; choose another model, or set creativity to 0",
            networks.networks[*last].manifest.id
        ),
        _ => return Ok(()),
    };
    Err(Error::new(ErrorKind::Argument, sentence))
}
