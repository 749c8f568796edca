//! The rules that make advice of measures.
//!
//! Where the measures leave a doubt, nothing is said. The thresholds were chosen on one half of the pictures of `tests/advice`;
//! QUALITY.md says how often they are right on the others.

use crate::advice::advice::{Advice, AdviceCode};
use crate::advice::measures::Measures;
use crate::advice::question::Question;
use crate::geometry::Size;

/// The presets that advice names.
const CLEAN: &str = "clean";
const ILLUSTRATION: &str = "illustration";
const NATURAL: &str = "natural";
/// Those that remove wear themselves, and those that expect photos.
const REMOVE_WEAR: [&str; 2] = [CLEAN, "restore"];
const FOR_PHOTOS: [&str; 3] = [NATURAL, "portrait", "detail"];

/// The least side of pictures whose noise, edges and tones are judged. Smaller ones hold too little to be sure.
const LEAST_SIDE: u32 = 120;

/// A result needs so many pixels of content for each unit of the factor.
const CONTENT_FOR_FACTOR: f64 = 32.0;

/// The least noise level for which there is noise to speak of.
const NOISY_LEVEL: u8 = 7;
/// The noise of luminance that goes with it, where white is 255.
const NOISY: f64 = 3.2;

/// The quality of JPEG below which damage is seen when it is enlarged.
const POOR_QUALITY: u8 = 70;
/// The measure of blocks from which on damage is told if the quality is not known.
const POOR_BLOCKS: f64 = 1.29;
/// The share of hard edges that goes with it. The large photos of cameras have none, and even the faint blocks of a high
/// quality stand out in them.
const SHARP: f64 = 0.02;

/// The width in pixels of the sharpest edges of a picture that is out of focus.
const OUT_OF_FOCUS: f64 = 2.92;
/// The same across the direction of a movement, and how much narrower edges are along it.
const SHAKEN: (f64, f64) = (2.8, 1.55);

/// The power of middle frequencies, relative to that of low ones in decibels, and the height of haloes from which on a picture
/// was sharpened too much.
const MIDDLE: f64 = -7.0;
const HALO: f64 = 0.14;
/// The strength, in percent, for a picture that was sharpened too much.
const MODERATE_STRENGTH: u8 = 60;

/// How far a screen stands out, in decibels.
const SCREEN: f64 = 18.0;

/// The share of the pixels at an end of the tones, and how full the tones near it are, relative to an even spread.
const CLIPPED: (f64, f64) = (0.12, 0.3);

/// The share of equal neighbours and of common colours from which on a picture is drawn, and up to which it is a photo.
const DRAWN: (f64, f64) = (0.79, 0.55);
const PHOTO: (f64, f64) = (0.7, 0.6);
/// Pixel art has at least this share of hard edges and at most so many colours.
const PIXEL_ART: (f64, usize) = (0.8, 256);

/// The density of a good print in dots per inch.
const PRINT: f64 = 300.0;

/// What a picture consists of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Photo,
    Drawn,
    PixelArt,
    Unknown,
}

fn kind(measures: &Measures) -> Kind {
    let content = &measures.content;
    let (hard, colours) = PIXEL_ART;
    if measures.hard >= hard && (3..=colours).contains(&content.colours) {
        return Kind::PixelArt;
    }
    if content.equal >= DRAWN.0 && content.common >= DRAWN.1 {
        return Kind::Drawn;
    }
    // Of a picture that is transparent everywhere, there is nothing to see.
    if content.colours > 0 && content.equal < PHOTO.0 && content.common < PHOTO.1 { Kind::Photo } else { Kind::Unknown }
}

/// Whether a picture is drawn, pixel art included.
pub(super) fn is_drawn(measures: &Measures) -> bool {
    matches!(kind(measures), Kind::Drawn | Kind::PixelArt)
}

/// What to tell about a picture, the weightiest first. Often nothing.
///
/// Without measures, only the size of the result is judged.
pub fn advise(measures: Option<&Measures>, question: &Question) -> Vec<Advice> {
    let mut found = measures.map(|measures| of_picture(measures, question)).unwrap_or_default();
    found.extend(large(question));
    found.sort_by_key(|advice| advice.code);
    found
}

fn of_picture(measures: &Measures, question: &Question) -> Vec<Advice> {
    let kind = kind(measures);
    let drawn = is_drawn(measures);
    let mut found: Vec<Advice> = Vec::new();
    let size = measures.size;
    let is_judged = size.width >= LEAST_SIDE && size.height >= LEAST_SIDE && !drawn;
    let is_screened = is_judged && measures.screen.0 >= SCREEN;
    // Dots repeat, as the pixels of an enlargement do.
    let enlarged = if is_screened || kind == Kind::PixelArt { 1.0 } else { measures.enlarged };
    let compressed = compressed(measures, question).filter(|_| kind != Kind::PixelArt);
    if is_judged {
        // Dots and the edges of an enlargement would be taken for other defects.
        let is_plain = !is_screened && enlarged == 1.0;
        let noisy = noisy(measures, question).filter(|_| is_plain && compressed.is_none());
        // Noise fills the tones near white and black.
        found.extend(clipped(measures).filter(|_| noisy.is_none()));
        found.extend(noisy);
        found.extend(sharpened(measures, question).filter(|_| is_plain && kind == Kind::Photo));
        found.extend(blurred(measures).filter(|_| is_plain));
    }
    if is_screened {
        found.extend(screened(measures, question));
    }
    found.extend(compressed);
    found.extend(content(measures, question, kind));
    if kind != Kind::PixelArt {
        found.extend(small(content_size(size, enlarged), question));
    }
    found.extend(self::enlarged(size, enlarged, question));
    found
}

fn enlarged(size: Size, factor: f64, question: &Question) -> Option<Advice> {
    // The factor is not known more exactly.
    let percent = rounded(100.0 / factor, 0);
    let (width, height) = content_size(size, factor);
    (factor > 1.0 && question.reduce_first > percent).then(|| Advice {
        code: AdviceCode::Enlarged,
        value: rounded(factor, 2),
        sentence: format!(
            "The picture was enlarged before, about {} times: it has no more detail than {width:.0}x{height:.0} pixels hold.",
            rounded(factor, 1)
        ),
        action: format!("Enlarge the original. If it is lost, reduce this picture to {percent} % first."),
        option: Some(("reduce_first", percent.to_string())),
    })
}

fn small((width, height): (f64, f64), question: &Question) -> Option<Advice> {
    let side = width.max(height);
    let is_small = question.factor > 2.0 && side < CONTENT_FOR_FACTOR * question.factor && question.method.is_none();
    is_small.then(|| Advice {
        code: AdviceCode::Small,
        value: side.round(),
        sentence: format!(
            "The picture holds {width:.0}x{height:.0} pixels of content, too little for a factor of {}: most of the result would be invented.",
            rounded(question.factor, 2)
        ),
        action: "Enlarge it by 2 first, look at the result, and go on from there.".to_owned(),
        option: Some(("factor", "2".to_owned())),
    })
}

/// The size that would hold the content of a picture that was enlarged by this factor.
fn content_size(size: Size, enlarged: f64) -> (f64, f64) {
    (f64::from(size.width) / enlarged, f64::from(size.height) / enlarged)
}

/// The action and the option for wear that the preset "clean" removes, unless it, or a preset like it, is chosen.
fn clean(measures: &Measures, question: &Question) -> Option<(String, Option<(&'static str, String)>)> {
    let level = measures.wear.level();
    let removes = question.preset.as_deref().is_some_and(|preset| REMOVE_WEAR.contains(&preset));
    let action = || format!("Use the preset Clean, which takes noise level {level} for this picture.");
    (level > 0 && !removes).then(|| (action(), Some(("preset", CLEAN.to_owned()))))
}

fn noisy(measures: &Measures, question: &Question) -> Option<Advice> {
    let [luminance, colour] = measures.noise.map(|noise| f64::from(noise) * 255.0);
    let wear = measures.wear;
    // Coarse noise has more colour than luminance.
    let is_visible = luminance >= NOISY || wear.coarse;
    // Blocks alone raise the level, and leave a little that looks like noise.
    let is_strong = wear.noise_level().round() >= f64::from(NOISY_LEVEL);
    if !is_visible || !is_strong {
        return None;
    }
    let (action, option) = clean(measures, question)?;
    Some(Advice {
        code: AdviceCode::Noisy,
        value: rounded(luminance, 1),
        sentence: format!(
            "The picture is noisy: its noise has a standard deviation of {} of 255 in luminance and {} in colour, and would be enlarged too.",
            rounded(luminance, 1),
            rounded(colour, 1)
        ),
        action,
        option,
    })
}

fn compressed(measures: &Measures, question: &Question) -> Option<Advice> {
    let blocks = f64::from(measures.wear.blocks);
    let is_poor = match question.quality {
        Some(quality) => quality < POOR_QUALITY && measures.wear.has_blocks(),
        None => blocks > POOR_BLOCKS && measures.hard >= SHARP,
    };
    if !is_poor {
        return None;
    }
    let (action, option) = clean(measures, question)?;
    let (value, figure) = match question.quality {
        Some(quality) => (quality, format!("quality {quality} of 100, as the file states")),
        None => {
            let quality = quality_of(blocks);
            (quality, format!("quality about {quality} of 100, judged by its blocks"))
        }
    };
    Some(Advice {
        code: AdviceCode::Compressed,
        value: f64::from(value),
        sentence: format!("JPEG compression damaged the picture ({figure}), and an enlargement shows its blocks."),
        action,
        option,
    })
}

/// The quality of JPEG that usually leaves such blocks, in steps of 10.
fn quality_of(blocks: f64) -> u8 {
    match blocks {
        _ if blocks < 1.45 => 60,
        _ if blocks < 1.7 => 50,
        _ if blocks < 2.0 => 40,
        _ if blocks < 2.4 => 30,
        _ => 20,
    }
}

fn blurred(measures: &Measures) -> Option<Advice> {
    let (sharpest, widest) = (f64::from(measures.widths.sharpest), f64::from(measures.widths.widest));
    let (across, ratio) = SHAKEN;
    let is_moved = widest >= across && widest >= ratio * sharpest;
    if !is_moved && sharpest < OUT_OF_FOCUS {
        return None;
    }
    let value = if is_moved { widest } else { sharpest };
    let sentence = if is_moved {
        format!(
            "The picture has motion blur: its sharpest edges are {} pixels wide in one direction and {} in another.",
            rounded(widest, 1),
            rounded(sharpest, 1)
        )
    } else {
        format!("The picture is out of focus: even its sharpest edges are {} pixels wide.", rounded(sharpest, 1))
    };
    Some(Advice {
        code: AdviceCode::Blurred,
        value: rounded(value, 1),
        sentence,
        action: "No enlargement brings the lost detail back. Use a sharper picture, or a smaller factor.".to_owned(),
        option: None,
    })
}

fn content(measures: &Measures, question: &Question, kind: Kind) -> Option<Advice> {
    let preset = question.preset.as_deref();
    let equal = (measures.content.equal * 100.0).round();
    let colours = measures.content.colours;
    let (sentence, action, option) = match kind {
        Kind::PixelArt if question.method.is_none() => (
            format!(
                "This is pixel art: {colours} colours, and edges without a tone between them. Networks would smear its pixels."
            ),
            "Use the method Nearest, with a whole factor.",
            ("method", "nearest"),
        ),
        Kind::Drawn if preset.is_some_and(|preset| FOR_PHOTOS.contains(&preset)) => (
            format!("This is a drawing or a screenshot, not a photo: {equal} % of neighbouring pixels are equal."),
            "Use the preset Illustration, which keeps lines sharp and areas even.",
            ("preset", ILLUSTRATION),
        ),
        Kind::Photo if preset == Some(ILLUSTRATION) => (
            format!(
                "This is a photo, not a drawing: only {equal} % of neighbouring pixels are equal. Illustration would give it outlines."
            ),
            "Use the preset Natural.",
            ("preset", NATURAL),
        ),
        _ => return None,
    };
    Some(Advice {
        code: AdviceCode::Content,
        value: rounded(measures.content.equal, 3),
        sentence,
        action: action.to_owned(),
        option: Some((option.0, option.1.to_owned())),
    })
}

fn sharpened(measures: &Measures, question: &Question) -> Option<Advice> {
    let [black, white] = measures.tones.ends;
    let (halo, middle) = (f64::from(measures.halo).max(0.0), measures.middle);
    let is_cut = black >= 0.002 && white >= 0.002;
    // Noise raises the middle frequencies too, but leaves no neighbours equal; JPEG makes haloes of its own.
    let is_clean = measures.content.equal >= 0.01 && measures.noise[0] * 255.0 < 7.0;
    let is_clean = is_clean && f64::from(measures.wear.blocks) < POOR_BLOCKS;
    let is_sharpened = is_cut && is_clean && (middle > MIDDLE || halo > HALO);
    let is_followed = (question.strength * 100.0).round() <= f32::from(MODERATE_STRENGTH);
    let sentence = if halo > HALO {
        format!(
            "The picture was sharpened too much: edges have haloes of up to {:.0} % of their height, which an enlargement widens.",
            halo * 100.0
        )
    } else {
        format!(
            "The picture was sharpened too much: its fine detail has {middle:.1} dB relative to its coarse detail, and {MIDDLE} dB or less is usual."
        )
    };
    (is_sharpened && !is_followed).then(|| Advice {
        code: AdviceCode::Sharpened,
        value: (halo * 100.0).round(),
        sentence,
        action: "Use a version that was not sharpened, or a lower strength.".to_owned(),
        option: Some(("strength", MODERATE_STRENGTH.to_string())),
    })
}

fn clipped(measures: &Measures) -> Option<Advice> {
    let (share, near) = CLIPPED;
    let cut = |end: usize| measures.tones.ends[end] >= share && measures.tones.near[end] >= near;
    let end = [0, 1]
        .into_iter()
        .filter(|end| cut(*end))
        .max_by(|a, b| measures.tones.ends[*a].total_cmp(&measures.tones.ends[*b]))?;
    let percent = (measures.tones.ends[end] * 100.0).round();
    let (name, other) = if end == 0 { ("black", "shadows") } else { ("white", "highlights") };
    Some(Advice {
        code: AdviceCode::Clipped,
        value: percent,
        sentence: format!(
            "{percent:.0} % of the picture is plain {name}, because its {other} were cut off. Nothing is left there to enlarge."
        ),
        action: "Use another exposure, or develop or scan the picture again.".to_owned(),
        option: None,
    })
}

fn screened(measures: &Measures, question: &Question) -> Option<Advice> {
    let (_, period) = measures.screen;
    // A dot then has one pixel. Noise levels leave the dots: to a network they are detail.
    let percent = rounded(100.0 / period, 0).max(1.0);
    (question.reduce_first > percent).then(|| Advice {
        code: AdviceCode::Screened,
        value: rounded(period, 1),
        sentence: format!(
            "The picture is a scanned print: its halftone dots are {} pixels apart and would become moiré.",
            rounded(period, 1)
        ),
        action: format!("Reduce the picture to {percent} % first, so that the dots merge."),
        option: Some(("reduce_first", percent.to_string())),
    })
}

fn large(question: &Question) -> Option<Advice> {
    let asked = question.result.as_ref()?;
    let side = asked.size.width.max(asked.size.height);
    let advice = |value: f64, sentence: String, action: String| {
        Some(Advice { code: AdviceCode::Large, value, sentence, action, option: None })
    };
    if let Some((longest, format)) = asked.longest.filter(|(longest, _)| side > *longest) {
        return advice(
            f64::from(side),
            format!("The result is {side} pixels long, and {format} holds {longest} at most."),
            "Choose a smaller factor or another format, such as TIFF.".to_owned(),
        );
    }
    if let Some((needed, available)) = asked.memory.filter(|(needed, available)| needed > available) {
        let gigabytes = |bytes: u64| rounded(bytes as f64 / 1e9, 1);
        return advice(
            gigabytes(needed),
            format!("The run needs {} GB of memory, and {} GB are available.", gigabytes(needed), gigabytes(available)),
            "Choose a smaller factor, or close other programs.".to_owned(),
        );
    }
    let density = asked.print.filter(|density| *density > PRINT * 1.05)?;
    advice(
        f64::from(side),
        format!("The result has {} dots per inch at the size named, and a print needs {PRINT}.", density.round()),
        format!(
            "Choose {PRINT} dots per inch: the result then has {:.0} pixels on its longer side.",
            f64::from(side) * PRINT / density
        ),
    )
}

fn rounded(value: f64, places: i32) -> f64 {
    let scale = 10f64.powi(places);
    (value * scale).round() / scale
}
