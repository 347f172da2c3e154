//! The tables of TCP sockets that Windows writes, as numbers of 32 bits: first the count, then the rows
//! (`MIB_TCPTABLE_OWNER_PID`, `MIB_TCP6TABLE_OWNER_PID`).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where a socket is bound.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TcpRow {
    pub(super) ip: IpAddr,
    pub(super) port: u16,
}

/// Rows of state, local address and port, remote address and port, process.
pub(super) fn rows_v4(table: &[u32]) -> Vec<TcpRow> {
    rows(table, |&[_, ip, port, _, _, _]| {
        let ip = Ipv4Addr::from(ip.to_ne_bytes()).into();
        TcpRow { ip, port: port_of(port) }
    })
}

/// Rows of local address, scope and port, the same of the other end, state, process.
pub(super) fn rows_v6(table: &[u32]) -> Vec<TcpRow> {
    rows(table, |&[a, b, c, d, _, port, _, _, _, _, _, _, _, _]| {
        let mut octets = [0; 16];
        let words = [a, b, c, d].into_iter().flat_map(u32::to_ne_bytes);
        octets.iter_mut().zip(words).for_each(|(octet, byte)| *octet = byte);
        TcpRow { ip: Ipv6Addr::from(octets).into(), port: port_of(port) }
    })
}

fn rows<const WIDTH: usize>(table: &[u32], read: fn(&[u32; WIDTH]) -> TcpRow) -> Vec<TcpRow> {
    let Some((&count, rows)) = table.split_first() else { return Vec::new() };
    let rows = rows.chunks_exact(WIDTH).take(count as usize);
    rows.filter_map(|row| row.try_into().ok()).map(read).collect()
}

/// In network order, in the half that comes first. The other is undefined.
fn port_of(number: u32) -> u16 {
    let [first, second, ..] = number.to_ne_bytes();
    u16::from_be_bytes([first, second])
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTENS: u32 = 2;

    #[test]
    fn as_many_rows_are_read_as_there_are() {
        let number = u32::from_ne_bytes;
        let port = number([0x1f, 0x40, 0xee, 0xee]);
        let v4 = [1, LISTENS, number([127, 0, 0, 1]), port, 0, 0, 4121, LISTENS, 0, port, 0, 0, 7];
        let ip = Ipv4Addr::LOCALHOST.into();
        assert_eq!(rows_v4(&v4), [TcpRow { ip, port: 8000 }]);

        let last = number([0, 0, 0, 7]);
        let v6 = [1, number([0xfe, 0x80, 0, 0]), 0, 0, last, 12, port, 0, 0, 0, 0, 0, 0, 2, 4121];
        let ip = "fe80::7".parse().expect("an address");
        assert_eq!(rows_v6(&v6), [TcpRow { ip, port: 8000 }]);
    }

    #[test]
    fn a_table_that_is_cut_off_is_read_as_far_as_it_goes() {
        assert_eq!(rows_v4(&[]), []);
        assert_eq!(rows_v4(&[7, 0, 0]), []);
        assert_eq!(rows_v6(&[2, 0, 0, 0, 0, 0, 0]), []);
        assert_eq!(rows_v4(&[9, 0, 0, 1, 0, 0, 0]).len(), 1);
    }
}
