//! Find servers on a local network by calling for them, and let a server answer.
