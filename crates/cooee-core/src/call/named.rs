use crate::announced::{Announced, AnnouncedKey, Marker, ServiceType, Txt};

/// What DNS-SD says of a server. Its texts are a stranger's: [`shown`](crate::announced::shown) makes them
/// harmless to print.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Named {
    /// Its name: `Workshop`.
    pub name: String,
    /// The name of its host: `workshop.local`.
    pub hostname: String,
    /// Its services and their ports, the main one first; one at least.
    pub services: Vec<(ServiceType, u16)>,
    /// What it says of itself.
    pub txt: Txt,
    /// The instance that is announced. Another type may have one of the same name.
    pub(crate) key: AnnouncedKey,
}

impl Named {
    /// That of an instance, as its marker tells if it is one of ours; `None` if nothing can be connected to.
    pub(super) fn of(announced: &Announced) -> Option<Self> {
        let (services, txt) = match Marker::read(announced) {
            Some(marker) => (marker.services, marker.txt),
            None => (vec![(announced.service.clone(), announced.port)], announced.txt.clone()),
        };
        let (name, hostname) = (announced.instance.clone(), announced.host.clone());
        let key = announced.key();
        (!services.is_empty()).then_some(Self { name, hostname, services, txt, key })
    }
}
