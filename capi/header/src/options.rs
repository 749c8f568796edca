//! The chapter of the manual that lists the options, generated from the table of the core.
//!
//! A new option therefore appears in the header without a second list that could become wrong.

use enlarger::{Choices, OPTIONS, OptionDefinition, OptionKind};

/// The line of the manual that the list replaces.
const PLACE: &str = " * @OPTIONS@\n";

/// The most columns of a line in the header.
const COLUMNS: usize = 120;

/// The manual with the list of options.
///
/// # Panics
/// If the manual has no place for the list.
pub fn insert(manual: &str) -> String {
    assert!(manual.contains(PLACE), "manual.h must contain the line{PLACE}");
    manual.replace(PLACE, &OPTIONS.iter().map(entry).collect::<String>())
}

/// An option: a line with key, type, values, default and scope, then its help.
fn entry(option: &OptionDefinition) -> String {
    let default = match (option.default, option.kind) {
        ("", OptionKind::Bytes | OptionKind::Mask) => "none",
        ("", _) => "varies",
        (default, _) => default,
    };
    let values = values(option.kind).map_or(String::new(), |values| format!(", {values}"));
    let facts = format!("{}{values}; default: {default}; scope: {}", option.kind.name(), option.scope.name());
    format!(" *     {} ({facts})\n{}", option.name, wrapped(&option.help()))
}

fn values(kind: OptionKind) -> Option<String> {
    Some(match kind {
        OptionKind::Choice(Choices::Fixed(known)) => {
            let known: Vec<&str> = known.iter().map(|(value, _)| *value).collect();
            let (last, others) = known.split_last().expect("a choice has values");
            format!("{} or {last}", others.join(", "))
        }
        OptionKind::Choice(Choices::Presets) => "the id of a preset".to_owned(),
        OptionKind::Choice(Choices::Models) => "auto or the id of a model".to_owned(),
        OptionKind::Choice(Choices::Engines) => "auto or the id of an engine".to_owned(),
        OptionKind::Choice(Choices::Devices) => "auto or the id of a device".to_owned(),
        OptionKind::Integer { least, most: i64::MAX, .. } => format!("{least} to 2^63-1"),
        OptionKind::Integer { least, most, .. } => format!("{least} to {most}"),
        OptionKind::Float { most, .. } if most >= f64::from(f32::MAX) => "in the range of the model".to_owned(),
        OptionKind::Float { least, most } => format!("{least} to {most}"),
        OptionKind::Boolean => "on or off".to_owned(),
        OptionKind::Bytes | OptionKind::Mask => return None,
    })
}

/// A text as lines of the comment, indented below an option's key.
fn wrapped(text: &str) -> String {
    const INDENT: &str = " *         ";
    let (mut lines, mut line) = (String::new(), INDENT.to_owned());
    // The header is ASCII, but for names.
    for word in text.replace('−', "-").replace('×', "x").split(' ') {
        if line.chars().count() + word.chars().count() + 1 > COLUMNS {
            lines += line.trim_end();
            lines.push('\n');
            line = INDENT.to_owned();
        }
        line += word;
        line.push(' ');
    }
    lines + line.trim_end() + "\n"
}
