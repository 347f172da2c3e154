//! The front of an input, taken off it. An input that is too short gives what it has.

/// Takes up to `count` bytes.
pub(crate) fn bytes<'a>(input: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (front, rest) = input.split_at(count.min(input.len()));
    *input = rest;
    front
}

/// Takes one byte; 0 if there is none.
pub(crate) fn byte(input: &mut &[u8]) -> u8 {
    bytes(input, 1).first().copied().unwrap_or(0)
}

/// Takes a text of the protocol: after a zero byte the default, else as many bytes as the first
/// byte says, times `unit`.
pub(crate) fn text<'a>(input: &mut &'a [u8], unit: usize, default: &'static str) -> &'a [u8] {
    match byte(input) {
        0 => default.as_bytes(),
        count => bytes(input, usize::from(count) * unit),
    }
}
