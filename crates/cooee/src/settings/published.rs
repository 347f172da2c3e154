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
    /// What to announce, if there is a name: a web site on this port unless services were given.
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
        Ok(Some(Publication { name: name.clone(), hostname: self.hostname.clone(), services }))
    }
}
