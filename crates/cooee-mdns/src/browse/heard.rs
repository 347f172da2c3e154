//! What the library tells, in our words.

use cooee_core::announced::{Announced, AnnouncedAddress, ServiceType, Txt, instance_in};
use mdns_sd::{ResolvedService, ScopedIp};

/// The instance as it is now; `None` if its name is not one of this type.
pub(super) fn announced(resolved: &ResolvedService, service: &ServiceType) -> Option<Announced> {
    let instance = instance_in(&resolved.fullname, service)?;
    let pairs = resolved.txt_properties.iter().map(|pair| (pair.key(), pair.val()));
    let announced = Announced::new(instance, service.clone(), &resolved.host, resolved.port);
    let addresses = resolved.addresses.iter().flat_map(addresses);
    Some(announced.with_addresses(addresses).with_txt(Txt::heard(pairs)))
}

/// The address on each interface that it was heard on.
fn addresses(address: &ScopedIp) -> Vec<AnnouncedAddress> {
    let on = |index: u32| AnnouncedAddress {
        ip: address.to_ip_addr(),
        // The library takes 0 for an interface that it does not know.
        interface: (index != 0).then_some(index),
    };
    match address {
        ScopedIp::V4(v4) => v4.interface_ids().iter().map(|id| on(id.index)).collect(),
        ScopedIp::V6(v6) => vec![on(v6.scope_id().index)],
        _ => Vec::new(),
    }
}
