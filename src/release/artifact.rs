//! What an artifact is, told from its first and last bytes.

use serde::{Deserialize, Serialize};

/// The kinds of artifacts that a release has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A macOS disk image, which ends in a `koly` trailer.
    Dmg,
    /// A macOS installer package, which starts with `xar!`.
    Pkg,
    /// Release notes in Markdown.
    Notes,
    /// Any other file.
    #[default]
    File,
}

/// Length in bytes of the UDIF trailer at the end of a DMG.
pub const KOLY_LEN: u64 = 512;
/// Length in bytes of a xar header.
pub const XAR_LEN: usize = 28;
/// GitHub takes assets below this size in bytes only (facts/GITHUB.md).
pub const MAX_SIZE: u64 = 2 * 1024 * 1024 * 1024;

impl Kind {
    /// Whether clients install it.
    pub fn is_package(self) -> bool {
        matches!(self, Self::Dmg | Self::Pkg)
    }

    /// The media type that it is uploaded as.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Dmg => "application/x-apple-diskimage",
            Self::Pkg => "application/x-newton-compatible-pkg",
            Self::Notes => "text/markdown; charset=utf-8",
            Self::File => "application/octet-stream",
        }
    }

    /// Says what is missing from an artifact of this kind, from its first bytes and its last [`KOLY_LEN`] (fewer, when
    /// the file is shorter).
    pub fn judge(self, head: &[u8], tail: &[u8]) -> Result<(), &'static str> {
        match self {
            Self::Dmg if !is_koly(tail) => Err("the `koly` trailer that ends every DMG is missing"),
            Self::Pkg if !is_xar(head) => Err("the `xar!` header that starts every PKG is missing"),
            _ => Ok(()),
        }
    }
}

/// A UDIF trailer: magic, version 4 and its own length, all big-endian.
fn is_koly(tail: &[u8]) -> bool {
    tail.len() as u64 == KOLY_LEN && tail.starts_with(b"koly\x00\x00\x00\x04\x00\x00\x02\x00")
}

/// A xar header: magic, a header length that holds it, and version 1.
fn is_xar(head: &[u8]) -> bool {
    head.len() >= XAR_LEN
        && head.starts_with(b"xar!")
        && usize::from(u16::from_be_bytes([head[4], head[5]])) >= XAR_LEN
        && head[6..8] == [0, 1]
}
