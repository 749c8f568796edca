//! Arguments for the options of the library, made from its table.
//!
//! A new option of the table becomes the argument `--key` without another line. `SPELLINGS` lists the arguments that
//! differ.

use clap::builder::{PossibleValuesParser, TypedValueParser, ValueParser};
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use enlarger::{
    Choices, Installed, Method, OPTIONS, OptionDefinition, OptionGroup, OptionKey, OptionKind, OptionValue, Result,
    Settings,
};

use super::amount::parse_amount;

/// The options that the command line gives, in the table's order.
#[derive(Clone, Debug, Default)]
pub struct OptionArgs(Vec<(OptionKey, OptionValue)>);

impl OptionArgs {
    /// These values, checked against the presets and models that are installed.
    pub fn settings(&self, installed: Installed<'_>) -> Result<Settings> {
        let mut settings = Settings::default();
        for (key, value) in &self.0 {
            settings.set(installed, *key, value.clone())?;
        }
        Ok(settings)
    }

    /// Whether the command line gives this option.
    pub fn gives(&self, key: OptionKey) -> bool {
        self.0.iter().any(|(other, _)| *other == key)
    }

    /// Only the options that change results, and not only where and how fast they are made.
    pub fn of_result(&self) -> Self {
        use OptionKey::{Device, Engine, Memory, Threads, Tile};
        let changes = |key: &OptionKey| !matches!(key, Engine | Device | Threads | Tile | Memory);
        OptionArgs(self.0.iter().filter(|(key, _)| changes(key)).cloned().collect())
    }
}

/// Converts the notation of an argument to one that the table accepts.
type Parse = fn(&str) -> Result<String, String>;

/// How an argument differs from `--key VALUE` with the help of the table.
struct Spelling {
    /// The long flag; if empty, the key with hyphens.
    long: &'static str,
    short: Option<char>,
    alias: Option<&'static str>,
    /// The placeholder for the value in the help; if empty, it follows from the type.
    value: &'static str,
    /// Added to the help.
    hint: &'static str,
    /// Converts a notation of the command to one that the table accepts.
    parse: Option<Parse>,
}

const SPELLINGS: &[(OptionKey, Spelling)] = &[
    (
        OptionKey::Preset,
        Spelling {
            short: Some('p'),
            hint: "Give natural, portrait, detail, crisp, clean, illustration, restore, old-photo, precise, creative, or a preset of your own; see `enlarge presets`.",
            ..Spelling::NONE
        },
    ),
    (OptionKey::Model, Spelling { short: Some('m'), hint: "See `enlarge models list`.", ..Spelling::NONE }),
    (OptionKey::Method, Spelling { hint: "It cannot be combined with --preset or --model.", ..Spelling::NONE }),
    (
        OptionKey::Factor,
        Spelling { long: "scale", short: Some('s'), value: "FACTOR", parse: Some(factor), ..Spelling::NONE },
    ),
    (OptionKey::MaskWhite, Spelling { hint: "It needs --mask.", ..Spelling::NONE }),
    (OptionKey::ColourLock, Spelling { alias: Some("color-lock"), ..Spelling::NONE }),
    (
        OptionKey::Engine,
        Spelling {
            hint: "Give auto, winograd, ort, rten, gpu, or the absolute path of an engine library.",
            ..Spelling::NONE
        },
    ),
    (
        OptionKey::Device,
        Spelling {
            hint: "Give auto, cpu, gpu for the first GPU that works, gpu:N or gpu:NAME for one of them, or another device that `enlarge doctor` lists.",
            ..Spelling::NONE
        },
    ),
    (
        OptionKey::Memory,
        Spelling {
            long: "max-memory",
            value: "BYTES",
            hint: "K, M and G stand for powers of 1024. It is also the limit for a picture that must be held in memory as a whole, which is 4G by default.",
            parse: Some(bytes),
            ..Spelling::NONE
        },
    ),
];

impl Spelling {
    const NONE: Spelling = Spelling { long: "", short: None, alias: None, value: "", hint: "", parse: None };

    fn of(key: OptionKey) -> &'static Spelling {
        SPELLINGS.iter().find(|(other, _)| *other == key).map_or(&Spelling::NONE, |(_, spelling)| spelling)
    }
}

/// The options that the command offers. It sets the others of the group `host` itself, from files.
fn offered() -> impl Iterator<Item = &'static OptionDefinition> {
    const TABLE: &[OptionDefinition] = &OPTIONS;
    TABLE.iter().filter(|option| option.group != OptionGroup::Host || option.key == OptionKey::MaskWhite)
}

fn argument(option: &'static OptionDefinition) -> Arg {
    let spelling = Spelling::of(option.key);
    let long = if spelling.long.is_empty() { option.name.replace('_', "-") } else { spelling.long.to_owned() };
    let value = match (spelling.value, option.kind) {
        ("", OptionKind::Integer { .. } | OptionKind::Float { .. }) => "N".to_owned(),
        ("", _) => long.to_uppercase().replace('-', "_"),
        (value, _) => value.to_owned(),
    };
    let mut arg = Arg::new(option.name).long(long).value_name(value).help(help(option, spelling.hint));
    if let Some(short) = spelling.short {
        arg = arg.short(short);
    }
    if let Some(alias) = spelling.alias {
        arg = arg.alias(alias);
    }
    if !option.default.is_empty() && !matches!(option.kind, OptionKind::Integer { automatic: Some(_), .. }) {
        arg = arg.default_value(option.default);
    }
    if option.kind == OptionKind::Boolean && option.default == "off" {
        // A switch. Its value needs an equals sign, because an input may follow.
        arg = arg.num_args(0..=1).require_equals(true).default_missing_value("on");
    }
    if option.group == OptionGroup::Size {
        // Only one of them is allowed.
        arg = arg.group("target");
    }
    if option.key == OptionKey::Model {
        arg = arg.conflicts_with(OptionKey::Preset.name());
    }
    arg.value_parser(parser(option, spelling))
}

/// The option's help with its range, the command's hint, and what happens without it.
fn help(option: &OptionDefinition, hint: &str) -> String {
    let mut help = option.about.trim_end_matches('.').to_owned();
    match option.kind.without_automatic() {
        // The limit for the memory is too high to be useful.
        OptionKind::Integer { least, most, .. } if most < i64::MAX => help += &format!(" ({least} to {most})"),
        OptionKind::Float { least, most } => help += &format!(" ({least} to {most})"),
        _ => {}
    }
    if !hint.is_empty() {
        help += &format!(". {}", hint.trim_end_matches('.'));
    }
    if let OptionKind::Integer { automatic: Some(meaning), .. } = option.kind {
        help += &format!(" [default: {meaning}]");
    }
    help
}

fn parser(option: &'static OptionDefinition, spelling: &'static Spelling) -> ValueParser {
    let known: Option<Vec<&str>> = match option.kind {
        OptionKind::Choice(Choices::Fixed(known)) => Some(known.iter().map(|(value, _)| *value).collect()),
        OptionKind::Boolean => Some(vec!["on", "off"]),
        _ => None,
    };
    // On the command line, leaving the argument out stands for the automatic value.
    let kind = option.kind.without_automatic();
    match known {
        Some(known) => ValueParser::new(PossibleValuesParser::new(known).try_map(move |text| read(kind, text))),
        None => ValueParser::new(move |text: &str| match spelling.parse {
            Some(parse) => read(kind, parse(text)?),
            None => read(kind, text.to_owned()),
        }),
    }
}

fn read(kind: OptionKind, text: String) -> Result<OptionValue, String> {
    kind.read(OptionValue::Text(text)).ok_or_else(|| kind.expected())
}

/// A method uses neither a preset nor a model, so a command that names both is a mistake.
fn refuse_networks_of_a_method(given: &[(OptionKey, OptionValue)]) -> Result<(), clap::Error> {
    let value = |key: OptionKey| given.iter().find(|(other, _)| *other == key).map(|(_, value)| value);
    let Some(OptionValue::Text(method)) = value(OptionKey::Method) else { return Ok(()) };
    let other = [OptionKey::Preset, OptionKey::Model].into_iter().find(|key| value(*key).is_some());
    match other {
        Some(other) if Method::find(method).is_some() => {
            let message = format!("the method {method} uses no network; leave out --{} or --method\n", other.name());
            Err(clap::Error::raw(ErrorKind::ArgumentConflict, message))
        }
        _ => Ok(()),
    }
}

/// A factor may be written with an x, as in 2x.
fn factor(text: &str) -> Result<String, String> {
    Ok(text.strip_suffix(['x', 'X']).unwrap_or(text).to_owned())
}

fn bytes(text: &str) -> Result<String, String> {
    parse_amount(text, 1024).map(|bytes| bytes.to_string())
}

impl Args for OptionArgs {
    fn augment_args(command: Command) -> Command {
        command.args(offered().map(argument))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for OptionArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = |option: &&OptionDefinition| matches.value_source(option.name) == Some(ValueSource::CommandLine);
        let value =
            |option: &OptionDefinition| Some((option.key, matches.get_one::<OptionValue>(option.name)?.clone()));
        let given: Vec<(OptionKey, OptionValue)> = offered().filter(given).filter_map(value).collect();
        refuse_networks_of_a_method(&given)?;
        Ok(OptionArgs(given))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
