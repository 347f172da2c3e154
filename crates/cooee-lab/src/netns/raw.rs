use std::collections::HashMap;
use std::io::IoSlice;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::Duration;

use etherparse::PacketBuilder;
use nix::ifaddrs::getifaddrs;
use nix::sys::socket::{
    AddressFamily, LinkAddr, MsgFlags, MultiHeaders, SockFlag, SockType, SockaddrLike, sendmmsg,
    sendto, socket,
};

use super::namespace::Namespace;
use super::{LabError, eventually};

const RESOLVE_DEADLINE: Duration = Duration::from_secs(2);
const TTL: u8 = 64;

/// Sends UDP datagrams with any source address and port, from below the kernel's own checks.
#[derive(Debug)]
pub struct RawSender<'host> {
    namespace: &'host Namespace,
    interface: String,
    socket: OwnedFd,
    link: LinkAddr,
    hardware: [u8; 6],
    resolved: HashMap<Ipv4Addr, [u8; 6]>,
}

impl<'host> RawSender<'host> {
    pub(super) fn open(namespace: &'host Namespace, interface: &str) -> Result<Self, LabError> {
        let (socket, link) = namespace.enter(|| {
            socket(AddressFamily::Packet, SockType::Raw, SockFlag::SOCK_CLOEXEC, None)
                .map(|socket| (socket, link_of(interface)))
                .map_err(|errno| LabError::system("open a packet socket", errno))
        })?;
        let no_interface = || LabError::NoInterface {
            host: namespace.name().to_owned(),
            interface: interface.to_owned(),
        };
        let link = link.ok_or_else(no_interface)?;
        let hardware = link.addr().ok_or_else(no_interface)?;
        let interface = interface.to_owned();
        Ok(Self { namespace, interface, socket, link, hardware, resolved: HashMap::new() })
    }

    /// Sends one datagram, with right checksums, to the Ethernet address that the host's routes
    /// lead to: broadcast, multicast, the neighbour itself, or its gateway.
    ///
    /// # Errors
    /// `NoNeighbour`: a unicast destination did not answer ARP; `Command`: there is no route;
    /// `PayloadTooLong`: over 65,507 bytes; `System`: the interface refused the frame.
    pub fn send(
        &mut self,
        source: SocketAddrV4,
        destination: SocketAddrV4,
        payload: &[u8],
    ) -> Result<(), LabError> {
        let target = self.resolve(*destination.ip())?;
        let frame = self.frame(target, source, destination, payload)?;
        sendto(self.socket.as_raw_fd(), &frame, &self.link, MsgFlags::empty())
            .map(drop)
            .map_err(|errno| LabError::system(format!("send on {}", self.interface), errno))
    }

    /// Sends the same datagram once from each source, in one system call. How many the interface
    /// took: the first ones.
    ///
    /// # Errors
    /// As [`send`](Self::send); `System` when the interface refused the first frame.
    pub fn send_from_each(
        &mut self,
        sources: &[SocketAddrV4],
        destination: SocketAddrV4,
        payload: &[u8],
    ) -> Result<usize, LabError> {
        let target = self.resolve(*destination.ip())?;
        let frames: Vec<Vec<u8>> = sources
            .iter()
            .map(|&source| self.frame(target, source, destination, payload))
            .collect::<Result<_, _>>()?;
        let slices: Vec<[IoSlice<'_>; 1]> = frames.iter().map(|f| [IoSlice::new(f)]).collect();
        let links = vec![Some(self.link); sources.len()];
        let mut headers = MultiHeaders::preallocate(sources.len(), None);
        let none = MsgFlags::empty();
        sendmmsg(self.socket.as_raw_fd(), &mut headers, &slices, &links, [], none)
            .map(Iterator::count)
            .map_err(|errno| LabError::system(format!("send on {}", self.interface), errno))
    }

    fn frame(
        &self,
        target: [u8; 6],
        source: SocketAddrV4,
        destination: SocketAddrV4,
        payload: &[u8],
    ) -> Result<Vec<u8>, LabError> {
        let builder = PacketBuilder::ethernet2(self.hardware, target)
            .ipv4(source.ip().octets(), destination.ip().octets(), TTL)
            .udp(source.port(), destination.port());
        let mut frame = Vec::with_capacity(builder.size(payload.len()));
        builder
            .write(&mut frame, payload)
            .map_err(|_| LabError::PayloadTooLong { length: payload.len() })?;
        Ok(frame)
    }

    fn resolve(&mut self, destination: Ipv4Addr) -> Result<[u8; 6], LabError> {
        if let Some(known) = self.resolved.get(&destination) {
            return Ok(*known);
        }
        let address = destination.to_string();
        let route = self.namespace.ip(&["route", "get", &address, "oif", &self.interface])?;
        let mut words = route.split_whitespace();
        let target = match words.next() {
            Some("broadcast") => [0xff; 6],
            Some("multicast") => multicast(destination),
            _ => {
                let gateway = words.skip_while(|word| *word != "via").nth(1);
                self.neighbour(gateway.and_then(|word| word.parse().ok()).unwrap_or(destination))?
            }
        };
        self.resolved.insert(destination, target);
        Ok(target)
    }

    /// Makes the kernel ask for a neighbour, without sending anything that a program would see.
    fn neighbour(&self, address: Ipv4Addr) -> Result<[u8; 6], LabError> {
        let text = address.to_string();
        self.namespace.ip(&["neigh", "replace", &text, "dev", &self.interface, "use"])?;
        eventually(RESOLVE_DEADLINE, || {
            let line = self.namespace.ip(&["neigh", "show", &text, "dev", &self.interface]).ok()?;
            let mut words = line.split_whitespace().skip_while(|word| *word != "lladdr");
            words.nth(1).and_then(hardware)
        })
        .ok_or_else(|| LabError::NoNeighbour { interface: self.interface.clone(), address })
    }
}

fn link_of(interface: &str) -> Option<LinkAddr> {
    getifaddrs()
        .ok()?
        .filter(|entry| entry.interface_name == interface)
        .filter_map(|entry| entry.address)
        .find(|address| address.family() == Some(AddressFamily::Packet))?
        .as_link_addr()
        .copied()
}

/// The Ethernet address of an IPv4 group (RFC 1112 §6.4).
fn multicast(group: Ipv4Addr) -> [u8; 6] {
    let [_, b, c, d] = group.octets();
    [0x01, 0x00, 0x5e, b & 0x7f, c, d]
}

fn hardware(text: &str) -> Option<[u8; 6]> {
    let bytes: Vec<u8> =
        text.split(':').map(|byte| u8::from_str_radix(byte, 16)).collect::<Result<_, _>>().ok()?;
    bytes.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ethernet_addresses_are_six_hexadecimal_bytes() {
        assert_eq!(hardware("02:00:5e:10:00:ff"), Some([0x02, 0x00, 0x5e, 0x10, 0x00, 0xff]));
        assert_eq!(hardware("02:00:5e:10:00"), None);
        assert_eq!(hardware("02:00:5e:10:00:zz"), None);
    }

    #[test]
    fn groups_map_to_their_lower_23_bits() {
        let group = Ipv4Addr::new(239, 255, 1, 2);
        assert_eq!(multicast(group), [0x01, 0x00, 0x5e, 0x7f, 0x01, 0x02]);
    }
}
