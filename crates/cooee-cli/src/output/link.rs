use cooee::{Scheme, Server};

/// The URL of a server, with the scheme that its port suggests if none is given.
pub(super) fn link(server: &Server, scheme: Option<Scheme>) -> String {
    scheme.map_or_else(|| server.url(), |scheme| server.url_with(scheme))
}
