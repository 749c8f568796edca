//! Old photographs: what has faded comes back and scratches are filled, in every format, as a whole and in parts; and nothing else changes.

use std::sync::Arc;

use enlarger::{
    Cancel, Channels, Colour, Damage, Fading, Format, Job, Mask, Rect, Result, Sample, Size, Target, Upscaler, View,
    ViewSource,
};
use enlarger_tests::picture::{RGB8, RGB32F, RGBA8};
use enlarger_tests::{Picture, Toy, enlarge, enlarge_as, job, toy_model, upscaler};
use moxcms::ColorProfile;

const SIZE: Size = Size { width: 240, height: 200 };

/// The bright scratch and the dark one, each two pixels wide.
fn is_scratch(x: u32, y: u32) -> Option<f32> {
    let bright = (70..72).contains(&x).then_some(0.98);
    bright.or(((120..122).contains(&y) && x > 90).then_some(0.03))
}

/// A smooth picture whose tones reach from `black` to `white`, by channel.
fn tone(x: u32, y: u32, c: usize, [black, white]: [f32; 2]) -> f32 {
    let wave = (x as f32 / 37.0).sin() * (y as f32 / 29.0).cos();
    black + (white - black) * (0.5 + 0.5 * (0.6 + 0.1 * c as f32) * wave)
}

/// Channel 3, or the last of gray, is alpha.
fn picture(format: Format, ends: [f32; 2], scratched: bool) -> Picture {
    let alpha = format.channels.count().is_multiple_of(2);
    let last = format.channels.count() - 1;
    Picture::from_fn(SIZE.width, SIZE.height, format, move |x, y, c| match is_scratch(x, y) {
        _ if alpha && c == last => {
            if (x + y) % 50 < 5 {
                0.5
            } else {
                1.0
            }
        }
        Some(value) if scratched => value,
        _ => tone(x, y, c, ends),
    })
}

/// The plain enlargement: no network changes what repair made.
fn up() -> Upscaler {
    upscaler(&toy_model(2, 1), Arc::new(Toy::default()))
}

fn find(picture: &Picture, job: &mut Job) -> Result<()> {
    let view = View::new(&picture.bytes, picture.stride(), picture.size, picture.format)?;
    let mut source = ViewSource::new(view, picture.colour.clone());
    job.damage = Some(Damage::find(&mut source, job, &Cancel::new())?);
    Ok(())
}

/// A job that repairs this much of the damage of a picture.
fn repairing(picture: &Picture, (fading, scratches): (Fading, f32), change: impl FnOnce(&mut Job)) -> Job {
    let mut job = job(Target::Factor(1.0), |job| {
        (job.strength, job.fading, job.scratches) = (0.0, fading, scratches);
        change(job);
    });
    find(picture, &mut job).unwrap();
    job
}

const SOUND: [f32; 2] = [0.1, 0.95];

/// The largest difference from the picture without its scratches, of 255.
fn left(repaired: &Picture, format: Format) -> f32 {
    repaired.distance(&picture(format, SOUND, false))
}

fn formats() -> [Format; 5] {
    let sixteen = Format { sample: Sample::U16, ..RGB8 };
    [RGB8, RGBA8, RGB32F, sixteen, Format { channels: Channels::Gray, ..sixteen }]
}

#[test]
fn scratches_are_filled_in_every_format_and_alpha_stays() {
    for format in formats() {
        let scratched = picture(format, SOUND, true);
        let job = repairing(&scratched, (Fading::NONE, 0.3), |_| {});
        assert!(left(&scratched, format) > 100.0);
        let repaired = enlarge(&up(), &scratched, &job);
        assert!(left(&repaired, format) < 10.0, "{format:?}: {}", left(&repaired, format));
        if format == RGBA8 {
            let alpha = |picture: &Picture| picture.samples().into_iter().skip(3).step_by(4).collect::<Vec<f32>>();
            assert_eq!(alpha(&repaired), alpha(&scratched));
        }
    }
}

#[test]
fn a_profile_is_kept_and_its_scratches_are_filled() {
    let mut scratched = picture(RGB8, SOUND, true);
    scratched.colour = Colour::Icc(ColorProfile::new_adobe_rgb().encode().expect("a profile").into());
    let repaired = enlarge(&up(), &scratched, &repairing(&scratched, (Fading::NONE, 0.3), |_| {}));
    assert!(left(&repaired, RGB8) < 10.0, "{}", left(&repaired, RGB8));
}

#[test]
fn a_picture_that_repeats_is_repaired_too() {
    let scratched = picture(RGB8, SOUND, true);
    let job = repairing(&scratched, (Fading::NONE, 0.3), |job| job.wrap = true);
    let repaired = enlarge(&up(), &scratched, &job);
    let inner = |picture: &Picture| picture.crop(Rect { x: 40, y: 40, width: 150, height: 120 });
    let distance = inner(&repaired).distance(&inner(&picture(RGB8, SOUND, false)));
    assert!(distance < 10.0, "{distance}");
}

#[test]
fn what_has_faded_comes_back_and_how_much_is_a_dial() {
    let faded = picture(RGB8, [0.32, 0.75], false);
    let spread = |fading| {
        let mut samples = enlarge(&up(), &faded, &repairing(&faded, (fading, 0.0), |_| {})).samples();
        samples.sort_by(f32::total_cmp);
        samples[samples.len() * 99 / 100] - samples[samples.len() / 100]
    };
    let [none, half, full] = [0.0, 0.5, 1.0].map(|share| spread(Fading::Share(share)));
    assert!(none + 0.1 < half && half + 0.1 < full, "{none} {half} {full}");
    assert!(spread(Fading::Measured) > half);
    // A picture that has all tones needs nothing.
    let sound = picture(RGB8, [0.02, 0.99], false);
    let job = repairing(&sound, (Fading::Measured, 0.0), |_| {});
    assert_eq!(enlarge(&up(), &sound, &job).bytes, sound.bytes);
}

#[test]
fn a_rectangle_is_repaired_as_the_whole_is() {
    let scratched = picture(RGB32F, [0.3, 0.8], true);
    let whole_job = repairing(&scratched, (Fading::Share(0.7), 0.3), |job| job.target = Target::Factor(2.0));
    let whole = enlarge(&up(), &scratched, &whole_job);
    for rect in [Rect { x: 60, y: 100, width: 30, height: 40 }, Rect { x: 72, y: 0, width: 168, height: 119 }] {
        let mut job = whole_job.clone();
        job.rect = Some(rect);
        let part = enlarge(&up(), &scratched, &job);
        let Rect { x, y, width, height } = rect;
        let same = whole.crop(Rect { x: 2 * x, y: 2 * y, width: 2 * width, height: 2 * height });
        assert!(part.distance(&same) < 1e-3, "{rect:?}: {}", part.distance(&same));
    }
}

#[test]
fn at_zero_nothing_is_found_or_changed() {
    let worn = picture(RGB8, [0.3, 0.8], true);
    let job = repairing(&worn, (Fading::NONE, 0.0), |_| {});
    let damage = job.damage.as_ref().unwrap();
    assert!(damage.tones.is_none() && damage.scratches.is_none() && damage.scratched == 0);
    assert_eq!(enlarge(&up(), &worn, &job).bytes, worn.bytes);
}

#[test]
fn a_mask_says_where_instead_of_the_search() {
    let worn = picture(RGB8, SOUND, true);
    let white = Picture::from_fn(SIZE.width, SIZE.height, Format { channels: Channels::Gray, ..RGB8 }, |x, _, _| {
        f32::from(u8::from((68..74).contains(&x)))
    });
    let view = View::new(&white.bytes, white.stride(), white.size, white.format).unwrap();
    let mask = Mask::copy(view).unwrap();
    let job = repairing(&worn, (Fading::NONE, 0.0), |job| job.scratch_mask = Some(mask));
    let (repaired, report) = enlarge_as(&up(), &worn, RGB8, &job).unwrap();
    assert!(report.notes.iter().all(|note| !note.contains("examined")), "{:?}", report.notes);
    for x in [20, 70, 71, 200] {
        for y in [10, 120, 180] {
            let (made, before) = (repaired.at(x, y, 1), worn.at(x, y, 1));
            assert_eq!(made != before, (70..72).contains(&x), "{x},{y}: {before} became {made}");
        }
    }
}

#[test]
fn a_run_that_knows_of_no_damage_says_so() {
    let worn = picture(RGB8, SOUND, true);
    let job = job(Target::Factor(1.0), |job| (job.strength, job.scratches) = (0.0, 0.3));
    let (made, report) = enlarge_as(&up(), &worn, RGB8, &job).unwrap();
    assert_eq!(made.bytes, worn.bytes);
    assert!(report.notes.iter().any(|note| note.contains("was not examined")), "{:?}", report.notes);
}
