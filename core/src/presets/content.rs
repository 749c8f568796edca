//! What a picture is: a photo, a drawing, or made by a generator. Presets may have networks for each.
//!
//! Photos and drawings are told apart by their pixels (`advice`). Generated pictures are not: those of photos look like photos. So only the
//! user says that a picture was generated.

use serde::Deserialize;

/// What a picture is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Content {
    /// A photo, or anything else that has the texture of photos.
    Photo,
    /// A drawing, a comic, a screenshot or pixel art.
    Drawing,
    /// A picture that a generative network made: without noise, and with detail that is smooth.
    Generated,
}

impl Content {
    /// All of them.
    pub const ALL: [Content; 3] = [Content::Photo, Content::Drawing, Content::Generated];

    /// Its id: photo, drawing or generated.
    pub fn id(self) -> &'static str {
        match self {
            Content::Photo => "photo",
            Content::Drawing => "drawing",
            Content::Generated => "generated",
        }
    }

    /// The content with this id.
    pub fn find(id: &str) -> Option<Content> {
        Content::ALL.into_iter().find(|content| content.id() == id)
    }
}
