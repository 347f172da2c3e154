use super::error::AnnouncedError;
use super::host::{check_host_label, host_label};
use super::instance::check_instance_name;
use super::service_type::ServiceType;
use super::txt::Txt;
use crate::limits;

/// One service that is published under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedService {
    /// Its type.
    pub service: ServiceType,
    /// The port that it listens on.
    pub port: u16,
    /// What it says of itself.
    pub txt: Txt,
}

/// What a server with a name publishes by DNS-SD.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// The name of each of its instances, as people read it: `Workshop`.
    pub name: String,
    /// The first label of the host's name; `None` takes what [`host_label`] makes of the name.
    pub hostname: Option<String>,
    /// Its services, each type once.
    pub services: Vec<PublishedService>,
}

impl Publication {
    /// Validates what is to be published.
    ///
    /// # Errors
    /// The first thing that cannot be.
    pub fn check(&self) -> Result<(), AnnouncedError> {
        check_instance_name(&self.name)?;
        check_host_label(&self.host_label())?;
        let count = self.services.len();
        if !(1..=limits::PUBLISHED_SERVICES_MAX).contains(&count) {
            return Err(AnnouncedError::Services { count });
        }
        for (n, service) in self.services.iter().enumerate() {
            service.service.check_published()?;
            if service.port == 0 {
                return Err(AnnouncedError::PortZero);
            }
            if self.services[..n].iter().any(|other| other.service == service.service) {
                let service = service.service.to_string();
                return Err(AnnouncedError::ServiceTwice { service });
            }
        }
        Ok(())
    }

    /// The first label of the host's name.
    pub fn host_label(&self) -> String {
        self.hostname.clone().unwrap_or_else(|| host_label(&self.name))
    }

    /// The name of the host: `workshop.local`.
    pub fn host(&self) -> String {
        format!("{}.local", self.host_label())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn publication() -> Publication {
        let service = |service| PublishedService { service, port: 8000, txt: Txt::new() };
        Publication {
            name: "Ada's Workshop".into(),
            hostname: None,
            services: [ServiceType::http(), ServiceType::cooee()].map(service).into(),
        }
    }

    #[test]
    fn the_host_is_named_after_the_server_unless_it_is_told() {
        let named = publication();
        assert_eq!((named.check(), named.host().as_str()), (Ok(()), "adas-workshop.local"));
        let told = Publication { hostname: Some("bench".into()), ..named };
        assert_eq!((told.check(), told.host().as_str()), (Ok(()), "bench.local"));
    }

    #[test]
    fn what_cannot_be_published_is_told() {
        let refused = |change: fn(&mut Publication)| {
            let mut publication = publication();
            change(&mut publication);
            publication.check().unwrap_err().to_string()
        };
        assert!(refused(|it| it.name.clear()).contains("the name is empty"));
        assert!(refused(|it| it.hostname = Some("a.local".into())).contains("without a dot"));
        assert!(refused(|it| it.services.clear()).contains("0 services"));
        assert!(refused(|it| it.services[0].port = 0).contains("port 0"));
        assert!(
            refused(|it| it.services[1] = it.services[0].clone()).contains("_http._tcp is there")
        );
    }
}
