//! Recognising a file by its SHA-256: somebody has published it, and said what it is and what may be done with it.
//!
//! Our own catalogue is asked first, then the user's copy of the public database, if there is one. A name of a file proves
//! nothing, and nothing is fetched.

use std::fmt;

use crate::catalogue::Catalogue;
use crate::manifest_draft::Description;
use crate::public_database::KeptCopy;

/// A file that was recognised.
#[derive(Clone, Debug, PartialEq)]
pub struct Recognised {
    /// What is known about the model.
    pub description: Description,
    /// Where that is said, for people.
    origin: String,
}

/// Recognises a network by the SHA-256 of its files. What cannot be asked knows nothing.
pub fn recognise(sums: &[String]) -> Option<Recognised> {
    let in_catalogue = || -> Option<Recognised> {
        let catalogue = Catalogue::open().ok()?;
        let entry = catalogue.entries().iter().find(|entry| sums.iter().any(|sum| entry.has_file(sum)))?;
        let description = entry.description.clone();
        let origin = format!("{} of the catalogue", description.id);
        Some(Recognised { description, origin })
    };
    let in_database = || -> Option<Recognised> {
        let copy = KeptCopy::of_user().ok()?;
        let database = copy.read_if_it_knows(sums)?;
        let mut entries = sums.iter().flat_map(|sum| database.recognise(sum));
        let (model, file) = entries.next()?;
        let (mut description, mut origin) = (model.describe(file), model.page());
        for (other, _) in entries {
            // Entries contradict each other. What one of them forbids is not allowed.
            description.commercial &= other.commercial();
            origin.push_str(&format!(", also listed as {}", other.id));
        }
        let day = copy.day().map(|day| format!(", copy of {day}")).unwrap_or_default();
        Some(Recognised { description, origin: format!("{origin}{day}") })
    };
    in_catalogue().or_else(in_database)
}

impl Recognised {
    /// Fills in what nobody has stated. The id stays.
    pub fn complete(&self, description: &mut Description) {
        let known = &self.description;
        let fill = |text: &mut String, unknown: &str, known: &str| {
            if *text == unknown {
                known.clone_into(text);
            }
        };
        if description.licence == "unknown" {
            description.licence.clone_from(&known.licence);
            description.commercial |= known.commercial;
        }
        fill(&mut description.name, "", &known.name);
        fill(&mut description.architecture, "unknown", &known.architecture);
        fill(&mut description.attribution, "", &known.attribution);
        fill(&mut description.author, "", &known.author);
        fill(&mut description.source, "", &known.source);
        fill(&mut description.training_data, "", &known.training_data);
        fill(&mut description.known_limits, "", &known.known_limits);
        if description.content.is_empty() {
            description.content.clone_from(&known.content);
        }
    }
}

impl fmt::Display for Recognised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Description { name, author, licence, commercial, .. } = &self.description;
        let by = if author.is_empty() { "" } else { " by " };
        let use_ = if *commercial { "commercial use allowed" } else { "commercial use not known to be allowed" };
        write!(f, "recognised as {name}{by}{author}, licence {licence}, {use_} ({})", self.origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_the_catalogue_are_recognised_and_statements_win() {
        // A checkpoint that is an entry, and an ncnn network inside a package.
        let published = "4fa0d38905f75ac06eb49a7951b426670021be3018265fd191d2125df9d682f1";
        let found = recognise(&["0".repeat(64), published.to_uppercase()]).unwrap();
        assert!(found.to_string().contains("BSD-3-Clause, commercial use allowed (realesrgan-x4plus-pth"), "{found}");
        let mut description = Description { id: "mine".into(), name: "Mine".into(), ..Description::default() };
        found.complete(&mut description);
        assert_eq!((description.id.as_str(), description.name.as_str()), ("mine", "Mine"));
        assert_eq!((description.licence.as_str(), description.commercial), ("BSD-3-Clause", true));
        assert!(
            description.author.contains("Xintao Wang") && description.source.contains("https://"),
            "{description:?}"
        );
        let mut stated = Description { licence: "MIT".into(), author: "me".into(), ..Description::default() };
        found.complete(&mut stated);
        assert_eq!((stated.licence.as_str(), stated.commercial, stated.author.as_str()), ("MIT", false, "me"));
        let bin = "25a2bb25b29e43e63179aac216cd87690791243a436328506d4ef9fca88ee962";
        assert_eq!(recognise(&[bin.to_owned()]).unwrap().description.id, "waifu2x-photo-x2");
        assert_eq!(recognise(&["0".repeat(64)]), None);
    }
}
