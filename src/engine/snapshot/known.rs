//! What one snapshot knows for the next: what was read of files that have not changed since.

use std::borrow::Cow;
use std::collections::HashMap;

use super::Snapshot;
use crate::release::signature::Signature;
use crate::world::inbox::{Identity, Inspected};

/// A signature over the DMG of the inbox, verified.
#[derive(Debug, Clone)]
pub struct Signed {
    /// The signature.
    pub signature: Signature,
    /// Where it comes from, for people.
    pub from: Cow<'static, str>,
}

/// What is known of files that have not changed since they were read.
#[derive(Debug, Clone, Default)]
pub struct Known {
    pub(super) inspected: HashMap<Identity, Inspected>,
    pub(super) signed: HashMap<Identity, Signed>,
}

impl Known {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Snapshot {
    /// What was read so far, for the next snapshot.
    pub async fn known(&self) -> Known {
        let artifacts = self.artifacts().await.map(Vec::as_slice).unwrap_or_default();
        let inspected = artifacts.iter().filter_map(|artifact| artifact.inspected.as_ref().ok());
        let signed = match self.signature.0.get() {
            Some(Ok(Some(signed))) => {
                self.dmg(artifacts).map(|(_, inspected)| (inspected.identity.clone(), signed.clone()))
            }
            _ => None,
        };
        Known {
            inspected: inspected.map(|inspected| (inspected.identity.clone(), inspected.clone())).collect(),
            signed: signed.into_iter().collect(),
        }
    }
}
