//! The fault plan: which requests meet which misfortune. A value; `gate` carries it out.
//!
//! `docs/faults.md` describes its form in a file.

use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::sync::Mutex;
use std::time::Duration;

use axum::http::StatusCode;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::{Origin, lock};

/// One misfortune and the requests that meet it. Several may hit the same request; of those that end it (`answer`,
/// `reset`, `close`, `stall`) and of those that rewrite the answer the first in the plan counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Only requests to this origin.
    #[serde(default)]
    pub origin: Option<Origin>,
    /// Only requests with this method.
    #[serde(default)]
    pub method: Option<String>,
    /// Only requests whose path and query contain this.
    #[serde(default)]
    pub path: String,
    /// The number, from 1, of the first matching request that is hit.
    #[serde(default = "first", deserialize_with = "positive")]
    pub from: u64,
    /// How many matching requests are hit; none: all from then on.
    #[serde(default)]
    pub times: Option<u64>,
    /// What happens to them.
    pub action: Action,
}

const fn first() -> u64 {
    1
}

fn positive<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    NonZeroU64::deserialize(from).map(NonZeroU64::get)
}

fn status<'de, D: Deserializer<'de>>(from: D) -> Result<u16, D::Error> {
    StatusCode::from_u16(u16::deserialize(from)?).map(|status| status.as_u16()).map_err(D::Error::custom)
}

fn before_answer<'de, D: Deserializer<'de>>(from: D) -> Result<Stage, D::Error> {
    match Stage::deserialize(from)? {
        Stage::Answer(_) => Err(D::Error::custom("an `answer` is another one from its first byte on")),
        stage => Ok(stage),
    }
}

/// A misfortune.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// Another answer than the host's own: an error, a redirect (`location`), other bytes for a download.
    Answer {
        /// Its status.
        #[serde(deserialize_with = "status")]
        status: u16,
        /// Its headers.
        #[serde(default)]
        headers: BTreeMap<String, String>,
        /// Its body.
        #[serde(default)]
        body: String,
        /// When; not `answer`.
        #[serde(default, deserialize_with = "before_answer")]
        after: Stage,
    },
    /// A TCP reset.
    Reset {
        /// When.
        #[serde(default)]
        after: Stage,
    },
    /// The connection is closed in the ordinary way; after `answer` bytes this is a truncated answer.
    Close {
        /// When.
        #[serde(default)]
        after: Stage,
    },
    /// Nothing more happens until the client leaves or the host stops.
    Stall {
        /// When.
        #[serde(default)]
        after: Stage,
    },
    /// Everything happens this many milliseconds later.
    DelayMs(u64),
    /// The `Date` header is off by this many seconds.
    DateOffsetS(i64),
    /// Digests in this answer are null.
    DigestNull,
    /// An upload of which only the first bytes are kept, answered 201.
    KeepOnly(u64),
    /// The answer ends properly after so many bytes, and never said how many there would be.
    Shorten(u64),
    /// The byte of the answer's body at this offset is inverted.
    Flip(u64),
    /// The answer's body never ends.
    Endless,
}

/// How far a request gets before a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Its head has been read, nothing of its body.
    Head,
    /// All of it has been read, nothing has been done.
    #[default]
    Request,
    /// Its work has begun and this many bytes of its body have been read, or all if there are fewer. An upload has
    /// its `starter` asset by then.
    Body(u64),
    /// Its work is done, its answer is not sent.
    Work,
    /// This many bytes of its answer's body have been sent, or all if there are fewer. After `close` and `stall` the
    /// client gets exactly these; a `reset` throws away what is still on its way, so it may get fewer.
    Answer(u64),
}

impl Fault {
    /// This misfortune for every request.
    pub const fn new(action: Action) -> Self {
        Self { origin: None, method: None, path: String::new(), from: 1, times: None, action }
    }

    /// An answer with this status, after the request was read and before anything was done.
    pub fn answer(status: u16) -> Self {
        Self::new(Action::Answer { status, headers: BTreeMap::new(), body: String::new(), after: Stage::Request })
    }

    /// A redirect to this URL.
    pub fn redirect(status: u16, url: &str) -> Self {
        Self::new(Action::Answer {
            status,
            headers: BTreeMap::from([("location".into(), url.into())]),
            body: String::new(),
            after: Stage::Request,
        })
    }

    /// Only for this origin.
    #[must_use]
    pub const fn at(mut self, origin: Origin) -> Self {
        self.origin = Some(origin);
        self
    }

    /// Only for this method and part of path and query.
    #[must_use]
    pub fn on(mut self, method: &str, path: &str) -> Self {
        self.method = Some(method.into());
        self.path = path.into();
        self
    }

    /// Only from the `from`th matching request on, and `times` times.
    #[must_use]
    pub const fn window(mut self, from: u64, times: u64) -> Self {
        self.from = from;
        self.times = Some(times);
        self
    }

    fn matches(&self, origin: Origin, method: &str, path: &str) -> bool {
        self.origin.is_none_or(|wanted| wanted == origin)
            && self.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && path.contains(&self.path)
    }
}

/// The plan in force, with how often each fault has matched.
#[derive(Default)]
pub(super) struct Faults(Mutex<Vec<(Fault, u64)>>);

impl Faults {
    pub fn set(&self, plan: Vec<Fault>) {
        *lock(&self.0) = plan.into_iter().map(|fault| (fault, 0)).collect();
    }

    /// What awaits this request.
    pub fn effects(&self, origin: Origin, method: &str, path: &str) -> Effects {
        let mut effects = Effects::default();
        for (fault, seen) in lock(&self.0).iter_mut().filter(|(fault, _)| fault.matches(origin, method, path)) {
            *seen += 1;
            let nth = seen.saturating_sub(fault.from.saturating_sub(1));
            if nth > 0 && fault.times.is_none_or(|times| nth <= times) {
                effects.add(&fault.action);
            }
        }
        effects
    }
}

/// All that awaits one request.
#[derive(Default)]
pub(super) struct Effects {
    pub delay: Duration,
    pub date_offset_s: Option<i64>,
    pub quirks: Quirks,
    pub end: Option<(Stage, End)>,
    pub rewrite: Option<Rewrite>,
}

/// How a request ends before its time.
#[derive(Clone)]
pub(super) enum End {
    Answer { status: u16, headers: BTreeMap<String, String>, body: String },
    Reset,
    Close,
    Stall,
}

/// What happens to the body of an answer.
#[derive(Clone, Copy)]
pub(super) enum Rewrite {
    Shorten(u64),
    Flip(u64),
    Endless,
}

/// What a handler itself must do differently.
#[derive(Clone, Copy, Default)]
pub(super) struct Quirks {
    pub digest_null: bool,
    pub keep_only: Option<u64>,
}

impl Effects {
    fn add(&mut self, action: &Action) {
        match action {
            Action::Answer { status, headers, body, after } => {
                let end = End::Answer { status: *status, headers: headers.clone(), body: body.clone() };
                self.end.get_or_insert((*after, end));
            }
            Action::Reset { after } => _ = self.end.get_or_insert((*after, End::Reset)),
            Action::Close { after } => _ = self.end.get_or_insert((*after, End::Close)),
            Action::Stall { after } => _ = self.end.get_or_insert((*after, End::Stall)),
            Action::DelayMs(ms) => self.delay += Duration::from_millis(*ms),
            Action::DateOffsetS(seconds) => self.date_offset_s = Some(*seconds),
            Action::DigestNull => self.quirks.digest_null = true,
            Action::KeepOnly(bytes) => self.quirks.keep_only = Some(*bytes),
            Action::Shorten(bytes) => _ = self.rewrite.get_or_insert(Rewrite::Shorten(*bytes)),
            Action::Flip(offset) => _ = self.rewrite.get_or_insert(Rewrite::Flip(*offset)),
            Action::Endless => _ = self.rewrite.get_or_insert(Rewrite::Endless),
        }
    }
}
