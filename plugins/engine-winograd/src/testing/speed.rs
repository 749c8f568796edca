//! How fast the embedded network runs with each instruction set of this processor, for `scripts/bench kernels`.
//!
//! It needs nothing but Rust, so that anyone can measure a processor that the authors do not have. Speed must never be
//! printed without the distance from exact arithmetic. The feature `speed` switches it on, because it is no test.

use super::*;
use crate::execute::loaded_graph::LoadedGraph;
use crate::precision::arithmetic_choice::embedded_choice;

/// The sides of a tile in pixels. The activations of the smaller one fit into most second-level caches.
const SIDES: [usize; 2] = [132, 252];

/// Contenders take turns in this many rounds, of which the fastest counts.
const ROUNDS: usize = 9;

struct Contender {
    name: String,
    threads: Threads,
    graph: LoadedGraph,
    /// The shortest time so far.
    best: Duration,
    result: Vec<f32>,
}

impl Contender {
    fn run(&mut self, picture: &[f32], side: usize) {
        let inputs = [Tensor { name: "input", shape: [1, 3, side, side], data: picture }];
        let to = TensorMut { name: "output", shape: [1, 3, 4 * side, 4 * side], data: &mut self.result };
        let start = Instant::now();
        self.graph.execute_tile(&self.threads, &inputs, to, &Cancel::new()).unwrap();
        self.best = self.best.min(start.elapsed());
    }
}

#[test]
fn speed_of_every_instruction_set() {
    let compiled = compile(&Graph::read(DEFAULT_MODEL).unwrap(), "output").unwrap();
    let processors = std::thread::available_parallelism().map_or(1, Into::into);
    for side in SIDES {
        let mut numbers = RandomNumbers::new(7);
        // A gradient with noise.
        let pixel = |i: usize| 0.2 + 0.5 * (i % side) as f32 / side as f32 + 0.1 * numbers.next();
        let picture: Vec<f32> = (0..3 * side * side).map(pixel).collect();
        let mut contenders = Vec::new();
        for isa in InstructionSet::available() {
            for threads in (1..=processors).filter(|count| *count == 1 || *count == processors) {
                for (kind, arithmetic) in [("exact", Arithmetic::EXACT), ("auto", embedded_choice(isa))] {
                    let pool = Threads::new(threads).unwrap();
                    contenders.push(Contender {
                        name: format!("{} {kind}, {threads} threads", isa.name()),
                        graph: LoadedGraph::new(&compiled, isa, arithmetic, &pool).unwrap(),
                        threads: pool,
                        best: Duration::MAX,
                        result: vec![0.0; 48 * side * side],
                    });
                }
            }
        }
        for _ in 0..ROUNDS {
            contenders.iter_mut().for_each(|contender| contender.run(&picture, side));
        }
        let exact = &contenders[0].result;
        for Contender { name, best, result, .. } in &contenders {
            let squares: f64 = result.iter().zip(exact).map(|(a, b)| f64::from(a - b).powi(2)).sum();
            let decibels = -10.0 * (squares / result.len() as f64).log10();
            println!("{side}x{side}, {name}: {:.1} ms, {decibels:.1} dB", 1e3 * best.as_secs_f64());
            assert!(decibels >= 65.0, "{name} is too inaccurate");
        }
    }
}
