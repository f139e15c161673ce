//! How often this process was asked to stop: by Ctrl-C, by the system, by a terminal that closes.

use std::sync::OnceLock;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// One count for the whole process: a signal that comes between two commands is not lost.
static ASKED: OnceLock<watch::Receiver<u32>> = OnceLock::new();

/// The count, from the first call on; from then on the signals no longer end the process by themselves.
pub fn asked() -> watch::Receiver<u32> {
    let listen = || {
        let (count, asked) = watch::channel(0);
        let [interrupt, terminate, hangup] =
            [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()].map(signal);
        // Without handlers the signals do what they always do: end the process.
        if let (Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)) = (interrupt, terminate, hangup) {
            tokio::spawn(async move {
                loop {
                    tokio::select! {
                        _ = interrupt.recv() => {}
                        _ = terminate.recv() => {}
                        _ = hangup.recv() => {}
                    }
                    count.send_modify(|times| *times += 1);
                }
            });
        }
        asked
    };
    ASKED.get_or_init(listen).clone()
}
