//! Records and names as the library has them.

use mdns_sd::ServiceInfo;

use super::records::Record;
use crate::MdnsError;

/// Whether the names have been found free on a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    Unknown,
    Free,
}

/// What the library is to announce.
pub(super) fn info(record: &Record, names: Names) -> Result<ServiceInfo, MdnsError> {
    let txt: Vec<mdns_sd::TxtProperty> = record.txt.pairs().iter().map(property).collect();
    let mut info = ServiceInfo::new(
        &record.service.domain(),
        &record.instance,
        &format!("{}.local.", record.host),
        record.addresses.as_slice(),
        record.port,
        txt,
    )?;
    info.set_requires_probe(names == Names::Unknown);
    Ok(info)
}

fn property(pair: &cooee_core::announced::TxtPair) -> mdns_sd::TxtProperty {
    match pair.value() {
        Some(value) => (pair.key(), value).into(),
        None => pair.key().into(),
    }
}

/// The first label of a host's full name of the library.
pub(super) fn host_in(fullname: &str) -> Option<&str> {
    fullname.strip_suffix(".local.")
}

/// The instance in a full name of the library.
pub(super) fn label_of(fullname: &str, record: &Record) -> String {
    let suffix = format!(".{}", record.service.domain());
    fullname.strip_suffix(suffix.as_str()).unwrap_or(fullname).to_owned()
}

#[cfg(test)]
mod tests {
    use cooee_core::announced::Txt;

    use super::*;

    #[test]
    fn names_of_the_library_are_read() {
        for name in ["Workshop (2)", "Ärzte Büro", "v1-0"] {
            let record = Record::of_http(name);
            let fullname = info(&record, Names::Unknown).unwrap().get_fullname().to_owned();
            assert_eq!(label_of(&fullname, &record), name);
        }
        assert_eq!(host_in("workshop-2.local."), Some("workshop-2"));
        assert_eq!(host_in("Workshop._http._tcp"), None);
    }

    #[test]
    fn a_pair_without_a_value_stays_one() {
        let mut txt = Txt::new();
        for pair in ["path=/", "secure", "empty="] {
            txt.add(pair.parse().unwrap()).unwrap();
        }
        let info = info(&Record { txt, ..Record::of_http("W") }, Names::Free).unwrap();
        assert_eq!(info.get_property_val("path"), Some(Some(b"/".as_slice())));
        assert_eq!(info.get_property_val("secure"), Some(None));
        assert_eq!(info.get_property_val("empty"), Some(Some(b"".as_slice())));
    }
}
