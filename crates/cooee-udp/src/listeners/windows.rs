use std::io;

use cooee_core::ListeningSocket;
use windows_sys::Win32::NetworkManagement::IpHelper::{
    GetExtendedTcpTable, TCP_TABLE_OWNER_PID_LISTENER,
};
use windows_sys::Win32::Networking::WinSock::{ADDRESS_FAMILY, AF_INET, AF_INET6};

use super::tcp_rows::{TcpRow, rows_v4, rows_v6};
use crate::windows::Table;

/// Windows is asked without opening anything.
///
/// Whether a socket for IPv6 takes IPv4 too is no column of its tables. Where it does, Windows opens an
/// endpoint for both IPv4 and IPv6 (Windows networking team, "Dual-mode sockets", 2005).
#[derive(Debug)]
pub(super) struct Listeners;

impl Listeners {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self)
    }

    pub(super) fn on_port(&mut self, port: u16) -> io::Result<Vec<ListeningSocket>> {
        let v4 = rows_v4(&table(AF_INET)?);
        // There may be no IPv6.
        let v6 = table(AF_INET6).map(|table| rows_v6(&table)).unwrap_or_default();
        let here = v4.into_iter().chain(v6).filter(|row| row.port == port);
        // A socket of both families has an endpoint, and so a row, of each.
        let socket = |row: TcpRow| ListeningSocket { address: row.ip, only_v6: row.ip.is_ipv6() };
        Ok(here.map(socket).collect())
    }
}

fn table(family: ADDRESS_FAMILY) -> io::Result<Vec<u32>> {
    let table = Table::fill(|buffer, size| {
        // SAFETY: `buffer` has `size` bytes, aligned for the table that goes there.
        unsafe {
            GetExtendedTcpTable(buffer, size, 0, family.into(), TCP_TABLE_OWNER_PID_LISTENER, 0)
        }
    });
    Ok(table?.numbers())
}
