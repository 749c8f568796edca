//! Whole numbers that follow from the sizes of a network's inputs: how far a picture is extended, what is kept of a result.
//!
//! Networks that take pictures of any size compute such numbers from the picture's shape. They must never be used without a
//! check of their range.

use crate::size::Size;

use super::operation::ValueId;

/// The most numbers and rules of a length; more are a sign of a damaged file.
const MAX_PARTS: usize = 64;

/// A whole number.
#[derive(Clone, Debug, PartialEq)]
pub enum Length {
    /// The number itself.
    Number(i64),
    /// The rows of a value.
    Height(ValueId),
    /// The columns of a value.
    Width(ValueId),
    /// What follows from two others.
    Calculated(Rule, Box<[Length; 2]>),
}

/// How a length follows from two others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// The sum.
    Add,
    /// The first less the second.
    Subtract,
    /// The product.
    Multiply,
    /// Rounded towards zero, as ONNX divides integers.
    Divide,
    /// With the sign of the divisor, as ONNX defines it for integers.
    Remainder,
}

impl Length {
    /// A length that follows from two others; `None` if it would have too many parts.
    pub fn calculated(rule: Rule, a: Length, b: Length) -> Option<Self> {
        if let (Length::Number(a), Length::Number(b)) = (&a, &b) {
            return rule.apply(*a, *b).map(Length::Number);
        }
        (1 + a.parts() + b.parts() <= MAX_PARTS).then(|| Length::Calculated(rule, Box::new([a, b])))
    }

    fn parts(&self) -> usize {
        match self {
            Length::Calculated(_, both) => 1 + both[0].parts() + both[1].parts(),
            _ => 1,
        }
    }

    /// Its value for values of these sizes; `None` if it cannot be computed.
    pub fn of(&self, size: &dyn Fn(ValueId) -> Size) -> Option<i64> {
        match self {
            Length::Number(number) => Some(*number),
            Length::Height(value) => i64::try_from(size(*value).height).ok(),
            Length::Width(value) => i64::try_from(size(*value).width).ok(),
            Length::Calculated(rule, both) => rule.apply(both[0].of(size)?, both[1].of(size)?),
        }
    }
}

impl Rule {
    fn apply(self, a: i64, b: i64) -> Option<i64> {
        match self {
            Rule::Add => a.checked_add(b),
            Rule::Subtract => a.checked_sub(b),
            Rule::Multiply => a.checked_mul(b),
            Rule::Divide => a.checked_div(b),
            Rule::Remainder => {
                let rest = a.checked_rem(b)?;
                if rest != 0 && (rest < 0) != (b < 0) { rest.checked_add(b) } else { Some(rest) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_computed_as_onnx_defines_it() {
        let number = |rule, a, b| Length::calculated(rule, Length::Number(a), Length::Number(b));
        assert_eq!(number(Rule::Remainder, -3, 4), Some(Length::Number(1)));
        assert_eq!(number(Rule::Remainder, 3, -4), Some(Length::Number(-1)));
        assert_eq!(number(Rule::Divide, 7, 2), Some(Length::Number(3)));
        assert_eq!(number(Rule::Divide, 7, 0), None);
        assert_eq!(number(Rule::Multiply, i64::MAX, 2), None);
        let height = Length::calculated(Rule::Subtract, Length::Number(8), Length::Height(0)).unwrap();
        assert_eq!(height.of(&|_| Size { height: 5, width: 6 }), Some(3));
    }

    /// A file in which each length is twice the one before must not take the memory of all of them.
    #[test]
    fn lengths_cannot_grow_without_end() {
        let mut length = Some(Length::Width(0));
        for _ in 0..40 {
            length = length.and_then(|length| Length::calculated(Rule::Add, length.clone(), length));
        }
        assert_eq!(length, None);
    }
}
