use cooee::announced::{ServiceType, TxtPair, check_host_label, check_instance_name};
use cooee::limits;

use super::kind::Kind;

/// The name of a server, as people read it.
pub(crate) fn server_name() -> Kind<String> {
    let bounds = format!("1 to {} bytes", limits::NAME_MAX);
    let read = |text: &str| match check_instance_name(text) {
        Ok(()) => Ok(text.to_owned()),
        Err(why) => Err(why.to_string()),
    };
    Kind::bounded("a name", bounds, |_| None, String::clone).explained(read)
}

/// The first label of a host's name; `.local` after it is left out.
pub(crate) fn hostname() -> Kind<String> {
    let read = |text: &str| {
        let label = text.strip_suffix(".local").unwrap_or(text);
        check_host_label(label).map(|()| label.to_owned()).map_err(|why| why.to_string())
    };
    Kind::new("a host name", |_| None, String::clone).explained(read)
}

/// A type of service and its port: `http:8000`.
pub(crate) fn published_service() -> Kind<(ServiceType, u16)> {
    let read = |text: &str| {
        let expected = || format!("expected TYPE:PORT, such as http:8000, not {text:?}");
        let (service, port) = text.rsplit_once(':').ok_or_else(expected)?;
        let port = port.parse().ok().filter(|port| *port > 0).ok_or_else(expected)?;
        let service: ServiceType = service.parse().map_err(|_| expected())?;
        service.check_published().map_err(|why| why.to_string())?;
        Ok((service, port))
    };
    let show = |(service, port): &(ServiceType, u16)| format!("{}:{port}", service.name());
    Kind::new("a type of service and its port, such as http:8000", |_| None, show).explained(read)
}

/// What is said of a service: `path=/`.
pub(crate) fn txt_pair() -> Kind<TxtPair> {
    let read = |text: &str| {
        text.parse().map_err(|why: <TxtPair as std::str::FromStr>::Err| why.to_string())
    };
    Kind::new("KEY=VALUE", |_| None, TxtPair::to_string).explained(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_written_with_their_ports() {
        let read = |text| published_service().read(text).map(|(it, port)| format!("{it} {port}"));
        assert_eq!(read("http:8000"), Ok("_http._tcp 8000".into()));
        assert_eq!(read("_osc._udp:9000"), Ok("_osc._udp 9000".into()));
        for wrong in ["http", "http:0", "http:x", ":80", "a b:80"] {
            assert!(read(wrong).unwrap_err().contains("http:8000"), "{wrong}");
        }
    }

    #[test]
    fn a_host_name_may_be_written_whole() {
        assert_eq!(hostname().read("workshop.local"), Ok("workshop".into()));
        assert!(hostname().read("a.b").is_err());
        assert!(server_name().read("").is_err());
        assert_eq!(txt_pair().read("a=1,2").unwrap().to_string(), "a=1,2");
    }
}
