use super::instance::Announced;
use super::publication::{Publication, PublishedService};
use super::service_type::ServiceType;
use super::txt::{Txt, TxtPair};
use crate::limits;

/// What a record of the type `_cooee._udp` says: that a host answers probes, and for which services.
///
/// Its port is the UDP port on which probes are answered. Its TXT record has `service`, the services
/// with their ports (`_http._tcp:8000,_ipp._tcp:631`, the first one that which answers name), `version`,
/// that of the program, and `instance`, an opaque text that differs from start to start; besides, what
/// the server says of itself, as the records of its services do. A reader takes other keys for that.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Marker {
    /// The services and their ports, the main one first.
    pub services: Vec<(ServiceType, u16)>,
    /// The version of the program.
    pub version: String,
    /// What tells one start of the server from another.
    pub instance: String,
    /// What the server says of itself.
    pub txt: Txt,
}

impl Marker {
    const SERVICE: &'static str = "service";
    const VERSION: &'static str = "version";
    const INSTANCE: &'static str = "instance";
    /// What is left of a pair of 255 bytes beside the key and the equals sign.
    const SERVICE_ROOM: usize = 255 - Self::SERVICE.len() - 1;

    /// That of what is published, for its first services as far as one pair has room for them: nine of
    /// the longest names, about fifteen of usual ones.
    pub fn of(publication: &Publication, version: &str, instance: &str) -> Self {
        let marked = publication.services.iter().filter(|it| it.service != ServiceType::cooee());
        Self {
            services: marked.clone().map(|it| (it.service.clone(), it.port)).collect(),
            version: version.into(),
            instance: instance.into(),
            txt: marked.clone().next().map(|it| it.txt.clone()).unwrap_or_default(),
        }
    }

    /// The record, with the port on which probes are answered. What the server says of itself is left out
    /// as far as there is no room for it.
    pub fn record(&self, port: u16) -> PublishedService {
        let mut services = String::new();
        for (service, port) in &self.services {
            let comma = if services.is_empty() { "" } else { "," };
            let next = format!("{comma}{service}:{port}");
            if services.len() + next.len() > Self::SERVICE_ROOM {
                break;
            }
            services += &next;
        }
        let own = [
            (Self::SERVICE, services.as_str()),
            (Self::VERSION, self.version.as_str()),
            (Self::INSTANCE, self.instance.as_str()),
        ];
        let mut txt = Txt::new();
        let own = own.into_iter().filter_map(|(key, value)| TxtPair::new(key, Some(value)).ok());
        for pair in own.chain(self.txt.pairs().iter().cloned()) {
            // One that stands twice, or has no room, is one less.
            let _ = txt.add(pair);
        }
        PublishedService { service: ServiceType::cooee(), port, txt }
    }

    /// What a record says that was heard, with no more services than [`limits::PUBLISHED_SERVICES_MAX`];
    /// `None` if it is of another type.
    pub fn read(announced: &Announced) -> Option<Self> {
        if announced.service != ServiceType::cooee() {
            return None;
        }
        let text = |key| announced.txt.text(key).unwrap_or_default().into_owned();
        let service = |text: &str| {
            let (service, port) = text.trim().rsplit_once(':')?;
            Some((service.parse().ok()?, port.parse().ok().filter(|port| *port != 0)?))
        };
        let services = text(Self::SERVICE);
        let services = services.split(',').filter_map(service);
        Some(Self {
            services: services.take(limits::PUBLISHED_SERVICES_MAX).collect(),
            version: text(Self::VERSION),
            instance: text(Self::INSTANCE),
            txt: announced.txt.without(&[Self::SERVICE, Self::VERSION, Self::INSTANCE]),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn publication() -> Publication {
        let mut txt = Txt::new();
        txt.add("path=/".parse().unwrap()).unwrap();
        let service = |name: &str, port| PublishedService {
            service: name.parse().unwrap(),
            port,
            txt: txt.clone(),
        };
        let services = vec![service("http", 8000), service("ipp", 631)];
        Publication { name: "Workshop".into(), hostname: None, services }
    }

    fn heard(record: &PublishedService) -> Announced {
        Announced::new("Workshop", record.service.clone(), "workshop.local", record.port)
            .with_txt(record.txt.clone())
    }

    #[test]
    fn what_is_written_is_read() {
        let marker = Marker::of(&publication(), "0.1.0", "a1b2");
        let record = marker.record(9999);
        assert_eq!(record.txt.text("service").unwrap(), "_http._tcp:8000,_ipp._tcp:631");
        assert_eq!(record.txt.text("path").unwrap(), "/");
        assert_eq!(Marker::read(&heard(&record)), Some(marker));
    }

    #[test]
    fn services_that_have_no_room_are_left_out() {
        let mut marker = Marker::of(&publication(), "0.1.0", "a1b2");
        marker.services =
            (0..16).map(|n| (format!("abcdefghijklm{n}").parse().unwrap(), 60_000)).collect();
        let read = Marker::read(&heard(&marker.record(9999))).unwrap();
        assert!(read.services.len() >= 8, "{}", read.services.len());
        assert_eq!(read.services, marker.services[..read.services.len()]);
    }

    #[test]
    fn no_more_services_are_read_than_one_name_may_have() {
        let services: Vec<_> = (1..=61).map(|port| format!("a:{}", port % 9 + 1)).collect();
        let services = services.join(",");
        let mut record = Marker::default().record(9999);
        record.txt = Txt::heard([("service", Some(services.as_bytes()))]);
        let read = Marker::read(&heard(&record)).unwrap();
        assert_eq!(read.services.len(), limits::PUBLISHED_SERVICES_MAX);
        assert_eq!(read.services[0], ("_a._tcp".parse().unwrap(), 2), "the first ones are kept");
    }

    #[test]
    fn nonsense_is_read_as_far_as_it_goes() {
        let mut record = Marker::default().record(9999);
        record.txt =
            Txt::heard([("service", Some(b"_http._tcp:0,x,:,_a._tcp:99999,_b._udp:7".as_slice()))]);
        let read = Marker::read(&heard(&record)).unwrap();
        assert_eq!(read.services, [("_b._udp".parse().unwrap(), 7)]);
        let other = Announced::new("W", ServiceType::http(), "w.local", 80);
        assert_eq!(Marker::read(&other), None);
    }
}
