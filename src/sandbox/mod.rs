//! The practice world: a release host on loopback and a workspace to publish from.
