//! Row streams: equal to tiles to the last bit, within the stated memory.

use enlarger::RowStream;
use half::f16;
use proptest::prelude::*;

use super::*;
use crate::kernels::quantised_input_transform::SMALL_GROUP;

/// The result of a stream, channel by channel; `None` if the graph cannot be streamed.
pub(crate) fn streamed<E: Element>(
    graph: &Graph,
    output: &str,
    picture: &Array,
    isa: InstructionSet,
    arithmetic: Arithmetic,
    threads: usize,
) -> Option<Array> {
    let threads = Arc::new(Threads::new(threads).unwrap());
    let prepared = PreparedGraph::<E>::new(&compile(graph, output).unwrap(), isa, arithmetic, &threads).unwrap();
    let mut stream = GraphStream::open(&Arc::new(prepared), &threads, picture.width).unwrap()?;
    let (cancel, mut rows) = (Cancel::new(), Vec::new());
    let mut row = vec![f32::NAN; stream.samples_per_row()];
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
    assert!(stream.push(&row, &cancel).is_err(), "the stream has ended");
    let channels = compile(graph, output).unwrap().assembly.channels;
    let (height, width) = (rows.len(), row.len() / channels);
    Some(Array::from_fn([channels, height, width], |c, y, x| f64::from(rows[y][c * width + x])))
}

fn default_graph() -> Graph {
    Graph::read(DEFAULT_MODEL).unwrap()
}

fn noise(channels: usize, height: usize, width: usize, seed: u32) -> Array {
    let mut numbers = RandomNumbers::new(seed);
    let data = numbers.many(channels * height * width).into_iter().map(f64::from).collect();
    Array { channels, height, width, data }
}

/// The result of the default network as a tile and as a stream, as bits. Values that are not finite compare as equal.
fn as_tile_and_stream<E: Element>(picture: &Array, arithmetic: Arithmetic, threads: usize) -> [Vec<u64>; 2] {
    let graph = default_graph();
    let shape = [3, 4 * picture.height, 4 * picture.width];
    let tile =
        execute_tile::<E>(&graph, "output", picture, shape, InstructionSet::best(), arithmetic, threads).unwrap();
    let stream = streamed::<E>(&graph, "output", picture, InstructionSet::best(), arithmetic, threads).unwrap();
    assert_eq!(stream.shape(), shape);
    [tile, stream]
        .map(|result| result.data.iter().map(|v| if v.is_finite() { v.to_bits() } else { u64::MAX }).collect())
}

const FAST: Arithmetic = Arithmetic { float_layers: [25, 30], f6_layers: 10, group: SMALL_GROUP, halves: true };

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, ..ProptestConfig::default() })]

    /// Sizes from one pixel on: smaller than the network's receptive field, and with more rows than a task.
    #[test]
    fn a_stream_equals_a_tile_of_the_whole_picture(
        seed: u32, height in 1usize..90, width in 1usize..50, threads in 1usize..4, exact: bool,
    ) {
        let (height, width) = unless_emulated((height, width), (1 + height % 24, 1 + width % 12));
        let picture = noise(3, height, width, seed);
        let [tile, stream] = match exact {
            true => as_tile_and_stream::<f32>(&picture, Arithmetic::EXACT, threads),
            false => as_tile_and_stream::<f16>(&picture, FAST, threads),
        };
        prop_assert!(tile == stream);
    }

    /// Operations that are rare in networks, one after the other: mirrored and cropped borders, strides, enlarged
    /// pixels.
    #[test]
    fn streams_of_rare_operations_equal_tiles(seed: u32, channels in 1usize..20, height in 6usize..70, width in 6usize..20, stride in 1i64..3) {
        let mut builder = GraphBuilder::new(channels, seed);
        let integers = |values: &[i64]| Attribute::Integers(values.to_vec());
        let pads = builder.integers(&[0, 0, 3, 2, 0, 0, 5, 1]);
        let mirrored = builder.node("Pad", &["in", &pads], &[("mode", Attribute::Text("reflect".to_owned()))]);
        let result = builder.convolution(&mirrored, channels, 20, 0);
        let lists = [[1, 2], [-3, i64::from(i32::MAX)], [2, 3]].map(|list| builder.integers(&list));
        let cropped = builder.node("Slice", &[&result, &lists[0], &lists[1], &lists[2]], &[]);
        let weights = builder.floats(&[20, 6, 4, 4], 0.1);
        let attributes = [("pads", integers(&[3, 3, 3, 3])), ("strides", integers(&[2, 2]))];
        let enlarged = builder.node("ConvTranspose", &[&cropped, &weights], &attributes);
        let weights = builder.floats(&[9, 6, 3, 3], 0.2);
        let attributes = [("pads", integers(&[1, 1, 1, 1])), ("strides", integers(&[stride, stride]))];
        let result = builder.node("Conv", &[&enlarged, &weights], &attributes);
        let first = builder.convolution(&result, 9, 9, 1);
        let sum = builder.node("Add", &[&first, &result], &[]);
        let joined = builder.node("Concat", &[&sum, &result], &[("axis", Attribute::Integer(1))]);
        let scales = builder.constant(&[4], ConstantData::Floats(vec![1.0, 1.0, 2.0, 2.0]));
        let enlarged = builder.node("Resize", &[&joined, "", &scales], &[("mode", Attribute::Text("nearest".to_owned()))]);
        let result = builder.convolution(&enlarged, 18, 8, 1);
        let result = builder.node("DepthToSpace", &[&result], &[("blocksize", Attribute::Integer(2))]);
        let result = builder.convolution(&result, 2, 3, 1);
        let picture = noise(channels, height, width, seed);
        let expected = reference(&builder.graph, &result, &HashMap::from([("in", picture.clone())]));
        let stream = streamed::<f32>(&builder.graph, &result, &picture, InstructionSet::best(), Arithmetic::EXACT, 2).unwrap();
        let tile = execute_tile::<f32>(&builder.graph, &result, &picture, expected.shape(), InstructionSet::best(), Arithmetic::EXACT, 2);
        prop_assert_eq!(stream.shape(), expected.shape());
        prop_assert!(stream.data == tile.unwrap().data);
        prop_assert!(stream.distance(&expected) < 1e-4, "{}", stream.distance(&expected));
    }
}

/// Values that are not finite neither stop a stream nor get lost.
#[test]
fn values_that_are_not_finite_reach_the_output() {
    let mut picture = noise(3, 70, 20, 9);
    picture.data[3 * 20 + 7] = f64::NAN;
    for [tile, stream] in
        [as_tile_and_stream::<f32>(&picture, Arithmetic::EXACT, 2), as_tile_and_stream::<f16>(&picture, FAST, 2)]
    {
        let bad = tile.iter().zip(&stream).filter(|(a, b)| a != b).count();
        assert!(tile == stream, "{bad} of {} differ", tile.len());
        assert!(stream.contains(&u64::MAX), "the value was lost");
    }
}

#[test]
fn cancelling_stops_a_stream() {
    let threads = Arc::new(Threads::new(2).unwrap());
    let compiled = compile(&default_graph(), "output").unwrap();
    let prepared =
        Arc::new(PreparedGraph::<f32>::new(&compiled, InstructionSet::best(), Arithmetic::EXACT, &threads).unwrap());
    let width = unless_emulated(2000, 800);
    let mut stream = GraphStream::open(&prepared, &threads, width).unwrap().unwrap();
    let (cancel, mut row) = (Cancel::new(), vec![0.0; stream.samples_per_row()]);
    for _ in 0..200 {
        stream.push(&vec![0.5; 3 * width], &cancel).unwrap();
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
        // It takes a few milliseconds on an idle machine.
        assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    });
}

/// The most memory that a stream of a long picture takes, and what was stated; both without the matrices of the threads.
pub(super) fn peak_and_stated(graph: &Graph, output: &str, width: usize, threads: usize) -> [usize; 2] {
    let compiled = compile(graph, output).unwrap();
    let pool = Arc::new(Threads::new(threads).unwrap());
    let prepared = Arc::new(PreparedGraph::<f16>::new(&compiled, InstructionSet::best(), FAST, &pool).unwrap());
    let mut stream = GraphStream::open(&prepared, &pool, width).unwrap().unwrap();
    let (cancel, mut row) = (Cancel::new(), vec![0.0; stream.samples_per_row()]);
    let mut peak = 0;
    // A stream of narrow pictures collects more rows before it computes anything.
    for _ in 0..unless_emulated((200_000 / width).max(400), 400) {
        stream.push(&vec![0.5; 3 * width], &cancel).unwrap();
        while stream.pull(&mut row, &cancel).unwrap() {
            peak = peak.max(stream.bytes());
        }
    }
    let matrices = prepared.scratch_bytes();
    let stated = stream_memory(&prepared, threads, width) - threads * matrices;
    drop(stream);
    for _ in 0..threads {
        let taken = prepared.scratch.take().bytes();
        assert!(taken <= matrices && (threads > 1 || taken == matrices), "{width} columns: {taken}");
    }
    [peak, stated]
}

/// A stream takes no more memory than stated, and at least a quarter of it.
#[test]
fn a_stream_takes_the_stated_memory() {
    let widths = [(100, 2), (40, 1), (150, 2), (400, 3), (700, 2)];
    for &(width, threads) in unless_emulated(&widths[1..], &widths[..1]) {
        let [peak, stated] = peak_and_stated(&default_graph(), "output", width, threads);
        assert!(peak <= stated && peak > stated / 4, "{width} columns: {peak} bytes, {stated} were stated");
    }
}

/// Row buffers are used again by the next stream with such rows, and freed by one with other rows.
#[test]
fn row_buffers_are_used_again() {
    let pool = Arc::new(Threads::new(1).unwrap());
    let compiled = compile(&default_graph(), "output").unwrap();
    let prepared = Arc::new(PreparedGraph::<f16>::new(&compiled, InstructionSet::best(), FAST, &pool).unwrap());
    let execute = |width: usize| {
        let mut stream = GraphStream::open(&prepared, &pool, width).unwrap().unwrap();
        let (before, cancel, mut row) = (stream.bytes(), Cancel::new(), vec![0.0; stream.samples_per_row()]);
        for _ in 0..unless_emulated(400, 100) {
            stream.push(&vec![0.5; 3 * width], &cancel).unwrap();
            while stream.pull(&mut row, &cancel).unwrap() {}
        }
        stream.finish(&cancel).unwrap();
        while stream.pull(&mut row, &cancel).unwrap() {}
        (before, stream.bytes())
    };
    let width = unless_emulated(100, 40);
    let (first, left) = execute(width);
    assert!(first == 0 && left > 0);
    assert_eq!(execute(width), (left, left));
    assert_eq!(execute(4 * width).0, 0);
}

fn stream_memory<E: Element>(prepared: &PreparedGraph<E>, threads: usize, width: usize) -> usize {
    crate::execute::row_stream::memory(prepared, threads, width).unwrap().unwrap() as usize
}

/// Networks that look at the whole picture cannot be streamed.
#[test]
fn a_mean_needs_the_whole_picture() {
    let mut builder = GraphBuilder::new(3, 1);
    let mean = builder.node("GlobalAveragePool", &["in"], &[]);
    let result = builder.node("Mul", &["in", &mean], &[]);
    assert!(
        streamed::<f32>(&builder.graph, &result, &noise(3, 5, 5, 1), InstructionSet::best(), Arithmetic::EXACT, 1)
            .is_none()
    );
}
