//! A download taken in whole and fingerprinted; nothing of it is kept.

use url::Url;

use super::body::Meter;
use super::hosts::Audience;
use super::http::Door;
use super::line::{Download, Fetched};
use crate::release::artifact::{KOLY_LEN, XAR_LEN};
use crate::release::failure::Failure;
use crate::release::fingerprint::{Fingerprint, Hasher};
use crate::release::signature::{PublicKey, Signature};

#[allow(clippy::cast_possible_truncation, reason = "512")]
const KOLY: usize = KOLY_LEN as usize;

/// What a download turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Downloaded {
    /// Whole.
    Bytes(Sample),
    /// More bytes than expected, and so announced; it was not read on.
    TooLong,
    /// The host says that there is none.
    Missing(Failure),
}

/// Signatures that may be ones of what comes.
#[derive(Debug, Clone)]
pub struct Claims {
    /// Whose they should be.
    pub key: PublicKey,
    /// Each once.
    pub signatures: Vec<Signature>,
}

/// What is known of bytes that were not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Of all of them.
    pub fingerprint: Fingerprint,
    /// The first ones, which tell a PKG.
    pub head: Vec<u8>,
    /// The last ones, which tell a DMG.
    pub tail: Vec<u8>,
    /// The claimed signatures that are ones of all of them.
    pub signed: Vec<Signature>,
}

/// Downloads, fingerprints and holds claimed signatures against what comes; a download that breaks off is begun anew, 5
/// times at most.
pub async fn fingerprint(
    door: &Door,
    url: &Url,
    first: Audience,
    expected: u64,
    claims: Option<&Claims>,
    meter: &Meter,
) -> Result<Downloaded, Failure> {
    let mut delays = door.delays();
    loop {
        let failure = match door.download(url, first).await? {
            Fetched::Missing(failure) => return Ok(Downloaded::Missing(failure)),
            Fetched::Body(body) => match drain(body, expected, claims, meter).await {
                Ok(downloaded) => return Ok(downloaded),
                Err(failure) => failure,
            },
        };
        let Some(delay) = delays.next() else { return Err(failure) };
        door.pause(delay, &failure.what).await?;
    }
}

/// Reads to the end, or to one byte beyond what is expected. Where the host announced no size, an end before its time and
/// none in time are a broken transfer, not other bytes.
async fn drain(
    mut body: Download,
    expected: u64,
    claims: Option<&Claims>,
    meter: &Meter,
) -> Result<Downloaded, Failure> {
    let mut hasher = Hasher::default();
    let claimed = claims.iter().flat_map(|claims| claims.signatures.iter().map(|signature| (claims.key, *signature)));
    let mut verifications: Vec<_> =
        claimed.filter_map(|(key, signature)| Some((signature, key.verify(&signature)?))).collect();
    let (mut head, mut tail) = (Vec::new(), Vec::new());
    while let Some(bytes) = body.chunk().await? {
        hasher.update(&bytes);
        if hasher.size() > expected {
            return if body.announced().is_some() { Ok(Downloaded::TooLong) } else { Err(body.goes_on(expected)) };
        }
        head.extend(bytes.iter().take(XAR_LEN - head.len()));
        keep_last(&mut tail, &bytes);
        for (_, verification) in &mut verifications {
            verification.update(&bytes);
        }
        meter(hasher.size());
    }
    if hasher.size() < expected && body.announced().is_none() {
        return Err(body.ended_early(hasher.size(), expected));
    }
    let holding = verifications.into_iter().filter_map(|(signature, held)| held.holds().then_some(signature));
    let signed = holding.collect();
    Ok(Downloaded::Bytes(Sample { fingerprint: hasher.finish(), head, tail, signed }))
}

/// Adds bytes to the end and lets those at the front go that are more than a DMG's trailer.
fn keep_last(tail: &mut Vec<u8>, bytes: &[u8]) {
    let bytes = &bytes[bytes.len().saturating_sub(KOLY)..];
    let surplus = (tail.len() + bytes.len()).saturating_sub(KOLY);
    tail.drain(..surplus);
    tail.extend_from_slice(bytes);
}
