use cooee_core::announced::{
    AnnouncedError, Publication, PublishedService, ServiceType, Txt, TxtPair,
};
use cooee_core::wire::classic::DEFAULT_SERVICE_PORT;

/// What a responder announces by DNS-SD, as it was given.
#[derive(Debug, Clone, Default)]
pub(super) struct PublishedSettings {
    pub(super) name: Option<String>,
    pub(super) hostname: Option<String>,
    pub(super) services: Vec<(String, u16)>,
    pub(super) txt: Vec<(String, Option<Vec<u8>>)>,
}

impl PublishedSettings {
    /// The port of the main service: of the web site among the services that were given, or of the first.
    pub(super) fn main_port(&self) -> Option<u16> {
        let main = self.services.iter().find(|(service, _)| is_web_site(service));
        main.or(self.services.first()).map(|(_, port)| *port)
    }

    /// What to announce, if there is a name: a web site on this port unless services were given. The
    /// service on this port comes first.
    pub(super) fn publication(
        &self,
        service_port: Option<u16>,
    ) -> Result<Option<Publication>, AnnouncedError> {
        let Some(name) = &self.name else {
            let has_nothing =
                self.hostname.is_none() && self.services.is_empty() && self.txt.is_empty();
            return if has_nothing { Ok(None) } else { Err(AnnouncedError::Nameless) };
        };
        let mut txt = Txt::new();
        for (key, value) in &self.txt {
            txt.add(TxtPair::new(key, value.as_deref())?)?;
        }
        let service = |service, port| PublishedService { service, port, txt: txt.clone() };
        let mut services = Vec::new();
        for (name, port) in &self.services {
            services.push(service(name.parse()?, *port));
        }
        if services.is_empty() {
            let port = service_port.unwrap_or(DEFAULT_SERVICE_PORT);
            services.push(service(ServiceType::http(), port));
        }
        services.sort_by_key(|it| Some(it.port) != service_port);
        Ok(Some(Publication { name: name.clone(), hostname: self.hostname.clone(), services }))
    }
}

fn is_web_site(service: &str) -> bool {
    let service = service.parse::<ServiceType>();
    service.is_ok_and(|it| !it.is_udp() && matches!(it.name(), "http" | "https"))
}

#[cfg(test)]
mod tests {
    use crate::Responder;

    /// The port that answers name, and what is announced.
    fn told(responder: Responder) -> (Option<u16>, Vec<String>) {
        let config = responder.checked_config().unwrap();
        let services = config.publication.into_iter().flat_map(|it| it.services);
        let services = services.map(|it| format!("{}:{}", it.service, it.port)).collect();
        (config.service_port, services)
    }

    fn with(services: &[(&str, u16)]) -> Responder {
        let add = |responder: Responder, (of, port): &(&str, u16)| responder.service(*of, *port);
        services.iter().fold(Responder::new().name("W"), add)
    }

    #[test]
    fn without_a_port_answers_name_that_of_the_web_site_that_is_announced_or_of_the_first_service()
    {
        let port = |services: &[(&str, u16)]| told(with(services)).0;
        assert_eq!(port(&[]), None);
        assert_eq!(port(&[("http", 8080)]), Some(8080));
        assert_eq!(port(&[("_osc._udp", 9000), ("_http._tcp.local", 8080)]), Some(8080));
        assert_eq!(port(&[("_osc._udp", 9000), ("https", 8443)]), Some(8443));
        assert_eq!(port(&[("_http._udp", 9000), ("ipp", 631)]), Some(9000));
        assert_eq!(told(with(&[("http", 8080)]).service_port(8000)).0, Some(8000));
    }

    #[test]
    fn the_service_whose_port_answers_name_is_announced_first() {
        let announced = |responder| told(responder).1.join(" ");
        let services = [("osc", 9000), ("ipp", 631), ("http", 8000)];
        let main = "_http._tcp:8000 _osc._tcp:9000 _ipp._tcp:631";
        assert_eq!(announced(with(&services)), main);
        assert_eq!(announced(with(&services).service_port(8000)), main);
        let as_given = "_osc._tcp:9000 _ipp._tcp:631 _http._tcp:8000";
        assert_eq!(announced(with(&services).service_port(7)), as_given);
    }
}
