//! What makes a draft ours: a nonce that the workspace stored before it asked for the draft, and that its body carries.

use serde::{Deserialize, Serialize};

use super::fingerprint::Digest;

/// How the comment starts that marks our drafts. It becomes public: no user, no host.
const MARK: &str = "<!-- nexy-release ";

/// What the workspace stores, in `.nexy-release/drafts/<tag>.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nonce {
    /// `OWNER/NAME`.
    pub repo: String,
    /// Tag of the draft.
    pub tag: String,
    /// Unguessable.
    pub nonce: String,
    /// Inode of the state folder that it was stored in: a copy of the workspace has another one.
    pub folder: u64,
}

/// The body of our draft: the notes, then the mark.
pub fn marked_body(notes: &str, nonce: &str, plan: &Digest) -> String {
    format!("{}\n\n{MARK}nonce={nonce} plan={plan} -->\n", line_feeds(notes).trim_end())
}

/// Whether a body carries this nonce, which alone makes a draft ours.
pub fn is_marked(body: &str, nonce: &str) -> bool {
    body.lines().any(|line| line.starts_with(MARK) && line.contains(&format!("nonce={nonce} ")))
}

/// A text as hosts hand it back: with line feeds alone, whatever was sent.
pub fn line_feeds(text: &str) -> String {
    text.replace("\r\n", "\n")
}
