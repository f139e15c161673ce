//! The signature over an artifact: read from beside it, asked of a program, or made here; and private keys that lie
//! where they should not.

use std::fs::File;
use std::io::{self, Seek as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use super::files;
use super::github::body::changed;
use super::inbox::{self, Identity, Inspected, Opened};
use super::process::{self, ProcessError};
use super::stop::{Stop, interrupted};
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::fingerprint::{Fingerprint, Hasher};
use crate::release::signature::{PrivateKey, PublicKey, Signature};
use crate::release::text::Clean;
use crate::settings::Environment;

/// Read at once; a stop is looked at between two.
const READ: usize = 1024 * 1024;
/// A program that signs may ask a person to touch something.
const DEADLINE: Duration = Duration::from_mins(5);
/// A program that signs may ask an agent.
const VARIABLES: [&str; 1] = ["SSH_AUTH_SOCK"];

/// The name of the file with the signature of `artifact`, beside it.
pub fn beside(artifact: &str) -> String {
    format!("{artifact}.ed25519")
}

/// The signature in the file beside an artifact; `None` when there is no such file.
pub fn read(artifact: &Path) -> Result<Option<Signature>, Failure> {
    let path = artifact.with_file_name(beside(&name(artifact)));
    let Some(bytes) = files::read(&path)? else { return Ok(None) };
    let signature = std::str::from_utf8(&bytes).ok().and_then(Signature::parse);
    signature.map(Some).ok_or_else(|| malformed(&format!("{} holds no signature", name(&path))))
}

/// What is taken for a signature has not its form.
pub fn malformed(what: &str) -> Failure {
    Failure::new(Code::SignatureWrong, what)
        .why("A signature is base64 of 64 bytes: 88 characters. It may have been cut off.")
        .fix("Sign the DMG again: sign_update -p Nexy.dmg > Nexy.dmg.ed25519")
}

/// The signature that a program prints; `{file}` in its arguments is the artifact.
pub async fn ask(
    command: &[String],
    artifact: &Path,
    root: &Path,
    environment: &Environment,
    stop: &Stop,
) -> Result<Signature, Failure> {
    let argv: Vec<_> = command.iter().map(|word| word.replace("{file}", &artifact.to_string_lossy())).collect();
    let argv: Vec<_> = argv.iter().map(String::as_str).collect();
    let variables = environment.only(&VARIABLES);
    let failed = |why: String| {
        Failure::new(Code::SignatureFailed, format!("`{}` did not sign {}", argv[0], name(artifact)))
            .why(why)
            .fix(shlex::try_join(argv.iter().copied()).unwrap_or_default())
            .fix("Mend `signing.command`: nexy-release config show")
    };
    match process::run_in(root, &argv, variables, DEADLINE, stop).await {
        Err(ProcessError::Interrupted(_)) => Err(interrupted()),
        Err(error) => Err(failed(error.to_string())),
        Ok(output) if output.code != Some(0) => {
            let said = Clean::line(&output.stderr, 200);
            Err(failed(format!("It ended with {}: {said}", output.code.map_or("a signal".into(), |c| c.to_string()))))
        }
        // What it printed is not repeated: it could be anything, also a key.
        Ok(output) => Signature::parse(&output.stdout)
            .ok_or_else(|| failed(format!("It printed {} bytes, which are no signature.", output.stdout.len()))),
    }
}

/// The private key in a variable.
pub fn key_in_variable(variable: &str, environment: &Environment) -> Result<PrivateKey, Failure> {
    let unusable = |what: String| {
        Failure::new(Code::SignatureKey, what)
            .why("`signing.key_env` names the variable with the private key: base64 of a 32-byte seed.")
            .fix(format!("export {variable}=…   (from a secret store, never from a file of the workspace)"))
    };
    let text = environment.get(variable).filter(|text| !text.is_empty());
    let text = text.ok_or_else(|| unusable(format!("The variable {variable} is not set")))?;
    PrivateKey::parse(text).ok_or_else(|| unusable(format!("The variable {variable} holds no Ed25519 private key")))
}

/// The private key in a file, which lies outside the workspace and is its owner's alone.
pub fn key_in_file(path: &Path, root: &Path) -> Result<PrivateKey, Failure> {
    let shown = path.display();
    let unusable = |what: String| {
        Failure::new(Code::SignatureKey, what)
            .why("`signing.key_file` names the file with the private key: base64 of a 32-byte seed. Whoever reads it can sign updates.")
    };
    let real = std::fs::canonicalize(path)
        .map_err(|error| unusable(format!("{shown} cannot be read: {error}")).fix(format!("ls -l '{shown}'")))?;
    if real.starts_with(root) {
        return Err(unusable(format!("{shown} lies in the workspace"))
            .fix(format!("mkdir -p ~/.nexy && mv '{}' ~/.nexy/", real.display()))
            .fix("Set signing.key_file to where it lies then"));
    }
    let mode = std::fs::metadata(&real).map_or(0, |meta| meta.permissions().mode());
    if mode & 0o077 != 0 {
        return Err(unusable(format!("{shown} can be read or written by others")).fix(format!("chmod 600 '{shown}'")));
    }
    let bytes = files::read(&real)?.unwrap_or_default();
    std::str::from_utf8(&bytes).ok().and_then(PrivateKey::parse).ok_or_else(|| {
        unusable(format!("{shown} holds no Ed25519 private key")).fix("Export it again: generate_keys -x FILE")
    })
}

/// Signs a private copy of the artifact as it was inspected: if the bytes changed between the two passes, the key could
/// be computed from the signature. Blocking.
pub fn sign(path: &Path, inspected: &Inspected, key: &PrivateKey, stop: &Stop) -> Result<Signature, Failure> {
    let planned = &inspected.fingerprint;
    let mut source = open(path, inspected)?;
    let copied = files::nameless(|copy| {
        let mut same = Same::new(planned);
        feed(&mut source, stop, &mut |bytes| {
            same.update(bytes);
            copy.write_all(bytes)
        })?;
        if same.holds() { Ok(()) } else { Err(io::Error::other("it changed while it was copied")) }
    });
    let failed = |error: io::Error| {
        Failure::new(Code::SignatureFailed, format!("{} could not be signed: {error}", name(path)))
            .why("A private copy is signed, so that nobody can exchange the bytes meanwhile; it needs room in TMPDIR.")
            .fix("df -h \"${TMPDIR:-/tmp}\"")
            .fix("Run the same command again")
    };
    let copy = stop.check().and_then(|()| copied.map_err(failed))?;
    let signature = key.sign(|update| {
        let mut same = Same::new(planned);
        let mut copy = &copy;
        let fed = copy.rewind().and_then(|()| {
            feed(&mut copy, stop, &mut |bytes| {
                same.update(bytes);
                update(bytes);
                Ok(())
            })
        });
        fed.is_ok() && same.holds()
    });
    stop.check()?;
    signature.ok_or_else(|| failed(io::Error::other("its copy changed")))
}

/// Whether the signature is one of the artifact as it was inspected. Blocking; `meter` is told the bytes done.
pub fn verify(
    path: &Path,
    inspected: &Inspected,
    key: &PublicKey,
    signature: &Signature,
    meter: &dyn Fn(u64),
    stop: &Stop,
) -> Result<bool, Failure> {
    let mut file = open(path, inspected)?;
    let Some(mut verification) = key.verify(signature) else { return Ok(false) };
    let mut same = Same::new(&inspected.fingerprint);
    let fed = feed(&mut file, stop, &mut |bytes| {
        verification.update(bytes);
        same.update(bytes);
        meter(same.hasher.size());
        Ok(())
    });
    stop.check()?;
    fed.map_err(|error| inbox::unreadable(path, &error))?;
    if !same.holds() || Identity::of(&file).map_err(|error| inbox::unreadable(path, &error))? != inspected.identity {
        return Err(changed(path));
    }
    Ok(verification.holds())
}

/// Whether a small file holds a private key; see [`holds_private_key`].
pub fn is_private_key(path: &Path, public: Option<&PublicKey>) -> bool {
    let small = std::fs::symlink_metadata(path).is_ok_and(|meta| meta.is_file() && meta.len() <= 64 * 1024);
    let bytes = if small { files::read(path).ok().flatten().unwrap_or_default() } else { Vec::new() };
    holds_private_key(path, &bytes, public)
}

/// Whether what a file of this name holds is a private key: a PEM file, indented or not; a seed, wherever it stands,
/// that belongs to the public key; or a bare seed in a file that is called a key. A public key has the form of a seed.
pub fn holds_private_key(path: &Path, bytes: &[u8], public: Option<&PublicKey>) -> bool {
    // It may lie among bytes that are no text.
    let text = String::from_utf8_lossy(bytes);
    let is_pem = |line: &str| {
        let line = line.trim_start_matches(|c: char| c.is_whitespace() || "\"'|>-#".contains(c)).trim_end();
        line.starts_with("BEGIN ") && line.ends_with("PRIVATE KEY-----") || line.contains("PRIVATE KEY-----\\n")
    };
    if text.lines().any(is_pem) {
        return true;
    }
    let base64 = |c: char| !(c.is_ascii_alphanumeric() || "+/=".contains(c));
    // `KEY=seed`: the sign in between is no part of it. With its public half behind it a key is twice as long.
    let words = text.split(base64).flat_map(|word| [Some(word), word.split_once('=').map(|(_, value)| value)]);
    let belongs = |word: &str| {
        let seed = PrivateKey::parse(word).or_else(|| PrivateKey::of_pair(word));
        seed.is_some_and(|key| public.is_some_and(|public| key.public() == *public))
    };
    if words.flatten().any(belongs) {
        return true;
    }
    if PrivateKey::parse(&text).is_none() {
        return false;
    }
    let name = name(path).to_lowercase();
    let called = ["priv", "secret", "seed", "ed25519", "eddsa", "sparkle"].iter().any(|word| name.contains(word));
    called && !name.contains("pub") && public.is_none_or(|public| public.to_string() != text.trim())
}

/// Whether what is read is what was inspected.
struct Same<'a> {
    planned: &'a Fingerprint,
    hasher: Hasher,
}

impl<'a> Same<'a> {
    fn new(planned: &'a Fingerprint) -> Self {
        Self { planned, hasher: Hasher::default() }
    }

    fn update(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
    }

    fn holds(self) -> bool {
        self.hasher.finish() == *self.planned
    }
}

fn open(path: &Path, inspected: &Inspected) -> Result<File, Failure> {
    let opened = Opened::open(path)?;
    if opened.identity == inspected.identity { Ok(opened.file) } else { Err(changed(path)) }
}

/// Hands on what is there to be read, until a stop is asked for.
fn feed(source: &mut impl io::Read, stop: &Stop, take: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut buffer = vec![0; READ];
    loop {
        if stop.is_stopped() {
            return Err(io::ErrorKind::Interrupted.into());
        }
        match source.read(&mut buffer)? {
            0 => return Ok(()),
            read => take(&buffer[..read])?,
        }
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
