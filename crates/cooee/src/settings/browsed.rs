use cooee_core::announced::ServiceType;

/// What a discovery finds by DNS-SD, and whether it probes besides.
#[derive(Debug, Clone)]
pub(super) struct Browsed {
    pub(super) mdns: bool,
    pub(super) probes: bool,
    pub(super) services: Vec<ServiceType>,
}

impl Default for Browsed {
    fn default() -> Self {
        Self { mdns: true, probes: true, services: Vec::new() }
    }
}
