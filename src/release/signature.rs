//! Ed25519 as Sparkle has it (facts/NEXY.md): keys and signatures in base64, a signature over all bytes of a file. Both
//! work on a stream: a DMG does not fit into memory.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::hazmat::{ExpandedSecretKey, raw_sign_byupdate};
use ed25519_dalek::{SignatureError, SigningKey, StreamVerifier, VerifyingKey};
use secrecy::zeroize::Zeroizing;
use sha2::{Digest as _, Sha512};

/// Bytes of a signature in base64.
const BASE64_LEN: usize = 88;

/// The key that clients have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Reads base64 of 32 bytes, and says what is wrong with them. A weak key is refused: under one a signature can be
    /// made that holds for any file.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let bytes = decode::<32>(text).ok_or("it is not base64 of 32 bytes")?;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| "it is no point of the curve")?;
        if key.is_weak() { Err("it is weak: anybody can sign for it") } else { Ok(Self(key)) }
    }

    /// Begins to verify; `None` for a signature that cannot be one of this curve.
    pub fn verify(&self, signature: &Signature) -> Option<Verification> {
        self.0.verify_stream(&signature.0).ok().map(Verification)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&BASE64.encode(self.0.as_bytes()))
    }
}

/// A signature, whosever it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature(ed25519_dalek::Signature);

impl Signature {
    /// Reads base64 of 64 bytes, alone or in the line that Sparkle's `sign_update` prints.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let attribute = text.split_once("edSignature=\"").and_then(|(_, rest)| rest.split('"').next());
        decode(attribute.unwrap_or(text)).map(|bytes| Self(ed25519_dalek::Signature::from_bytes(&bytes)))
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&BASE64.encode(self.0.to_bytes()))
    }
}

/// A verification under way.
pub struct Verification(StreamVerifier);

impl Verification {
    /// The next bytes of the file.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Whether the signature is one of these bytes.
    pub fn holds(self) -> bool {
        self.0.finalize_and_verify().is_ok()
    }
}

/// The key that signs. Neither `Debug` nor `Display` shows it, and its memory is wiped.
pub struct PrivateKey(SigningKey);

impl PrivateKey {
    /// Reads base64 of a 32-byte seed.
    pub fn parse(text: &str) -> Option<Self> {
        decode::<32>(text).map(|seed| Self(SigningKey::from_bytes(&seed)))
    }

    /// Reads base64 of 64 bytes: the seed, then its public key.
    pub fn of_pair(text: &str) -> Option<Self> {
        decode::<64>(text).and_then(|pair| pair.first_chunk().map(|seed| Self(SigningKey::from_bytes(seed))))
    }

    /// The public key that belongs to it.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// Signs a message that `pass` feeds twice, from its beginning. Two different messages would give the key away:
    /// `pass` answers whether what it fed is the one message, and where it is not there is no signature.
    pub fn sign(&self, pass: impl Fn(&mut dyn FnMut(&[u8])) -> bool) -> Option<Signature> {
        let feed = |hasher: &mut Sha512| {
            if pass(&mut |bytes| hasher.update(bytes)) { Ok(()) } else { Err(SignatureError::new()) }
        };
        let expanded = ExpandedSecretKey::from(self.0.as_bytes());
        raw_sign_byupdate::<Sha512, _>(&expanded, feed, &self.0.verifying_key()).ok().map(Signature)
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PrivateKey").finish_non_exhaustive()
    }
}

/// Base64 of exactly so many bytes. What is decoded may be a key: its memory is wiped.
fn decode<const N: usize>(text: &str) -> Option<Zeroizing<[u8; N]>> {
    let text = text.trim();
    let mut room = Zeroizing::new([0; BASE64_LEN]);
    let len = if text.len() <= BASE64_LEN { BASE64.decode_slice(text, &mut *room).ok()? } else { 0 };
    let mut bytes = Zeroizing::new([0; N]);
    (len == N).then(|| bytes.copy_from_slice(&room[..N]))?;
    Some(bytes)
}
