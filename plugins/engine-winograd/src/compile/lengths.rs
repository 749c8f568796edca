//! Integers that networks compute from a picture's size, to extend the picture to a multiple and to cut the result to its size.
//!
//! Sizes are unknown here, so such an integer is a formula. Only those are known that an operation can carry out; a formula
//! must never be replaced by a number.

use enlarger::Result;

use crate::compiled_graph::{Beyond, OperationKind, ValueId};
use crate::graph::{Constant, Node};

use super::operators::padding;
use super::{Compiler, Symbol, refused};

/// An integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    Number(i64),
    /// A side of a value, times a number.
    Side {
        side: Side,
        times: i64,
    },
    /// The remainder of a side.
    Over {
        side: Side,
        multiple: i64,
    },
    /// A number minus the remainder by it of a side.
    Under {
        side: Side,
        multiple: i64,
    },
    /// What a side lacks to a multiple of a number, plus another number.
    Lacking {
        side: Side,
        multiple: i64,
        plus: i64,
    },
}

/// The height (0) or the width (1) of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Side {
    of: ValueId,
    axis: usize,
}

impl<'a> Compiler<'a> {
    /// The integers that a node computes; `None` if it does not compute integers from sizes.
    pub(super) fn lengths(&mut self, node: &'a Node) -> Result<Option<Vec<Length>>> {
        if node.kind == "Shape" {
            let values = self.values(node, 0)?;
            let of = values[0];
            let channels = Length::Number(self.total_channels(&values) as i64);
            let side = |axis| Length::Side { side: Side { of, axis }, times: 1 };
            return Ok(Some(vec![Length::Number(1), channels, side(0), side(1)]));
        }
        let is_formula = |name: &&'a str| matches!(self.symbol(name), Ok(Symbol::Lengths(_)));
        if !node.inputs.iter().map(String::as_str).any(|name| is_formula(&name)) {
            return Ok(None);
        }
        let unknown = || refused("it computes from the picture's size what this engine does not know");
        let made = match node.kind.as_str() {
            "Gather" if node.integer("axis", 0) == 0 => self.picked(node),
            "Slice" => self.sliced(node),
            "Concat" if node.integer("axis", 0) == 0 => {
                let parts: Option<Vec<_>> = (0..node.inputs.len()).map(|input| self.list(node, input)).collect();
                parts.map(|parts| parts.concat())
            }
            "Add" | "Sub" | "Mul" => self.combined(node),
            "Mod" if node.integer("fmod", 0) == 0 => self.combined(node),
            // Operators on pictures that take sizes.
            "Pad" => return Ok(None),
            _ => None,
        };
        match made {
            Some(made) => Ok(Some(made)),
            None if node.kind == "Slice" => Ok(None),
            None => Err(unknown()),
        }
    }

    /// The integers that a node reads at this input.
    fn list(&self, node: &'a Node, input: usize) -> Option<Vec<Length>> {
        if let Some(constant) = self.constant(node, input) {
            return Some(constant.integers()?.iter().map(|number| Length::Number(*number)).collect());
        }
        match self.symbol(node.inputs.get(input)?) {
            Ok(Symbol::Lengths(list)) => Some(list.clone()),
            _ => None,
        }
    }

    fn picked(&self, node: &'a Node) -> Option<Vec<Length>> {
        let list = self.list(node, 0)?;
        let at = |index: &i64| list.get(usize::try_from(*index).ok()?).copied();
        self.constant(node, 1)?.integers()?.iter().map(at).collect()
    }

    fn sliced(&self, node: &'a Node) -> Option<Vec<Length>> {
        let list = self.list(node, 0)?;
        let one = |input| match self.constant(node, input).and_then(Constant::integers) {
            Some([number]) => Some(*number),
            _ => None,
        };
        let (start, end) = (usize::try_from(one(1)?).ok()?, usize::try_from(one(2)?).ok()?.min(list.len()));
        (one(3)? == 0 && node.inputs.len() == 4).then(|| list.get(start..end).map(<[Length]>::to_vec))?
    }

    fn combined(&self, node: &'a Node) -> Option<Vec<Length>> {
        let (a, b) = (self.list(node, 0)?, self.list(node, 1)?);
        let longer = a.len().max(b.len());
        let at = |list: &[Length], i: usize| if list.len() == 1 { list.first().copied() } else { list.get(i).copied() };
        (0..longer).map(|i| combine(&node.kind, at(&a, i)?, at(&b, i)?)).collect()
    }

    /// A picture extended by amounts that depend on its size, or by repeating its outermost pixels.
    pub(super) fn extend(&mut self, node: &'a Node, value: ValueId) -> Result<ValueId> {
        let beyond = match node.text("mode", "constant") {
            "reflect" => Beyond::Mirrored,
            "edge" => Beyond::Repeated,
            _ => return Err(refused("it adds neither mirrored nor repeated pixels")),
        };
        let amounts = || refused("what it adds is neither constant nor up to a multiple of the picture's size");
        let zero = Length::Number(0);
        let list = self.list(node, 1).ok_or_else(amounts)?;
        let [first, second, top, left, third, fourth, bottom, right] =
            <[Length; 8]>::try_from(list).map_err(|_| amounts())?;
        if [first, second, third, fourth] != [zero; 4] {
            return Err(refused("it extends something else than rows and columns"));
        }
        let number = |length| if let Length::Number(number) = length { Ok(number) } else { Err(amounts()) };
        let after = |length, axis| match length {
            Length::Number(number) => Ok((number, 1)),
            Length::Lacking { side, multiple, plus } if side == (Side { of: value, axis }) => Ok((plus, multiple)),
            _ => Err(amounts()),
        };
        let ((below, rows), (beside, columns)) = (after(bottom, 0)?, after(right, 1)?);
        let border = padding(&[number(top)?, number(left)?, below, beside])?;
        let [_, _, rows, columns] = padding(&[0, 0, rows, columns])?;
        let kind = OperationKind::Extend { border, multiples: [rows, columns], beyond };
        self.add_operation(kind, vec![value], self.channels[value])
    }

    /// The part of a value that belongs to the network's picture; `None` if the node does not take that.
    pub(super) fn cut(&mut self, node: &'a Node, value: ValueId) -> Result<Option<ValueId>> {
        let numbers = |input| self.constant(node, input).and_then(Constant::integers);
        let (Some([0, 0]), Some([2, 3]), Some(ends)) = (numbers(1), numbers(3), self.list(node, 2)) else {
            return Ok(None);
        };
        let [Length::Side { side: rows, times }, Length::Side { side: columns, times: across }] = *ends else {
            return Ok(None);
        };
        // Only an input is sure to be there: nothing tells that other operations must stay.
        let picture = self.source_of_size(rows.of);
        let is_input = self.producer(picture).is_none();
        let fits = [rows.axis, columns.axis] == [0, 1] && columns.of == rows.of && times == across;
        let Some(scale) = usize::try_from(times).ok().filter(|scale| (1..=64).contains(scale)) else { return Ok(None) };
        if !fits || !is_input || node.inputs.len() > 4 {
            return Ok(None);
        }
        let kind = OperationKind::CropTo { picture, scale };
        self.add_operation(kind, vec![value], self.channels[value]).map(Some)
    }

    /// The first value, before operations that keep the size, that this value has its size from.
    fn source_of_size(&self, mut value: ValueId) -> ValueId {
        while let Some(operation) = self.producer(value).map(|at| &self.operations[at]) {
            let keeps = match &operation.kind {
                OperationKind::Map(_) | OperationKind::Gather(_) => true,
                OperationKind::DirectConvolution(direct) => {
                    let pixel = direct.kernel == [1, 1] && direct.stride == [1, 1] && direct.padding == [0; 4];
                    pixel && !direct.transposed
                }
                _ => false,
            };
            match operation.inputs.first() {
                Some(input) if keeps => value = *input,
                _ => break,
            }
        }
        value
    }
}

fn combine(kind: &str, a: Length, b: Length) -> Option<Length> {
    use Length::{Lacking, Number, Over, Side, Under};
    match (kind, a, b) {
        ("Add", Number(a), Number(b)) => a.checked_add(b).map(Number),
        ("Sub", Number(a), Number(b)) => a.checked_sub(b).map(Number),
        ("Mul", Number(a), Number(b)) => a.checked_mul(b).map(Number),
        ("Mod", Number(a), Number(b)) if b > 0 => Some(Number(a.rem_euclid(b))),
        ("Mul", Side { side, times }, Number(by)) | ("Mul", Number(by), Side { side, times }) => {
            Some(Side { side, times: times.checked_mul(by)? })
        }
        ("Mod", Side { side, times: 1 }, Number(multiple)) if multiple > 0 => Some(Over { side, multiple }),
        ("Sub", Number(number), Over { side, multiple }) if number == multiple => Some(Under { side, multiple }),
        ("Mod", Under { side, multiple }, Number(number)) if number == multiple => {
            Some(Lacking { side, multiple, plus: 0 })
        }
        ("Add", Lacking { side, multiple, plus }, Number(number))
        | ("Add", Number(number), Lacking { side, multiple, plus }) => {
            Some(Lacking { side, multiple, plus: plus.checked_add(number)? })
        }
        _ => None,
    }
}
