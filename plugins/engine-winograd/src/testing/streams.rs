//! Row streams: the same as tiles to the last bit, and in the memory that was said.

use enlarger::RowStream;
use half::f16;
use proptest::prelude::*;

use super::*;
use crate::kernels::quantise::SMALL_GROUP;

/// What a stream makes of a picture, channel by channel; none where there is no stream.
pub(crate) fn streamed<E: Element>(
    network: &Network,
    output: &str,
    picture: &Array,
    isa: Isa,
    arithmetic: Arithmetic,
    threads: usize,
) -> Option<Array> {
    let threads = Arc::new(Threads::new(threads).unwrap());
    let program = Program::<E>::new(&compile(network, output).unwrap(), isa, arithmetic, &threads).unwrap();
    let mut stream = Stream::open(&Arc::new(program), &threads, picture.width).unwrap()?;
    let (cancel, mut rows) = (Cancel::new(), Vec::new());
    let mut row = vec![f32::NAN; stream.row()];
    for y in 0..picture.height {
        while stream.pull(&mut row, &cancel).unwrap() {
            rows.push(row.clone());
        }
        let lines = (0..picture.channels).flat_map(|channel| {
            let first = (channel * picture.height + y) * picture.width;
            picture.data[first..first + picture.width].iter().map(|value| *value as f32)
        });
        stream.push(&lines.collect::<Vec<f32>>(), &cancel).unwrap();
    }
    stream.finish(&cancel).unwrap();
    while stream.pull(&mut row, &cancel).unwrap() {
        rows.push(row.clone());
    }
    assert!(stream.push(&row, &cancel).is_err(), "it has ended");
    let channels = compile(network, output).unwrap().emit.channels;
    let (height, width) = (rows.len(), row.len() / channels);
    Some(Array::from_fn([channels, height, width], |c, y, x| f64::from(rows[y][c * width + x])))
}

fn default_network() -> Network {
    Network::read(DEFAULT).unwrap()
}

fn noise(channels: usize, height: usize, width: usize, seed: u32) -> Array {
    let mut numbers = Numbers::new(seed);
    let data = numbers.many(channels * height * width).into_iter().map(f64::from).collect();
    Array { channels, height, width, data }
}

/// A picture of the default network both ways, as bits. What is no number must be none both ways.
fn both<E: Element>(picture: &Array, arithmetic: Arithmetic, threads: usize) -> [Vec<u64>; 2] {
    let network = default_network();
    let shape = [3, 4 * picture.height, 4 * picture.width];
    let tile = run::<E>(&network, "output", picture, shape, Isa::best(), arithmetic, threads).unwrap();
    let stream = streamed::<E>(&network, "output", picture, Isa::best(), arithmetic, threads).unwrap();
    assert_eq!(stream.shape(), shape);
    [tile, stream].map(|made| made.data.iter().map(|v| if v.is_finite() { v.to_bits() } else { u64::MAX }).collect())
}

const FAST: Arithmetic = Arithmetic { floats: [25, 30], large: 10, group: SMALL_GROUP, halves: true };

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, ..ProptestConfig::default() })]

    /// Sizes from one pixel on: less than what the network reaches, and more than pieces of work have rows.
    #[test]
    fn a_stream_is_a_tile_of_the_whole_picture(
        seed: u32, height in 1usize..90, width in 1usize..50, threads in 1usize..4, exact: bool,
    ) {
        let picture = noise(3, height, width, seed);
        let [tile, stream] = match exact {
            true => both::<f32>(&picture, Arithmetic::EXACT, threads),
            false => both::<f16>(&picture, FAST, threads),
        };
        prop_assert!(tile == stream);
    }

    /// Steps that a network rarely has, in a row: mirrored and cropped borders, strides, enlarged pixels.
    #[test]
    fn any_steps(seed: u32, channels in 1usize..20, height in 6usize..70, width in 6usize..20, stride in 1i64..3) {
        let mut sketch = Sketch::new(channels, seed);
        let integers = |values: &[i64]| Attribute::Integers(values.to_vec());
        let pads = sketch.integers(&[0, 0, 3, 2, 0, 0, 5, 1]);
        let mirrored = sketch.node("Pad", &["in", &pads], &[("mode", Attribute::Text("reflect".to_owned()))]);
        let made = sketch.convolution(&mirrored, channels, 20, 0);
        let lists = [[1, 2], [-3, i64::from(i32::MAX)], [2, 3]].map(|list| sketch.integers(&list));
        let cropped = sketch.node("Slice", &[&made, &lists[0], &lists[1], &lists[2]], &[]);
        let weights = sketch.floats(&[20, 6, 4, 4], 0.1);
        let attributes = [("pads", integers(&[3, 3, 3, 3])), ("strides", integers(&[2, 2]))];
        let enlarged = sketch.node("ConvTranspose", &[&cropped, &weights], &attributes);
        let weights = sketch.floats(&[9, 6, 3, 3], 0.2);
        let attributes = [("pads", integers(&[1, 1, 1, 1])), ("strides", integers(&[stride, stride]))];
        let made = sketch.node("Conv", &[&enlarged, &weights], &attributes);
        let first = sketch.convolution(&made, 9, 9, 1);
        let sum = sketch.node("Add", &[&first, &made], &[]);
        let joined = sketch.node("Concat", &[&sum, &made], &[("axis", Attribute::Integer(1))]);
        let scales = sketch.constant(&[4], Data::Floats(vec![1.0, 1.0, 2.0, 2.0]));
        let enlarged = sketch.node("Resize", &[&joined, "", &scales], &[("mode", Attribute::Text("nearest".to_owned()))]);
        let made = sketch.convolution(&enlarged, 18, 8, 1);
        let made = sketch.node("DepthToSpace", &[&made], &[("blocksize", Attribute::Integer(2))]);
        let made = sketch.convolution(&made, 2, 3, 1);
        let picture = noise(channels, height, width, seed);
        let expected = reference(&sketch.network, &made, &HashMap::from([("in", picture.clone())]));
        let stream = streamed::<f32>(&sketch.network, &made, &picture, Isa::best(), Arithmetic::EXACT, 2).unwrap();
        let tile = run::<f32>(&sketch.network, &made, &picture, expected.shape(), Isa::best(), Arithmetic::EXACT, 2);
        prop_assert_eq!(stream.shape(), expected.shape());
        prop_assert!(stream.data == tile.unwrap().data);
        prop_assert!(stream.distance(&expected) < 1e-4, "{}", stream.distance(&expected));
    }
}

/// What is no number neither holds a stream up nor gets lost.
#[test]
fn what_is_no_number_flows_on() {
    let mut picture = noise(3, 70, 20, 9);
    picture.data[3 * 20 + 7] = f64::NAN;
    for [tile, stream] in [both::<f32>(&picture, Arithmetic::EXACT, 2), both::<f16>(&picture, FAST, 2)] {
        let bad = tile.iter().zip(&stream).filter(|(a, b)| a != b).count();
        assert!(tile == stream, "{bad} of {} differ", tile.len());
        assert!(stream.contains(&u64::MAX), "it was lost");
    }
}

#[test]
fn a_cancel_stops_a_stream() {
    let threads = Arc::new(Threads::new(2).unwrap());
    let plan = compile(&default_network(), "output").unwrap();
    let program = Arc::new(Program::<f32>::new(&plan, Isa::best(), Arithmetic::EXACT, &threads).unwrap());
    let mut stream = Stream::open(&program, &threads, 2000).unwrap().unwrap();
    let (cancel, mut row) = (Cancel::new(), vec![0.0; stream.row()]);
    for _ in 0..200 {
        stream.push(&vec![0.5; 6000], &cancel).unwrap();
    }
    std::thread::scope(|scope| {
        let running = scope.spawn(|| {
            while stream.pull(&mut row, &cancel)? {}
            Ok(())
        });
        std::thread::sleep(Duration::from_millis(100));
        assert!(!running.is_finished(), "the stream is too short for this test");
        let start = Instant::now();
        cancel.cancel();
        let outcome: Result<()> = running.join().unwrap();
        assert_eq!(outcome.unwrap_err().kind(), enlarger::ErrorKind::Cancelled);
        // A few milliseconds on a machine that does nothing else.
        assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    });
}

/// The memory that was said is what is taken: no more, and not absurdly less.
#[test]
fn a_stream_takes_what_was_said() {
    let plan = compile(&default_network(), "output").unwrap();
    for (width, threads) in [(40, 1), (150, 2), (400, 3), (700, 2)] {
        let pool = Arc::new(Threads::new(threads).unwrap());
        let program = Arc::new(Program::<f16>::new(&plan, Isa::best(), FAST, &pool).unwrap());
        let mut stream = Stream::open(&program, &pool, width).unwrap().unwrap();
        let (cancel, mut row) = (Cancel::new(), vec![0.0; stream.row()]);
        let mut most = 0;
        // Narrow pictures wait for more rows before anything is done.
        for _ in 0..(200_000 / width).max(400) {
            stream.push(&vec![0.5; 3 * width], &cancel).unwrap();
            while stream.pull(&mut row, &cancel).unwrap() {
                most = most.max(stream.bytes());
            }
        }
        let matrices = program.scratch_bytes();
        let said = stream_memory(&program, threads, width) - threads * matrices;
        assert!(most <= said && most > said / 4, "{width} columns: {most} bytes, {said} were said");
        drop(stream);
        for _ in 0..threads {
            let taken = program.scratch.take().bytes();
            assert!(taken <= matrices && (threads > 1 || taken == matrices), "{width} columns: {taken}");
        }
    }
}

/// Rows are used again by the next stream that has such rows, and do not stay for one that has others.
#[test]
fn a_stream_leaves_its_rows() {
    let pool = Arc::new(Threads::new(1).unwrap());
    let plan = compile(&default_network(), "output").unwrap();
    let program = Arc::new(Program::<f16>::new(&plan, Isa::best(), FAST, &pool).unwrap());
    let run = |width: usize| {
        let mut stream = Stream::open(&program, &pool, width).unwrap().unwrap();
        let (before, cancel, mut row) = (stream.bytes(), Cancel::new(), vec![0.0; stream.row()]);
        for _ in 0..400 {
            stream.push(&vec![0.5; 3 * width], &cancel).unwrap();
            while stream.pull(&mut row, &cancel).unwrap() {}
        }
        stream.finish(&cancel).unwrap();
        while stream.pull(&mut row, &cancel).unwrap() {}
        (before, stream.bytes())
    };
    let (first, left) = run(100);
    assert!(first == 0 && left > 0);
    assert_eq!(run(100), (left, left));
    assert_eq!(run(400).0, 0);
}

fn stream_memory<E: Element>(program: &Program<E>, threads: usize, width: usize) -> usize {
    crate::stream::memory(program, threads, width).unwrap().unwrap() as usize
}

/// Networks that look at the whole picture have no stream.
#[test]
fn a_mean_needs_the_whole_picture() {
    let mut sketch = Sketch::new(3, 1);
    let mean = sketch.node("GlobalAveragePool", &["in"], &[]);
    let made = sketch.node("Mul", &["in", &mean], &[]);
    assert!(streamed::<f32>(&sketch.network, &made, &noise(3, 5, 5, 1), Isa::best(), Arithmetic::EXACT, 1).is_none());
}
