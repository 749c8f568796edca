//! Shape arithmetic: operators on a few integers that are known.
//!
//! `None` means that an operator is not shape arithmetic here, because an input depends on pixels or the operator is another one.

use super::axes::{axis, integer, list, slice};
use super::{MAX_INTEGERS, Shaped};
use crate::onnx::Node;

pub(super) fn run(node: &Node<'_>, inputs: &[Option<Shaped>]) -> Option<Shaped> {
    let input = |at: usize| inputs.get(at)?.as_ref();
    let values = |at: usize| input(at)?.integers.clone();
    let is_scalar = |at: usize| input(at).is_some_and(|input| input.shape.is_empty());
    match node.kind {
        "Shape" => {
            let shape = &input(0)?.shape;
            Some(Shaped::integers(shape.iter().map(|length| *length as i64).collect(), false))
        }
        "Size" => {
            let count = input(0)?.shape.iter().try_fold(1u64, |product, length| product.checked_mul(*length))?;
            Some(Shaped::integers(vec![i64::try_from(count).ok()?], true))
        }
        "Identity" | "Cast" | "Floor" | "Ceil" => {
            Some(Shaped { shape: input(0)?.shape.clone(), integers: Some(values(0)?) })
        }
        "Squeeze" => {
            Some(Shaped::integers(values(0)?, true)).filter(|made| made.integers.as_ref().is_some_and(|v| v.len() == 1))
        }
        "Unsqueeze" => is_scalar(0).then_some(Shaped::integers(values(0)?, false)),
        "Reshape" => {
            let to = values(1)?;
            (to.len() <= 1).then(|| values(0).map(|values| Shaped::integers(values, to.is_empty())))?
        }
        "Concat" => {
            let mut all = Vec::new();
            for at in 0..inputs.len() {
                all.extend(input(at)?.integers.as_deref()?);
                if all.len() > MAX_INTEGERS {
                    return None;
                }
            }
            Some(Shaped::integers(all, false))
        }
        "Gather" => {
            let (of, at) = (values(0)?, values(1)?);
            let picked: Option<Vec<i64>> = at.iter().map(|at| of.get(axis(*at, of.len())?).copied()).collect();
            Some(Shaped::integers(picked?, is_scalar(1)))
        }
        "Slice" => {
            let of = values(0)?;
            let single = |name: &str, at: usize| list(node, name, inputs, at).and_then(|list| list.first().copied());
            let step = single("steps", 4).unwrap_or(1);
            let (start, count) = slice(single("starts", 1)?, single("ends", 2)?, step, of.len() as u64)?;
            let index = |at: u64| usize::try_from(start + at as i64 * step).ok();
            let picked: Option<Vec<i64>> = (0..count).map(|at| of.get(index(at)?).copied()).collect();
            Some(Shaped::integers(picked?, false))
        }
        "Range" => {
            let (start, end, step) = (values(0)?, values(1)?, values(2)?);
            let (start, end, step) = (*start.first()?, *end.first()?, *step.first()?);
            let count = end.checked_sub(start)?.checked_div(step)?.clamp(0, i64::from(u32::MAX));
            let count = count + i64::from(count.checked_mul(step)?.checked_add(start)? != end && count > 0);
            if count as usize > MAX_INTEGERS {
                return Some(Shaped::of([count as u64]));
            }
            Some(Shaped::integers((0..count).map(|at| start + at * step).collect(), false))
        }
        "Add" | "Sub" | "Mul" | "Div" | "Mod" | "Min" | "Max" => {
            let (a, b) = (values(0)?, values(1)?);
            let apply = |(a, b): (&i64, &i64)| match node.kind {
                "Add" => a.checked_add(*b),
                "Sub" => a.checked_sub(*b),
                "Mul" => a.checked_mul(*b),
                "Div" => a.checked_div(*b),
                // As in Python, unless the attribute says as in C.
                "Mod" if integer(node, "fmod", 0) == 0 => {
                    a.checked_rem(*b).map(|rest| if rest != 0 && (rest < 0) != (*b < 0) { rest + b } else { rest })
                }
                "Mod" => a.checked_rem(*b),
                "Min" => Some(*a.min(b)),
                _ => Some(*a.max(b)),
            };
            let made: Option<Vec<i64>> = match (a.len(), b.len()) {
                (same, other) if same == other => a.iter().zip(&b).map(apply).collect(),
                (_, 1) => a.iter().zip(b.iter().cycle()).map(apply).collect(),
                (1, _) => a.iter().cycle().zip(&b).map(apply).collect(),
                _ => None,
            };
            Some(Shaped::integers(made?, is_scalar(0) && is_scalar(1)))
        }
        "Neg" => Some(Shaped::integers(values(0)?.iter().map(|value| value.wrapping_neg()).collect(), is_scalar(0))),
        _ => None,
    }
}
