//! What the values of a PNG mean: cICP, then a profile, then sRGB, then gAMA and cHRM, as the third edition of PNG says.
//!
//! A meaning becomes a profile, which every format can store. Values of HDR displays stay as they are, with the chunk that
//! says so.

use enlarger::Colour;

use super::chunks::Chunks;
use crate::metadata::Metadata;
use crate::metadata::chromaticities::Chromaticities;
use crate::picture::colour_profile::{ToneCurve, profile, unusable};

/// The white of most primaries.
const D65: [f64; 2] = [0.3127, 0.3290];
/// Illuminant C, the white of NTSC of 1953.
const C: [f64; 2] = [0.310, 0.316];

/// Sets the profile of `metadata`, which holds the one of iCCP, by what the chunks say. Returns warnings.
pub fn settle(chunks: &mut Chunks, metadata: &mut Metadata, gray: bool) -> Vec<String> {
    let mut notes = Vec::new();
    let (hdr, other): (Vec<_>, Vec<_>) = chunks.kept.drain(..).partition(|(name, _)| name != b"sTER");
    metadata.png_chunks = other;
    if let Some(codes) = chunks.cicp {
        match Meaning::of(codes) {
            Meaning::Curve(primaries, curve) => {
                let is_srgb = curve == ToneCurve::Srgb && primaries.is_near(&Chromaticities::SRGB, 1e-4);
                metadata.icc =
                    if is_srgb { None } else { profile(&name(codes), &primaries, std::slice::from_ref(&curve), gray) };
                return notes;
            }
            Meaning::Hdr(what) => {
                if metadata.icc.take().is_some() {
                    metadata.leave_out("the ICC profile, which the file's cICP overrides");
                }
                notes.push(format!("the colours are for HDR displays ({what}); their values are enlarged as they are"));
                metadata.png_chunks.push((*b"cICP", codes.to_vec()));
                metadata.png_chunks.extend(hdr);
                return notes;
            }
            Meaning::Unspecified => {}
            Meaning::Unsupported => notes.push(format!(
                "the file describes its colours in a way that is not supported (cICP {}); it is ignored",
                codes.map(|n| n.to_string()).join(", ")
            )),
        }
    }
    if !hdr.is_empty() {
        metadata.leave_out("the mastering display and the content light level (mDCV, cLLI)");
    }
    if chunks.has_profile
        && let Some(why) = fault(metadata.icc.as_deref(), gray)
    {
        let described = !chunks.srgb && (chunks.gamma.is_some() || chunks.primaries.is_some());
        let instead = if described { "as gAMA and cHRM describe them" } else { "as sRGB" };
        notes.push(format!("the ICC profile is left out, because {why}; the colours are taken {instead}"));
        metadata.icc = None;
    }
    if metadata.icc.is_none() && !chunks.srgb {
        if chunks.gamma.is_some() || chunks.primaries.is_some() {
            metadata.icc = described(chunks, gray, &mut notes);
            if metadata.icc.is_some() {
                // The same for programs that read no profiles.
                let gamma = chunks.gamma.map(|n| (*b"gAMA", n.to_be_bytes().to_vec()));
                let primaries = chunks.primaries.map(|p| (*b"cHRM", p.iter().flat_map(|n| n.to_be_bytes()).collect()));
                metadata.png_chunks.extend(gamma.into_iter().chain(primaries));
            }
        } else {
            metadata.adopt_exif_colours(gray);
        }
    }
    notes
}

/// Why a profile cannot be used.
fn fault(icc: Option<&[u8]>, gray: bool) -> Option<String> {
    match icc {
        None => Some("it cannot be unpacked".to_owned()),
        Some(icc) => unusable(&Colour::Icc(icc.into()), gray),
    }
}

/// The profile that gAMA and cHRM describe. `None` if that is sRGB.
fn described(chunks: &Chunks, gray: bool, notes: &mut Vec<String>) -> Option<Vec<u8>> {
    let stated = chunks.primaries.map(|p| {
        let point = |at: usize| [f64::from(p[at]) / 1e5, f64::from(p[at + 1]) / 1e5];
        Chromaticities { white: point(0), red: point(2), green: point(4), blue: point(6) }
    });
    let implausible = stated.as_ref().is_some_and(|p| !p.is_plausible());
    let primaries = stated.filter(|p| p.is_plausible() && !gray && !p.is_near(&Chromaticities::SRGB, 0.003));
    // What decoding raises values to. Writers that mean sRGB say something near 2.2.
    let gamma = chunks.gamma.filter(|g| *g > 0).map(|g| 1e5 / f64::from(g));
    let near_srgb = gamma.is_none_or(|gamma| (gamma - 2.2).abs() < 0.05);
    let curve = match gamma {
        Some(gamma) if (gamma - 1.0).abs() < 1e-3 => ToneCurve::Linear,
        Some(gamma) if primaries.is_some() || !near_srgb => ToneCurve::Gamma(gamma),
        _ => ToneCurve::Srgb,
    };
    if primaries.is_none() && near_srgb {
        if implausible {
            notes.push("the primaries in the file (cHRM) are implausible; they are taken as those of sRGB".to_owned());
        }
        return None;
    }
    let made = profile("PNG gAMA and cHRM", &primaries.unwrap_or(Chromaticities::SRGB), &[curve], gray);
    if made.is_none() {
        notes.push(
            "the file describes its colours (gAMA, cHRM) by implausible numbers; they are taken as sRGB".to_owned(),
        );
    }
    made
}

/// What four code points mean.
enum Meaning {
    Curve(Chromaticities, ToneCurve),
    Hdr(&'static str),
    Unspecified,
    Unsupported,
}

impl Meaning {
    fn of([primaries, transfer, matrix, full_range]: [u8; 4]) -> Self {
        if primaries == 2 || transfer == 2 {
            return Meaning::Unspecified;
        }
        let curve = match transfer {
            1 | 6 | 14 | 15 => ToneCurve::Bt709,
            4 => ToneCurve::Gamma(2.2),
            5 => ToneCurve::Gamma(2.8),
            8 => ToneCurve::Linear,
            13 => ToneCurve::Srgb,
            16 | 18 if matrix == 0 => return Meaning::Hdr(if transfer == 16 { "PQ" } else { "HLG" }),
            _ => return Meaning::Unsupported,
        };
        match named_primaries(primaries).filter(|_| matrix == 0 && full_range == 1) {
            Some(primaries) => Meaning::Curve(primaries, curve),
            None => Meaning::Unsupported,
        }
    }
}

/// Primaries by their number in ITU-T H.273.
pub fn named_primaries(number: u8) -> Option<Chromaticities> {
    let (red, green, blue, white) = match number {
        1 => return Some(Chromaticities::SRGB),
        4 => ([0.67, 0.33], [0.21, 0.71], [0.14, 0.08], C),
        5 => ([0.64, 0.33], [0.29, 0.60], [0.15, 0.06], D65),
        6 | 7 => ([0.630, 0.340], [0.310, 0.595], [0.155, 0.070], D65),
        8 => ([0.681, 0.319], [0.243, 0.692], [0.145, 0.049], C),
        9 => ([0.708, 0.292], [0.170, 0.797], [0.131, 0.046], D65),
        11 => ([0.680, 0.320], [0.265, 0.690], [0.150, 0.060], [0.314, 0.351]),
        12 => ([0.680, 0.320], [0.265, 0.690], [0.150, 0.060], D65),
        22 => ([0.630, 0.340], [0.295, 0.605], [0.155, 0.077], D65),
        _ => return None,
    };
    Some(Chromaticities { red, green, blue, white })
}

fn name([primaries, transfer, ..]: [u8; 4]) -> String {
    let primaries = match primaries {
        1 => "sRGB primaries",
        9 => "BT.2020",
        11 => "DCI-P3",
        12 => "Display P3",
        _ => "cICP primaries",
    };
    if transfer == 13 { primaries.to_owned() } else { format!("{primaries}, transfer {transfer}") }
}
