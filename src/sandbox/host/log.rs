//! The request log: what clients asked, of which origin, and what they were told.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};

use super::{Origin, lock};

/// One request as the host saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Order of arrival, from 1; goes on over restarts.
    pub seq: u64,
    /// Where it arrived.
    pub origin: Origin,
    /// `GET`, `POST`, …
    pub method: String,
    /// Path and query; the signature of a signed URL is replaced.
    pub path: String,
    /// Whether it carried an `Authorization` header. The value is kept nowhere.
    pub authorized: bool,
    /// Status of the answer; none while there is none, and for ever when the connection was cut before it.
    pub status: Option<u16>,
    /// Bytes of the body that were read.
    pub received: u64,
}

impl Request {
    /// Whether it could change something: any method but GET, HEAD and OPTIONS.
    pub fn mutates(&self) -> bool {
        !matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS")
    }
}

/// The log in memory, and its file with one JSON object per line, written as each request ends.
pub(super) struct Log {
    entries: Mutex<Vec<Arc<Entry>>>,
    file: Mutex<File>,
    seq: AtomicU64,
}

struct Entry {
    request: Request,
    /// 0: not answered.
    status: AtomicU16,
    received: Arc<AtomicU64>,
}

impl Entry {
    fn snapshot(&self) -> Request {
        let status = Some(self.status.load(Ordering::SeqCst)).filter(|status| *status != 0);
        Request { status, received: self.received.load(Ordering::SeqCst), ..self.request.clone() }
    }
}

impl Log {
    /// Opens the log file for appending and numbers on from what is there.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).read(true).open(path)?;
        let mut last = 0;
        for line in BufReader::new(&file).lines() {
            // A line torn by a kill has no number; the next one simply follows the last whole line.
            if let Ok(request) = serde_json::from_str::<Request>(&line?) {
                last = last.max(request.seq);
            }
        }
        Ok(Self { entries: Mutex::default(), file: Mutex::new(file), seq: AtomicU64::new(last) })
    }

    pub fn requests(&self) -> Vec<Request> {
        lock(&self.entries).iter().map(|entry| entry.snapshot()).collect()
    }

    pub fn clear(&self) {
        lock(&self.entries).clear();
    }

    /// Enters a request that has just arrived.
    pub fn enter(self: &Arc<Self>, origin: Origin, method: &str, path: String, authorized: bool) -> Open {
        let mut entries = lock(&self.entries);
        let seq = self.seq.fetch_add(1, Ordering::SeqCst) + 1;
        let request = Request { seq, origin, method: method.into(), path, authorized, status: None, received: 0 };
        let entry = Arc::new(Entry { request, status: AtomicU16::new(0), received: Arc::default() });
        entries.push(Arc::clone(&entry));
        Open { log: Arc::clone(self), entry }
    }
}

/// A request under way; its line is written when this is dropped, answered or not.
pub(super) struct Open {
    log: Arc<Log>,
    entry: Arc<Entry>,
}

impl Open {
    /// Where the bytes of its body are counted.
    pub fn received(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.entry.received)
    }

    /// Notes the answer; the log knows it before the client does.
    pub fn answered(self, status: u16) {
        self.entry.status.store(status, Ordering::SeqCst);
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        // The log is for looking on: a full disk must not change what the host answers.
        if let Ok(mut line) = serde_json::to_vec(&self.entry.snapshot()) {
            line.push(b'\n');
            let _ = lock(&self.log.file).write_all(&line);
        }
    }
}

/// Path and query for the log, without the signature that a signed URL carries.
pub(super) fn redacted(path_and_query: &str) -> String {
    let Some((path, query)) = path_and_query.split_once('?') else { return path_and_query.into() };
    let query: Vec<&str> =
        query.split('&').map(|pair| if pair.starts_with("sig=") { "sig=redacted" } else { pair }).collect();
    format!("{path}?{}", query.join("&"))
}
