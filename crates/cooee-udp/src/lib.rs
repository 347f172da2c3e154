//! Sockets, interfaces and port ownership for Cooee.
