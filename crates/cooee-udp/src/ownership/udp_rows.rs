//! The table of the UDP sockets of IPv4 and their processes that Windows writes, as numbers of 32 bits
//! (`MIB_UDPTABLE_OWNER_PID`): first the count, then rows of address, port, process.

use std::net::Ipv4Addr;

/// A socket and its process.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UdpRow {
    pub(super) ip: Ipv4Addr,
    pub(super) port: u16,
    pub(super) pid: u32,
}

pub(super) fn rows(table: &[u32]) -> Vec<UdpRow> {
    let Some((&count, rows)) = table.split_first() else { return Vec::new() };
    let rows = rows.chunks_exact(3).take(count as usize);
    rows.map(|row| UdpRow {
        ip: Ipv4Addr::from(row[0].to_ne_bytes()),
        port: port_of(row[1]),
        pid: row[2],
    })
    .collect()
}

/// In network order, in the half that comes first. The other is undefined.
fn port_of(number: u32) -> u16 {
    let [first, second, ..] = number.to_ne_bytes();
    u16::from_be_bytes([first, second])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_rows_are_read_as_there_are() {
        let number = u32::from_ne_bytes;
        let port = number([0x27, 0x0f, 0xee, 0xee]);
        let table = [2, number([192, 168, 1, 7]), port, 4121, 0, port, 4, 9, 9, 9];
        let row = |ip, pid| UdpRow { ip, port: 9999, pid };
        let first = row(Ipv4Addr::new(192, 168, 1, 7), 4121);
        assert_eq!(rows(&table), [first, row(Ipv4Addr::UNSPECIFIED, 4)]);
    }

    #[test]
    fn a_table_that_is_cut_off_is_read_as_far_as_it_goes() {
        assert_eq!(rows(&[]), []);
        assert_eq!(rows(&[7, 0, 0]), []);
        assert_eq!(rows(&[9, 0, 0, 1]).len(), 1);
    }
}
