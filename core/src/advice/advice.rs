//! Advice: what is wrong with a picture, with the figure and the reason, and what to do about it.
//!
//! It is only told, and never stops or changes anything.

/// What advice is about. The codes never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum AdviceCode {
    /// The picture was enlarged before; the value is the factor.
    Enlarged,
    /// The picture has too little content for the factor; the value is its longer side, in pixels of content.
    Small,
    /// The picture has noise; the value is its standard deviation in luminance, where white is 255.
    Noisy,
    /// JPEG compression damaged the picture; the value is its quality, 1 to 100.
    Compressed,
    /// The picture is out of focus or has motion blur; the value is the width of its edges in pixels.
    Blurred,
    /// Another preset or method suits the content; the value is the share of neighbouring pixels that are equal, 0 to 1.
    Content,
    /// The picture was sharpened too much; the value is the height of haloes relative to their edges, in percent. It is low if
    /// something else shows it.
    Sharpened,
    /// Much of the picture is cut off at black or white; the value is the share of these pixels in percent.
    Clipped,
    /// The picture is a scanned print with halftone dots; the value is its period in pixels.
    Screened,
    /// The result is larger than needed or possible; the value is its longer side in pixels, or gigabytes of memory.
    Large,
}

impl AdviceCode {
    /// The code as text.
    pub fn name(self) -> &'static str {
        match self {
            AdviceCode::Enlarged => "enlarged",
            AdviceCode::Small => "small",
            AdviceCode::Noisy => "noisy",
            AdviceCode::Compressed => "compressed",
            AdviceCode::Blurred => "blurred",
            AdviceCode::Content => "content",
            AdviceCode::Sharpened => "sharpened",
            AdviceCode::Clipped => "clipped",
            AdviceCode::Screened => "screened",
            AdviceCode::Large => "large",
        }
    }
}

/// A piece of advice.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Advice {
    /// What it is about.
    pub code: AdviceCode,
    /// The figure; [`AdviceCode`] says what it measures.
    pub value: f64,
    /// What is wrong, with the figure and the reason.
    pub sentence: String,
    /// What to do.
    pub action: String,
    /// The option that does it, as key and value, if one does.
    pub option: Option<(&'static str, String)>,
}
