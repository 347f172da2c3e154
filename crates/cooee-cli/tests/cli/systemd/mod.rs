//! The test plays systemd: it binds sockets, passes them, and listens to what it is told.

mod manager;
mod notify;
mod passed;
