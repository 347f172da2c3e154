use cooee::{Scheme, Server};

/// The URL of a server, with the scheme that its port suggests if none is given.
pub(super) fn link(server: &Server, scheme: Option<Scheme>) -> String {
    scheme.map_or_else(|| server.url(), |scheme| server.url_with(scheme))
}

/// The URL that the answer names, if the server is better reached at another.
pub(super) fn named_link(server: &Server, scheme: Option<Scheme>) -> Option<String> {
    scheme.map_or_else(|| server.named_url(), |scheme| server.named_url_with(scheme))
}
