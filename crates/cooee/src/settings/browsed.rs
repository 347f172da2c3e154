use cooee_core::announced::ServiceType;

/// What a discovery finds by DNS-SD, and whether it probes besides.
#[derive(Debug, Clone)]
pub(super) struct Browsed {
    pub(super) mdns: bool,
    pub(super) probes: bool,
    pub(super) services: Vec<ServiceType>,
    /// Whether a doctor examines it, who reports what keeps it from working.
    pub(super) is_examined: bool,
}

impl Default for Browsed {
    fn default() -> Self {
        Self { mdns: true, probes: true, services: Vec::new(), is_examined: false }
    }
}
