/// One of a host's attachments to a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Port {
    pub(super) host: u32,
    pub(super) attachment: u32,
}
