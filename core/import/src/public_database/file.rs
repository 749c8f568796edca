//! A file of a model of the database, and whether it can be fetched.
//!
//! Most files are on pages for people, which a program must not click through. Only a direct link with a size and a SHA-256 is
//! fetched.

use serde::Deserialize;

use super::text::Lenient;
use crate::remote_file::RemoteFile;
use crate::sha256::is_sha256;

/// The most links of a file that are looked at.
const MAX_LINKS: usize = 20;

/// The longest link.
const MAX_LINK: usize = 2000;

/// Servers whose addresses may end like a file's and still show a page.
const PAGES: [&str; 12] = [
    "drive.google.com",
    "mega.nz",
    "mega.co.nz",
    "mediafire.com",
    "1drv.ms",
    "onedrive.live.com",
    "icedrive.net",
    "u.pcloud.link",
    "1fichier.com",
    "drive.proton.me",
    "zippyshare.com",
    "dropbox.com",
];

/// What a file contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A PyTorch checkpoint.
    Pth,
    /// A safetensors checkpoint.
    Safetensors,
    /// An ONNX network.
    Onnx,
    /// Anything else.
    Other,
}

impl FileKind {
    /// The ending of its files.
    pub fn name(self) -> &'static str {
        match self {
            FileKind::Pth => "pth",
            FileKind::Safetensors => "safetensors",
            FileKind::Onnx => "onnx",
            FileKind::Other => "other",
        }
    }
}

/// A file of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicFile {
    /// What it contains, as the database says.
    pub kind: FileKind,
    /// Its size in bytes.
    pub size: Option<u64>,
    /// Its SHA-256.
    pub sha256: Option<String>,
    /// The https links to the file itself.
    links: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Resource {
    #[serde(default, rename = "type")]
    kind: Lenient<String>,
    #[serde(default)]
    size: Lenient<u64>,
    #[serde(default)]
    sha256: Lenient<String>,
    #[serde(default)]
    urls: Lenient<Vec<Lenient<String>>>,
}

impl PublicFile {
    pub(super) fn read(resource: Resource) -> Self {
        let kind = match resource.kind.get().unwrap_or_default().to_ascii_lowercase().as_str() {
            "pth" | "pt" | "ckpt" => FileKind::Pth,
            "safetensors" => FileKind::Safetensors,
            "onnx" => FileKind::Onnx,
            _ => FileKind::Other,
        };
        let urls = resource.urls.get().unwrap_or_default().into_iter().filter_map(Lenient::get);
        PublicFile {
            kind,
            size: resource.size.get().filter(|size| *size > 0),
            sha256: resource.sha256.get().map(|sum| sum.to_ascii_lowercase()).filter(|sum| is_sha256(sum)),
            links: urls.filter(|url| is_direct(url, kind)).take(MAX_LINKS).collect(),
        }
    }

    /// The file at each of its direct links; none if its size or SHA-256 is not known.
    pub fn remotes(&self) -> impl Iterator<Item = RemoteFile<'_>> {
        let known = self.size.zip(self.sha256.as_deref());
        self.links
            .iter()
            .filter_map(move |url| known.map(|(size, sha256)| RemoteFile { url, sha256, size: Some(size) }))
            .filter(|remote| remote.check_source().is_ok())
    }
}

/// Whether a link leads to the very file, and not to a page, a folder or an archive.
fn is_direct(url: &str, kind: FileKind) -> bool {
    if url.len() > MAX_LINK
        || !url.bytes().all(|byte| byte.is_ascii_graphic())
        || url.contains(['"', '\'', '\\', '<', '>', '`'])
    {
        return false;
    }
    let endings: &[&str] = match kind {
        FileKind::Pth => &[".pth", ".pt", ".ckpt"],
        FileKind::Safetensors => &[".safetensors"],
        FileKind::Onnx => &[".onnx"],
        FileKind::Other => &[],
    };
    let Some((host, path)) = url.split_once("://").and_then(|(_, rest)| rest.split_once('/')) else { return false };
    let path = path.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let host = host.to_ascii_lowercase();
    let page = PAGES.iter().any(|page| host == *page || host.ends_with(&format!(".{page}")));
    // Pages that show a file, on GitHub and Hugging Face.
    let shown = ["github.com", "huggingface.co"].contains(&host.as_str()) && path.contains("/blob/");
    !page && !shown && endings.iter().any(|ending| path.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_links_to_the_very_file_are_direct() {
        for url in [
            "https://github.com/someone/models/releases/download/v1/4x%20model.pth",
            "https://github.com/someone/models/raw/main/4x/model.PTH?raw=true",
            "https://store.example.org/n/a/b/models/o/4x-model.pth",
        ] {
            assert!(is_direct(url, FileKind::Pth), "{url}");
        }
        for url in [
            "https://drive.google.com/file/d/1DbbM4sa/model.pth",
            "https://www.mediafire.com/file/abc/model.pth",
            "https://www.mediafire.com/file/abc/model.pth/file",
            "https://github.com/someone/models/blob/main/model.pth",
            "https://huggingface.co/someone/models/blob/main/model.pth",
            "https://example.org/models/",
            "https://example.org/model.zip",
            "https://example.org/model.onnx",
            "https://example.org",
            "https://example.org/a b.pth",
            "https://example.org/a\u{1b}[2J.pth",
            "https://example.org/\u{202e}htp.pth",
        ] {
            assert!(!is_direct(url, FileKind::Pth), "{url}");
        }
        assert!(!is_direct("https://example.org/model.pth", FileKind::Other));
    }
}
