use std::io;

use super::router::Gateway;

pub(super) fn default_gateway() -> io::Result<Option<Gateway>> {
    Err(io::ErrorKind::Unsupported.into())
}
