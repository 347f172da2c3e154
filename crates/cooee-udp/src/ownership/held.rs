/// Another process holds the guard of a port.
#[derive(Debug)]
pub(super) struct Held;
