//! The list of architectures.
//!
//! The order matters only where the tensors of one architecture contain those of another: the one with more comes first.

use super::{
    Design, Outcome, Weights, artcnn, atd, compact, cugan, dat, ditn, dncnn, drct, drunet, edsr, esrgan, fbcnn, fdat,
    gfpgan, hat, moesr, mosr, nafnet, omnisr, plksr, rcan, restormer, rgt, safmn, scunet, span, spsr, srformer,
    srresnet, swift_srgan, swin2sr, swinir,
};

/// An architecture: how it is recognised and built.
pub(super) struct Architecture {
    /// The name that people know it by.
    pub(super) name: &'static str,
    /// Whether the names of the tensors look like this architecture. It must be cheap; shapes are checked while building.
    pub(super) claims: fn(&Weights<'_>) -> bool,
    /// Builds the network. Where shapes leave several possibilities, `alternative` chooses one of them, from 0, the likeliest first;
    /// [`Design::alternatives`] says how many there are.
    pub(super) build: fn(&Weights<'_>, alternative: usize) -> Outcome<Design>,
}

pub(super) const ARCHITECTURES: &[Architecture] = &[
    Architecture { name: "SPSR", claims: spsr::claims, build: spsr::build },
    Architecture { name: "ESRGAN", claims: esrgan::claims, build: esrgan::build },
    Architecture { name: "Compact", claims: compact::claims, build: compact::build },
    Architecture { name: "SPAN", claims: span::claims, build: span::build },
    Architecture { name: "RCAN", claims: rcan::claims, build: rcan::build },
    Architecture { name: "CUGAN", claims: cugan::claims, build: cugan::build },
    Architecture { name: "DnCNN", claims: dncnn::claims, build: dncnn::build },
    Architecture { name: "FBCNN", claims: fbcnn::claims, build: fbcnn::build },
    Architecture { name: "DRUNet", claims: drunet::claims, build: drunet::build },
    Architecture { name: "ArtCNN", claims: artcnn::claims, build: artcnn::build },
    Architecture { name: "PLKSR", claims: plksr::claims, build: plksr::build },
    Architecture { name: "RealPLKSR", claims: plksr::claims_real, build: plksr::build },
    Architecture { name: "MoSR", claims: mosr::claims, build: mosr::build },
    Architecture { name: "MoESR", claims: moesr::claims, build: moesr::build },
    Architecture { name: "SAFMN", claims: safmn::claims, build: safmn::build },
    Architecture { name: "Swift-SRGAN", claims: swift_srgan::claims, build: swift_srgan::build },
    Architecture { name: "EDSR", claims: edsr::claims, build: edsr::build },
    Architecture { name: "SRResNet", claims: srresnet::claims, build: srresnet::build },
    Architecture { name: "OmniSR", claims: omnisr::claims, build: omnisr::build },
    Architecture { name: "DAT", claims: dat::claims, build: dat::build },
    Architecture { name: "RGT", claims: rgt::claims, build: rgt::build },
    Architecture { name: "SCUNet", claims: scunet::claims, build: scunet::build },
    Architecture { name: "FDAT", claims: fdat::claims, build: fdat::build },
    Architecture { name: "GFPGAN", claims: gfpgan::claims, build: gfpgan::build },
    Architecture { name: "Restormer", claims: restormer::claims, build: restormer::build },
    Architecture { name: "DITN", claims: ditn::claims, build: ditn::build },
    Architecture { name: "NAFNet", claims: nafnet::claims, build: nafnet::build },
    Architecture { name: "DRCT", claims: drct::claims, build: drct::build },
    Architecture { name: "ATD", claims: atd::claims, build: atd::build },
    Architecture { name: "SRFormer", claims: srformer::claims, build: srformer::build },
    // HAT's tensors contain those of SwinIR.
    Architecture { name: "HAT", claims: hat::claims, build: hat::build },
    Architecture { name: "Swin2SR", claims: swin2sr::claims, build: swin2sr::build },
    Architecture { name: "SwinIR", claims: swinir::claims, build: swinir::build },
];

/// The names of all architectures.
pub fn names() -> impl Iterator<Item = &'static str> {
    ARCHITECTURES.iter().map(|architecture| architecture.name)
}
