use cooee::announced::ServiceType;

use super::kind::Kind;

/// A type of DNS-SD.
pub(crate) fn service_type() -> Kind<ServiceType> {
    let read = |text: &str| text.parse().ok();
    Kind::new("a service type such as _http._tcp", read, ServiceType::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_written_as_dns_does_or_as_a_name_alone() {
        for text in ["_ipp._tcp", "ipp", "_ipp._tcp.local"] {
            assert_eq!(service_type().read(text).unwrap().to_string(), "_ipp._tcp");
        }
        let expected = "expected a service type such as _http._tcp";
        assert_eq!(service_type().read("_ipp"), Err(expected.into()));
    }
}
