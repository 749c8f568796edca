//! The nodes of a network, as its file lists them.
//!
//! RTen does not say which value comes from which, and that is needed to stop between them. So this reads names, and
//! only names, from the file. It must never fail loudly: what it does not understand, RTen judges.

/// One operation.
pub(crate) struct Node<'a> {
    pub(crate) kind: &'a [u8],
    pub(crate) inputs: Vec<&'a [u8]>,
    pub(crate) outputs: Vec<&'a [u8]>,
}

// Numbers of fields in the ONNX format.
const MODEL_GRAPH: u64 = 7;
const GRAPH_NODE: u64 = 1;
const NODE_INPUT: u64 = 1;
const NODE_OUTPUT: u64 = 2;
const NODE_KIND: u64 = 4;
const NODE_ATTRIBUTE: u64 = 5;
const ATTRIBUTE_GRAPH: u64 = 6;
const ATTRIBUTE_GRAPHS: u64 = 11;

/// The nodes in the file's order, which is one that they can run in. `None` for a file that is not understood, and for
/// one with graphs inside its nodes, which can use values without naming them.
pub(crate) fn nodes(network: &[u8]) -> Option<Vec<Node<'_>>> {
    let graph = fields(network)?.into_iter().find(|(field, _)| *field == MODEL_GRAPH)?.1;
    let mut nodes = Vec::new();
    for (_, bytes) in fields(graph)?.into_iter().filter(|(field, _)| *field == GRAPH_NODE) {
        let mut node = Node { kind: b"", inputs: Vec::new(), outputs: Vec::new() };
        for (field, bytes) in fields(bytes)? {
            match field {
                NODE_INPUT => node.inputs.push(bytes),
                NODE_OUTPUT => node.outputs.push(bytes),
                NODE_KIND => node.kind = bytes,
                NODE_ATTRIBUTE => {
                    let inner = [ATTRIBUTE_GRAPH, ATTRIBUTE_GRAPHS];
                    if fields(bytes)?.iter().any(|(field, _)| inner.contains(field)) {
                        return None;
                    }
                }
                _ => {}
            }
        }
        nodes.push(node);
    }
    Some(nodes)
}

/// The fields of a message that hold bytes; the others are skipped.
fn fields(mut bytes: &[u8]) -> Option<Vec<(u64, &[u8])>> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes)?;
        match key & 7 {
            0 => drop(varint(&mut bytes)?),
            1 => drop(take(&mut bytes, 8)?),
            2 => {
                let length = varint(&mut bytes)?;
                found.push((key >> 3, take(&mut bytes, length)?));
            }
            5 => drop(take(&mut bytes, 4)?),
            _ => return None,
        }
    }
    Some(found)
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let byte = *take(bytes, 1)?.first()?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn take<'a>(bytes: &mut &'a [u8], count: u64) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(usize::try_from(count).ok()?)?;
    *bytes = rest;
    Some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NETWORK: &[u8] = include_bytes!("../../../core/models/realesr-general-x4v3/model.onnx");

    #[test]
    fn the_default_network_has_34_convolutions() {
        let nodes = nodes(NETWORK).unwrap();
        assert_eq!(nodes.iter().filter(|node| node.kind == b"Conv").count(), 34);
        assert!(nodes.iter().any(|node| node.inputs.contains(&b"input".as_slice())));
        assert!(nodes.iter().any(|node| node.outputs.contains(&b"output".as_slice())));
    }

    #[test]
    fn nonsense_is_nothing_and_no_panic() {
        assert!(nodes(b"").is_none());
        for length in (0..4096).chain([NETWORK.len() / 2, NETWORK.len() - 1]) {
            assert!(nodes(&NETWORK[..length]).is_none_or(|nodes| nodes.is_empty()), "{length}");
        }
        let mut bytes = NETWORK[..4096].to_vec();
        for at in 0..bytes.len() {
            bytes[at] ^= 0xff;
            let _ = nodes(&bytes);
        }
    }
}
