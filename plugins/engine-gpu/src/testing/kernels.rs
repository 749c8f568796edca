//! Every kernel against the naive reference in doubles, on sizes at which tiles begin, end and are left over.

use std::collections::HashMap;
use std::time::Instant;

use enlarger_compiler_testing::{Array, GraphBuilder, RandomNumbers, evaluate_graph};

use super::*;

fn picture(channels: usize, [height, width]: [usize; 2], seed: u32) -> Array {
    let mut numbers = RandomNumbers::new(seed);
    let data = numbers.many(channels * height * width).into_iter().map(f64::from).collect();
    Array { channels, height, width, data }
}

#[test]
fn smoke() {
    let mut builder = GraphBuilder::new(20, 1);
    let result = builder.convolution("in", 20, 40, 1);
    let picture = picture(20, [33, 35], 1);
    let expected = evaluate_graph(&builder.graph, &result, &HashMap::from([("in", picture.clone())]));
    for arithmetic in ARITHMETICS {
        let t = Instant::now();
        let network = network(&builder.graph, &result, arithmetic);
        let found = run(&network, "in", &result, &picture, expected.shape()).unwrap();
        println!("{arithmetic:?} {:e} {:?}", relative(&found, &expected), t.elapsed());
    }
}
