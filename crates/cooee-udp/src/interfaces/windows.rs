//! As Windows lists its adapters, those without an address included.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ptr;

use cooee_core::interface::{Interface, InterfaceRole, LinkKind, LinkState};
use ipnet::IpNet;
use windows_sys::Win32::Foundation::ERROR_NO_DATA;
use windows_sys::Win32::NetworkManagement::IpHelper::{
    GAA_FLAG_SKIP_ANYCAST, GAA_FLAG_SKIP_DNS_SERVER, GAA_FLAG_SKIP_MULTICAST, GetAdaptersAddresses,
    IF_TYPE_ETHERNET_CSMACD, IF_TYPE_IEEE80211, IF_TYPE_PPP, IF_TYPE_PROP_VIRTUAL,
    IF_TYPE_SOFTWARE_LOOPBACK, IF_TYPE_TUNNEL, IP_ADAPTER_ADDRESSES_LH as Adapter,
    IP_ADAPTER_UNICAST_ADDRESS_LH as Address,
};
use windows_sys::Win32::NetworkManagement::Ndis::{
    IfOperStatusDown, IfOperStatusLowerLayerDown, IfOperStatusUp,
};
use windows_sys::Win32::Networking::WinSock::{
    AF_INET, AF_INET6, AF_UNSPEC, IpDadStateDeprecated, IpDadStatePreferred, SOCKADDR_IN,
    SOCKADDR_IN6,
};

use super::role::with_role;
use crate::windows::Table;

pub(super) fn interfaces() -> io::Result<Vec<Interface>> {
    const FLAGS: u32 = GAA_FLAG_SKIP_ANYCAST | GAA_FLAG_SKIP_MULTICAST | GAA_FLAG_SKIP_DNS_SERVER;
    let table = Table::fill(|buffer, size| {
        // SAFETY: `buffer` has `size` bytes, aligned for the structures that go there.
        unsafe { GetAdaptersAddresses(AF_UNSPEC.into(), FLAGS, ptr::null(), buffer.cast(), size) }
    });
    let table = match table {
        Err(error) if error.raw_os_error() == Some(ERROR_NO_DATA.cast_signed()) => {
            return Ok(Vec::new());
        }
        told => told?,
    };
    // SAFETY: the call has succeeded, so the table begins with a list of adapters, each of which
    // ends in null or leads to another in the table.
    let adapters = unsafe { list(table.start::<Adapter>(), |adapter| adapter.Next) };
    // SAFETY: as above, and the table outlives what is read of it.
    let read = adapters.filter_map(|adapter| unsafe { interface(adapter) });
    Ok(read.filter(|interface| !is_hidden(interface)).collect())
}

pub(super) fn has_only_virtual_links() -> io::Result<bool> {
    Ok(false)
}

/// The entries of a list.
///
/// # Safety
/// `first` and whatever `next` returns are null or valid for as long as an entry is used.
unsafe fn list<'t, T: 't>(
    first: *const T,
    next: impl Fn(&T) -> *mut T,
) -> impl Iterator<Item = &'t T> {
    // SAFETY: as the caller promises.
    let first: Option<&'t T> = unsafe { first.as_ref() };
    // SAFETY: as the caller promises.
    std::iter::successors(first, move |entry| unsafe { next(entry).as_ref() })
}

/// # Safety
/// What `adapter` points to is valid.
unsafe fn interface(adapter: &Adapter) -> Option<Interface> {
    // SAFETY: both members of the union are of plain numbers.
    let index_v4 = unsafe { adapter.Anonymous1.Anonymous.IfIndex };
    // It has no number for a family that is switched off on it.
    let index = if index_v4 == 0 { adapter.Ipv6IfIndex } else { index_v4 };
    if index == 0 {
        return None;
    }
    // SAFETY: the name is a string that ends in zero, and the addresses are a list.
    let (name, addresses) = unsafe {
        let length = (0..).take_while(|&at| *adapter.FriendlyName.add(at) != 0).count();
        let name = std::slice::from_raw_parts(adapter.FriendlyName, length);
        let addresses = list(adapter.FirstUnicastAddress.cast_const(), |address| address.Next);
        (String::from_utf16_lossy(name), addresses.filter_map(|of| network(of)).collect())
    };
    let (kind, is_tunnel) = match adapter.IfType {
        IF_TYPE_SOFTWARE_LOOPBACK => (LinkKind::Loopback, false),
        // Wintun, by which WireGuard and others are made, says that it is "virtual".
        IF_TYPE_PPP | IF_TYPE_TUNNEL | IF_TYPE_PROP_VIRTUAL => (LinkKind::PointToPoint, true),
        _ => (LinkKind::Broadcast, false),
    };
    let role = InterfaceRole::default();
    let interface = Interface { index, name, addresses, kind, state: state(adapter), role };
    Some(with_role(interface, is_tunnel.then_some("tun")))
}

/// One that is disabled is not listed, so the cable of one that is down is out.
fn state(adapter: &Adapter) -> LinkState {
    #[expect(non_upper_case_globals, reason = "the names are Microsoft's")]
    match (adapter.OperStatus, adapter.IfType) {
        (IfOperStatusUp, _) => LinkState::Up,
        (
            IfOperStatusDown | IfOperStatusLowerLayerDown,
            IF_TYPE_ETHERNET_CSMACD | IF_TYPE_IEEE80211,
        ) => LinkState::NoCarrier,
        _ => LinkState::Down,
    }
}

/// An address with its network, unless it is not usable yet, or not any more.
///
/// # Safety
/// What `address` points to is valid.
unsafe fn network(address: &Address) -> Option<IpNet> {
    if ![IpDadStatePreferred, IpDadStateDeprecated].contains(&address.DadState) {
        return None;
    }
    let at = address.Address.lpSockaddr;
    // SAFETY: it points to the structure that its family says, of numbers that may be anything.
    let ip = unsafe {
        match at.as_ref()?.sa_family {
            AF_INET => {
                let v4 = (*at.cast::<SOCKADDR_IN>()).sin_addr.S_un.S_addr;
                IpAddr::V4(Ipv4Addr::from(v4.to_ne_bytes()))
            }
            AF_INET6 => IpAddr::V6(Ipv6Addr::from((*at.cast::<SOCKADDR_IN6>()).sin6_addr.u.Byte)),
            _ => return None,
        }
    };
    IpNet::new(ip, address.OnLinkPrefixLength).ok()
}

/// Whether Windows does not show it to its users either: of Wi-Fi Direct and of protocols that wait
/// to be used, which have an asterisk in their names.
fn is_hidden(interface: &Interface) -> bool {
    interface.state != LinkState::Up
        && interface.addresses.is_empty()
        && interface.name.contains('*')
}
