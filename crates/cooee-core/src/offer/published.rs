use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use super::error::MessageError;
use crate::announced::{Publication, PublishedService, Txt, TxtPair};
use crate::{ConfigError, limits};

/// What is published of an offer, as it is written.
#[derive(Encode, Decode)]
#[cbor(map)]
pub(super) struct WrittenPublication {
    #[n(0)]
    name: String,
    #[n(1)]
    hostname: Option<String>,
    #[n(2)]
    services: Vec<WrittenService>,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct WrittenService {
    #[n(0)]
    service: String,
    #[n(1)]
    port: u16,
    /// Each pair as RFC 6763 section 6 writes it: `key=value`.
    #[n(2)]
    txt: Option<Vec<ByteVec>>,
}

impl WrittenPublication {
    pub(super) fn of(publication: &Publication) -> Self {
        let services = publication.services.iter().map(|service| WrittenService {
            service: service.service.to_string(),
            port: service.port,
            txt: (!service.txt.is_empty()).then(|| {
                service.txt.pairs().iter().map(|pair| pair_as_bytes(pair).into()).collect()
            }),
        });
        Self {
            name: publication.name.clone(),
            hostname: publication.hostname.clone(),
            services: services.collect(),
        }
    }

    /// What is written, not yet checked as a whole.
    pub(super) fn read(self) -> Result<Publication, MessageError> {
        if self.services.len() > limits::PUBLISHED_SERVICES_MAX {
            return Err(MessageError::Malformed);
        }
        let services = self.services.into_iter().map(WrittenService::read);
        Ok(Publication {
            name: self.name,
            hostname: self.hostname,
            services: services.collect::<Result<_, ConfigError>>()?,
        })
    }
}

impl WrittenService {
    fn read(self) -> Result<PublishedService, ConfigError> {
        let mut txt = Txt::new();
        for written in self.txt.unwrap_or_default() {
            let mut parts = written.splitn(2, |byte| *byte == b'=');
            let key = String::from_utf8_lossy(parts.next().unwrap_or_default());
            txt.add(TxtPair::new(key, parts.next())?)?;
        }
        Ok(PublishedService { service: self.service.parse()?, port: self.port, txt })
    }
}

fn pair_as_bytes(pair: &TxtPair) -> Vec<u8> {
    let mut bytes = pair.key().as_bytes().to_vec();
    if let Some(value) = pair.value() {
        bytes.push(b'=');
        bytes.extend(value);
    }
    bytes
}
