//! A file as the body of an upload: read once, hashed as it is sent, and held back at the end until every byte before
//! is known to be the planned one.

use std::io::Read;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use futures::stream;
use tokio::sync::mpsc;
use tokio_util::bytes::Bytes;

use super::patience::Patience;
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::fingerprint::{Fingerprint, Hasher};
use crate::world::inbox::{Identity, Opened};
use crate::world::stop::Stop;

/// Read at once; a stop is looked at between two.
const READ: usize = 1024 * 1024;
/// Handed to the network at once: small, so that a slow line still shows life.
const CHUNK: usize = 64 * 1024;

/// Told how many bytes are done.
pub type Meter = Arc<dyn Fn(u64) + Send + Sync>;

/// A body and what is known of its way.
pub struct Upload {
    /// Bytes; the exact `Content-Length`.
    pub size: u64,
    /// For reqwest.
    pub body: reqwest::Body,
    /// When bytes last went out.
    pub activity: Activity,
    /// Set when the file turned out to be another than planned; the body then ends before its last bytes.
    pub verdict: Arc<OnceLock<Failure>>,
}

/// When something last moved.
#[derive(Debug, Clone, Default)]
pub struct Activity(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    last: Instant,
    sent_all: bool,
}

impl Default for State {
    fn default() -> Self {
        Self { last: Instant::now(), sent_all: false }
    }
}

impl Activity {
    /// Something moved now.
    pub fn touch(&self) {
        self.lock().last = Instant::now();
    }

    /// When to give up.
    pub fn deadline(&self, patience: Patience) -> Instant {
        let limit = self.limit(patience);
        self.lock().last + limit
    }

    /// How long nothing may move. After the last byte of a body the host may still drain buffers and store the file: it
    /// gets the longest wait on top.
    pub fn limit(&self, patience: Patience) -> Duration {
        patience.idle + if self.lock().sent_all { patience.max_wait } else { Duration::ZERO }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens `path` for sending. Fails when it is not the file of the plan any more.
pub fn open(
    path: &Path,
    planned: &Fingerprint,
    identity: &Identity,
    meter: Meter,
    stop: Stop,
) -> Result<Upload, Failure> {
    let opened = Opened::open(path)?;
    if opened.identity != *identity || opened.identity.size != planned.size {
        return Err(changed(path));
    }
    let (sender, receiver) = mpsc::channel(2);
    let verdict = Arc::new(OnceLock::new());
    let activity = Activity::default();
    let (planned, path, fault) = (*planned, path.to_owned(), verdict.clone());
    tokio::task::spawn_blocking(move || {
        if let Err(failure) = feed(opened, &planned, &path, &sender, &stop) {
            let _ = fault.set(failure);
            let _ = sender.blocking_send(Err(std::io::Error::other("the file is not the planned one")));
        }
    });
    let body = stream::unfold((receiver, Bytes::new(), 0), {
        let activity = activity.clone();
        move |(mut receiver, mut rest, mut done)| {
            let (activity, meter) = (activity.clone(), meter.clone());
            async move {
                while rest.is_empty() {
                    match receiver.recv().await {
                        Some(Ok(bytes)) => rest = bytes,
                        Some(Err(error)) => return Some((Err(error), (receiver, rest, done))),
                        None => return None,
                    }
                }
                let chunk = rest.split_to(rest.len().min(CHUNK));
                done += chunk.len() as u64;
                activity.touch();
                activity.lock().sent_all = done == planned.size;
                meter(done);
                Some((Ok::<_, std::io::Error>(chunk), (receiver, rest, done)))
            }
        }
    });
    Ok(Upload { size: planned.size, body: reqwest::Body::wrap_stream(body), activity, verdict })
}

/// Reads, hashes and hands on, one piece behind: the last piece goes out only when the whole is the planned file.
fn feed(
    opened: Opened,
    planned: &Fingerprint,
    path: &Path,
    sender: &mpsc::Sender<std::io::Result<Bytes>>,
    stop: &Stop,
) -> Result<(), Failure> {
    let Opened { mut file, identity } = opened;
    let mut hasher = Hasher::default();
    let mut held: Option<Bytes> = None;
    loop {
        stop.check()?;
        let mut piece = Vec::with_capacity(READ);
        (&mut file)
            .take(READ as u64)
            .read_to_end(&mut piece)
            .map_err(|error| crate::world::inbox::unreadable(path, &error))?;
        if piece.is_empty() {
            break;
        }
        hasher.update(&piece);
        if hasher.size() > planned.size {
            return Err(changed(path));
        }
        if let Some(before) = held.replace(piece.into())
            && sender.blocking_send(Ok(before)).is_err()
        {
            // Nobody reads on: the request ended, and says why itself.
            return Ok(());
        }
    }
    if hasher.finish() != *planned
        || Identity::of(&file).map_err(|e| crate::world::inbox::unreadable(path, &e))? != identity
    {
        return Err(changed(path));
    }
    if let Some(last) = held {
        let _ = sender.blocking_send(Ok(last));
    }
    Ok(())
}

/// The file is not the one that was planned.
pub fn changed(path: &Path) -> Failure {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Failure::new(Code::ArtifactChanged, format!("{name} changed after the plan was made"))
        .why("Only the bytes that were checked and confirmed are published; these are others. Nothing of them is public.")
        .fix("Let the build finish writing, then run the same command again")
}
