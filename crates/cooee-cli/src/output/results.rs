use std::io;

use cooee::Server;

/// Prints servers.
pub(crate) trait Results {
    /// Takes a server as it is found.
    fn found(&mut self, server: &Server) -> io::Result<()>;

    /// Takes every server, with its final state, when the discovery has ended.
    fn end(&mut self, _servers: &[Server]) -> io::Result<()> {
        Ok(())
    }
}
