//! Runs the whole pipeline with a nearest-neighbour network on any bytes as pixels of any format, with any bytes as ICC
//! profile. The run must return an error or a result of the right size, and never panic.
#![no_main]

#[path = "../../src/toy.rs"]
#[allow(dead_code)]
mod toy;

use std::sync::Arc;

use enlarger::{
    Alpha, Cancel, Channels, Colour, Format, Job, Rect, Sample, SessionOptions, Size, Target, Upscaler, View, ViewMut,
    ViewSink, ViewSource,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((head, rest)) = data.split_at_checked(10) else { return };
    let format = |a: u8, b: u8| Format {
        sample: [Sample::U8, Sample::U16, Sample::F16, Sample::F32][usize::from(a % 4)],
        channels: [Channels::Gray, Channels::GrayAlpha, Channels::Rgb, Channels::Rgba, Channels::Bgra]
            [usize::from(b % 5)],
        alpha: if b & 128 == 0 { Alpha::Straight } else { Alpha::Premultiplied },
    };
    let (input, output) = (format(head[0], head[1]), format(head[2], head[3]));
    let size = Size { width: u32::from(head[4] % 24) + 1, height: u32::from(head[5] % 24) + 1 };
    let stride = input.row_size(size.width) + usize::from(head[6] % 3);
    let length = stride * size.height as usize;
    let (pixels, icc) = rest.split_at(rest.len().min(length));
    let colour = match head[7] % 3 {
        0 => Colour::Srgb,
        1 => Colour::LinearSrgb,
        _ => Colour::Icc(icc.into()),
    };
    // Buffers that are too short are refused.
    let Ok(view) = View::new(pixels, stride, size, input) else { return };
    let mut job = Job::new(Target::Factor(f64::from(head[8]) / 32.0));
    job.tile = Some(u32::from(head[9] % 16) + 1);
    job.colour_lock = head[9] & 128 == 0;
    if head[9] & 64 != 0 {
        job.rect = Some(Rect { x: size.width / 3, y: size.height / 4, width: size.width / 2, height: size.height / 2 });
    }
    let up = Upscaler::new(&toy::toy_model(2, 0), Arc::new(toy::Toy::default()), &SessionOptions::default()).unwrap();
    let Ok(plan) = up.plan(size, &job) else { return };
    let mut bytes = vec![0; output.row_size(plan.output.width) * plan.output.height as usize];
    let stride = output.row_size(plan.output.width);
    let mut sink = ViewSink::new(ViewMut::new(&mut bytes, stride, plan.output, output).unwrap());
    let _ = up.run(&mut ViewSource::new(view, colour), &mut sink, &job, &Cancel::new(), &mut |_| {});
});
