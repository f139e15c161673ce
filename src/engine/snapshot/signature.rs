//! The signature over the DMG: found, or made, and verified over every byte before anybody relies on it.

use futures::FutureExt as _;

use super::{Artifact, ManifestCopy, Signed, Snapshot, panicked};
use crate::engine::event::StepId;
use crate::engine::steps::plan::own_files;
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::fingerprint::Fingerprint;
use crate::release::signature::{PrivateKey, PublicKey, Signature};
use crate::release::version::Version;
use crate::world::inbox::Inspected;
use crate::world::signing;

impl Snapshot {
    /// The key that clients have; `None`: no signature is expected.
    pub fn public_key(&self) -> Result<Option<PublicKey>, Failure> {
        let Some(text) = &self.settings.signing.public_key else { return Ok(None) };
        let unusable = |why| {
            Failure::new(Code::SignatureKey, format!("signing.public_key cannot be used: {why}"))
                .why("Clients verify each update with this key.")
                .fix("Copy SUPublicEDKey from the application's Info.plist into release.toml")
                .fix("nexy-release config show")
        };
        PublicKey::parse(text).map(Some).map_err(unusable)
    }

    /// The signature over the DMG; `None`: none is expected, or there is no DMG.
    pub async fn signature(&self) -> Result<Option<&Signed>, Failure> {
        self.signature.get(self.find_signature().boxed()).await.map(Option::as_ref)
    }

    /// The DMG that the manifest points at.
    pub(super) fn dmg<'a>(&self, artifacts: &'a [Artifact]) -> Option<(&'a str, &'a Inspected)> {
        let name = &self.settings.release.manifest_asset()?.name;
        let artifact = artifacts.iter().find(|artifact| artifact.name == *name)?;
        Some((&artifact.name, artifact.inspected.as_ref().ok()?))
    }

    async fn find_signature(&self) -> Result<Option<Signed>, Failure> {
        let Some(key) = self.public_key()? else { return Ok(None) };
        let Some((name, inspected)) = self.dmg(self.artifacts().await?) else { return Ok(None) };
        if let Some(signed) = self.known.signed.get(&inspected.identity) {
            return Ok(Some(signed.clone()));
        }
        // A release that was signed once is not signed again: its manifest stays as it is.
        for signature in self.in_manifests(inspected).await? {
            if self.holds(name, inspected, key, signature).await? {
                return Ok(Some(Signed { signature, from: "the manifest".into() }));
            }
        }
        let signed = self.obtain(name, inspected, &key).await?;
        if self.holds(name, inspected, key, signed.signature).await? {
            return Ok(Some(signed));
        }
        Err(Failure::new(Code::SignatureWrong, format!("The signature from {} is not one of this {name}", signed.from))
            .why("It is of other bytes, or was made with another key than the one that clients have: they would refuse the update.")
            .fix(format!("Sign the {name} that is in the inbox, after its last change"))
            .fix("Compare the key: generate_keys -p, and signing.public_key in nexy-release config show"))
    }

    async fn in_manifests(&self, inspected: &Inspected) -> Result<Vec<Signature>, Failure> {
        let said = self.said_of(&inspected.fingerprint, &self.version().await?).await?;
        Ok(said.iter().filter_map(|text| Signature::parse(text)).collect())
    }

    /// What the manifests give as the signature of these very bytes, each text once; it may be anything.
    pub async fn said_of(&self, package: &Fingerprint, version: &Version) -> Result<Vec<String>, Failure> {
        let mut said: Vec<_> =
            self.manifests().await?.iter().filter_map(|copy| copy.manifest.as_ref()?.as_ref().ok().cloned()).collect();
        for path in own_files(&self.settings.manifest.paths, version) {
            let copy = ManifestCopy::read(&self.readers.workspace, path, self.pending().await?)?;
            said.extend(copy.manifest.and_then(Result::ok));
        }
        let of_these = said.iter().filter(|manifest| manifest.fingerprint() == Some(*package));
        let found = of_these.filter_map(|manifest| Some(manifest.signature()?.to_owned()));
        let found: std::collections::BTreeSet<_> = found.filter(|text| !text.is_empty()).collect();
        Ok(found.into_iter().collect())
    }

    async fn obtain(&self, name: &str, inspected: &Inspected, public: &PublicKey) -> Result<Signed, Failure> {
        let signing = &self.settings.signing;
        let (path, root) = (self.readers.workspace.artifact(name), self.readers.workspace.root());
        let (environment, stop) = (&self.readers.environment, &self.readers.stop);
        if !signing.command.is_empty() {
            let signature = signing::ask(&signing.command, &path, root, environment, stop).await?;
            return Ok(Signed { signature, from: format!("`{}`", signing.command[0]).into() });
        }
        if let Some(variable) = &signing.key_env {
            let key = signing::key_in_variable(variable, environment)?;
            return self.sign(name, inspected, key, public, format!("the key in {variable}")).await;
        }
        if let Some(file) = &signing.key_file {
            let key = signing::key_in_file(file, root)?;
            return self.sign(name, inspected, key, public, format!("the key in {}", file.display())).await;
        }
        let found = signing::read(&path)?.map(|signature| Signed { signature, from: signing::beside(name).into() });
        found.ok_or_else(|| {
            Failure::new(Code::SignatureMissing, format!("There is no signature of {name}"))
                .why("`signing.public_key` is set: clients refuse an update without a signature.")
                .fix(format!("sign_update -p '{0}' > '{0}.ed25519'", path.display()))
                .fix("Or let it be made: signing.command, signing.key_env or signing.key_file in release.toml")
        })
    }

    async fn sign(
        &self,
        name: &str,
        inspected: &Inspected,
        key: PrivateKey,
        public: &PublicKey,
        from: String,
    ) -> Result<Signed, Failure> {
        if key.public() != *public {
            return Err(Failure::new(Code::SignatureKey, format!("signing.public_key does not belong to {from}"))
                .why(format!("Its public key is {}; clients have {public}.", key.public()))
                .fix("Use the private key of the public key that clients have"));
        }
        let path = self.readers.workspace.artifact(name);
        let (inspected, stop) = (inspected.clone(), self.readers.stop.clone());
        let signed = tokio::task::spawn_blocking(move || signing::sign(&path, &inspected, &key, &stop)).await;
        Ok(Signed { signature: signed.map_err(|error| panicked(&error))??, from: from.into() })
    }

    /// Whether a signature is one of the DMG, read from its first byte to its last.
    async fn holds(
        &self,
        name: &str,
        inspected: &Inspected,
        key: PublicKey,
        signature: Signature,
    ) -> Result<bool, Failure> {
        let path = self.readers.workspace.artifact(name);
        let meter = self.events.progress(StepId::Checks, [(name.to_owned(), inspected.fingerprint.size)]).meter(0);
        let (inspected, stop) = (inspected.clone(), self.readers.stop.clone());
        let verify = move || signing::verify(&path, &inspected, &key, &signature, &*meter, &stop);
        tokio::task::spawn_blocking(verify).await.map_err(|error| panicked(&error))?
    }
}
