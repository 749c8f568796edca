//! A model of the database.
//!
//! An entry is read with tolerance: unknown keys are ignored, and a value of another type counts as missing. Without an id that
//! can stand in an address and a name it is no model.

use enlarger::Registry;
use serde::Deserialize;

use super::architecture;
use super::file::{FileKind, PublicFile, Resource};
use super::licence::Terms;
use super::text::{Lenient, OneOrMany, shown};
use crate::manifest_draft::Description;

/// The page of a model is this and its id.
const PAGES: &str = "https://openmodeldb.info/models/";

/// The most characters of a name.
const NAME: usize = 120;

/// The most characters of a description that are searched.
const DESCRIPTION: usize = 4000;

/// The most characters of a description that are shown.
const SUMMARY: usize = 160;

/// The most tags, authors, files.
const COUNT: usize = 40;

/// A model of the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicModel {
    /// The id: letters, digits, `-`, `_`, `.`, `+`.
    pub id: String,
    /// The name.
    pub name: String,
    /// The authors.
    pub authors: Vec<String>,
    /// The licence: an SPDX expression, if one is stated.
    pub licence: Option<String>,
    /// What it is for, in single words.
    pub tags: Vec<String>,
    /// What it is for.
    pub description: String,
    /// The date of its publication, as the database writes it: year, month, day.
    pub date: String,
    /// The database's name of the architecture. It may be wrong.
    pub architecture: String,
    /// Output pixels per input pixel.
    pub scale: Option<u32>,
    /// Its files.
    pub files: Vec<PublicFile>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    #[serde(default)]
    author: OneOrMany,
    #[serde(default)]
    license: Lenient<String>,
    #[serde(default)]
    tags: OneOrMany,
    #[serde(default)]
    description: Lenient<String>,
    #[serde(default)]
    date: Lenient<String>,
    #[serde(default)]
    architecture: Lenient<String>,
    #[serde(default)]
    scale: Lenient<u32>,
    #[serde(default)]
    resources: Lenient<Vec<Lenient<Resource>>>,
}

impl PublicModel {
    /// Reads an entry; `None` if it is wrong.
    pub(super) fn read(id: &str, text: &str) -> Option<Self> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.+".contains(c);
        let begins = id.starts_with(|c: char| c.is_ascii_alphanumeric());
        if !begins || id.len() > NAME || !id.chars().all(allowed) {
            return None;
        }
        let entry: Entry = serde_json::from_str(text).ok()?;
        let text = |text: Lenient<String>, length| shown(&text.get().unwrap_or_default(), length);
        let resources = entry.resources.get().unwrap_or_default().into_iter().filter_map(Lenient::get);
        Some(PublicModel {
            id: id.to_owned(),
            name: Some(shown(&entry.name, NAME)).filter(|name| !name.is_empty())?,
            authors: entry.author.shown(COUNT, NAME),
            licence: Some(text(entry.license, NAME)).filter(|licence| !licence.is_empty()),
            tags: entry.tags.shown(COUNT, NAME),
            description: text(entry.description, DESCRIPTION),
            date: text(entry.date, 10),
            architecture: text(entry.architecture, NAME),
            scale: entry.scale.get().filter(|scale| (1..=64).contains(scale)),
            files: resources.take(COUNT).map(PublicFile::read).collect(),
        })
    }

    /// Whether the licence is known to allow commercial use.
    pub fn commercial(&self) -> bool {
        self.terms() == Some(Terms::Commercial)
    }

    /// Whether it is known what the licence allows.
    pub fn licence_is_certain(&self) -> bool {
        !matches!(self.terms(), None | Some(Terms::Unknown(_)))
    }

    /// The parts of the licence of which it is not known what they allow, if anything depends on them.
    pub fn unknown_licences(&self) -> Vec<String> {
        if let Some(Terms::Unknown(names)) = self.terms() { names } else { Vec::new() }
    }

    /// What the licence allows; `None` if none is stated.
    fn terms(&self) -> Option<Terms> {
        self.licence.as_deref().map(Terms::of)
    }

    /// The page about the model, for people.
    pub fn page(&self) -> String {
        format!("{PAGES}{}", self.id)
    }

    /// The authors as one text.
    pub fn author(&self) -> String {
        self.authors.join(", ")
    }

    /// What the model is for, in a line.
    pub fn summary(&self) -> String {
        shown(&self.description, SUMMARY)
    }

    /// The file that Enlarger would use: a checkpoint of an architecture that it knows, or else an ONNX network. Those that can be
    /// fetched come first. `None` if it can run no file of the model.
    pub fn usable_file(&self) -> Option<&PublicFile> {
        let known = architecture::is_ours(&self.architecture);
        let usable = |file: &&PublicFile| match file.kind {
            FileKind::Pth | FileKind::Safetensors => known,
            FileKind::Onnx => true,
            FileKind::Other => false,
        };
        let rank = |file: &&PublicFile| {
            let direct = file.remotes().next().is_some();
            (!direct, [FileKind::Safetensors, FileKind::Pth, FileKind::Onnx].iter().position(|kind| *kind == file.kind))
        };
        self.files.iter().filter(usable).min_by_key(rank)
    }

    /// The description of the model made of `file`, for its manifest.
    pub fn describe(&self, file: &PublicFile) -> Description {
        let author = self.author();
        let attribution = if author.is_empty() { self.name.clone() } else { format!("{}, by {author}", self.name) };
        let sum = file.sha256.as_ref().map(|sum| format!(", SHA-256 {sum}")).unwrap_or_default();
        Description {
            name: self.name.clone(),
            content: content(&self.tags),
            licence: self.licence.clone().unwrap_or_else(|| "unknown".into()),
            commercial: self.commercial(),
            attribution,
            author,
            source: format!("{}{sum}", self.page()),
            ..Description::default()
        }
    }

    /// Whether one of these models was made of the file that Enlarger would use.
    pub fn is_in(&self, registry: &Registry) -> bool {
        let description = self.usable_file().map(|file| self.describe(file));
        description.is_some_and(|description| registry.models().iter().any(|model| description.is_source_of(model)))
    }

    /// How well the words match, all of which have to: words of the name count more than those of the description.
    pub(super) fn rank(&self, words: &[String]) -> Option<usize> {
        let lower = |texts: &[&str]| texts.join("\n").to_lowercase();
        let names = lower(&[&self.id, &self.name]);
        let near = lower(&[&self.author(), &self.tags.join("\n"), &self.architecture]);
        let text = self.description.to_lowercase();
        let rank = |word: &String| {
            let scale = scale_of(word);
            match () {
                () if scale.is_some() => (scale == self.scale).then_some(0),
                () if names.contains(word.as_str()) => Some(3),
                () if near.contains(word.as_str()) => Some(2),
                () if text.contains(word.as_str()) => Some(1),
                () => None,
            }
        };
        words.iter().map(rank).sum()
    }
}

/// The scale that a word such as "4x", "x4" or "×4" names.
fn scale_of(word: &str) -> Option<u32> {
    let digits = word.strip_prefix(['x', '×']).or_else(|| word.strip_suffix(['x', '×']))?;
    digits.parse().ok().filter(|scale| (1..=64).contains(scale))
}

/// The kinds of pictures that tags name, in the words of our manifests.
fn content(tags: &[String]) -> Vec<String> {
    const WORDS: [(&str, &str); 8] = [
        ("photo", "photo"),
        ("faces", "portrait"),
        ("anime", "illustration"),
        ("cartoon", "illustration"),
        ("manga", "illustration"),
        ("pixel-art", "illustration"),
        ("text", "text"),
        ("game-textures", "texture"),
    ];
    let mut content: Vec<String> = Vec::new();
    for (tag, word) in WORDS {
        if tags.iter().any(|own| own == tag) && !content.iter().any(|known| known == word) {
            content.push(word.to_owned());
        }
    }
    content
}
