//! Connections that can be cut: a fault must look like a fault of the network, not like an answer.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use futures::task::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};

use super::lock;

/// How a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// At once, with a TCP reset.
    Reset,
    /// With a TCP reset, when what was written has gone out.
    FlushAndReset,
    /// Closed in the ordinary way, when what was written has gone out.
    FlushAndClose,
}

/// 0 is a connection that is open.
const RESET: u8 = 1;
const FLUSH_AND_RESET: u8 = 2;
const FLUSH_AND_CLOSE: u8 = 3;

/// The handle with which a request's handler cuts its connection.
#[derive(Clone, Default)]
pub(super) struct Line(Arc<LineState>);

#[derive(Default)]
struct LineState {
    cut: AtomicU8,
    /// Every poll of the connection happens in one task, so one waker is enough.
    waker: AtomicWaker,
}

impl Line {
    /// Cuts the connection; the request that asks for it never gets to answer.
    pub fn cut(&self, cut: Cut) {
        let cut = match cut {
            Cut::Reset => RESET,
            Cut::FlushAndReset => FLUSH_AND_RESET,
            Cut::FlushAndClose => FLUSH_AND_CLOSE,
        };
        self.0.cut.store(cut, Ordering::SeqCst);
        self.0.waker.wake();
    }
}

/// What a connection runs over.
pub(super) trait Link: AsyncRead + AsyncWrite + Unpin + Send + 'static {
    /// Makes the close that follows a reset, where there is such a thing.
    fn reset_on_close(&self) -> io::Result<()>;
}

impl Link for TcpStream {
    fn reset_on_close(&self) -> io::Result<()> {
        self.set_zero_linger()
    }
}

impl Link for UnixStream {
    fn reset_on_close(&self) -> io::Result<()> {
        Ok(())
    }
}

/// One end of a connection, as hyper sees it.
pub(super) struct Wire<S> {
    stream: S,
    line: Line,
}

impl<S: Link> Wire<S> {
    /// An error where the connection has been cut; `flushed` tells that all that was written has gone out.
    fn check(&self, cx: &Context<'_>, flushed: bool) -> io::Result<()> {
        self.line.0.waker.register(cx.waker());
        let reset = match self.line.0.cut.load(Ordering::SeqCst) {
            RESET => true,
            FLUSH_AND_RESET if flushed => true,
            FLUSH_AND_CLOSE if flushed => false,
            _ => return Ok(()),
        };
        if reset {
            self.stream.reset_on_close()?;
        }
        Err(io::ErrorKind::ConnectionAborted.into())
    }
}

impl<S: Link> AsyncRead for Wire<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.check(cx, false)?;
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: Link> AsyncWrite for Wire<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.check(cx, false)?;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check(cx, false)?;
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// hyper comes here only after its own buffer is empty.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(cx, true)?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(cx, true)?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// All connections that are open, so that a host that stops leaves none behind.
#[derive(Clone, Default)]
pub(super) struct Lines(Arc<Mutex<Vec<Weak<LineState>>>>);

impl Lines {
    fn add(&self, line: &Line) {
        let mut lines = lock(&self.0);
        lines.retain(|line| line.strong_count() > 0);
        lines.push(Arc::downgrade(&line.0));
    }

    /// Cuts every open connection.
    pub fn cut_all(&self) {
        for line in lock(&self.0).iter().filter_map(Weak::upgrade) {
            Line(line).cut(Cut::Reset);
        }
    }
}

/// A listener whose connections can be cut.
pub(super) struct Doorway<L> {
    pub listener: L,
    pub lines: Lines,
}

impl<L: Listener<Io: Link>> Listener for Doorway<L> {
    type Io = Wire<L::Io>;
    type Addr = L::Addr;

    async fn accept(&mut self) -> (Wire<L::Io>, L::Addr) {
        let (stream, addr) = Listener::accept(&mut self.listener).await;
        let line = Line::default();
        self.lines.add(&line);
        (Wire { stream, line }, addr)
    }

    fn local_addr(&self) -> io::Result<L::Addr> {
        self.listener.local_addr()
    }
}

impl<L: Listener<Io: Link>> Connected<IncomingStream<'_, Doorway<L>>> for Line {
    fn connect_info(stream: IncomingStream<'_, Doorway<L>>) -> Self {
        stream.io().line.clone()
    }
}
