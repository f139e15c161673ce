//! Command line → front end → exit code; nothing else.

fn main() {}
