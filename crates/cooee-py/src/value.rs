//! Arguments as Python programs write them.
//!
//! A wrong type is a `TypeError`, a wrong value a `ConfigError`; both name the argument.

use std::fmt::Display;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;
use std::time::Duration;

use cooee::announced::{AnnouncedError, ServiceType, TxtPair};
use cooee::ipnet::IpNet;
use cooee::{HostAddress, HostError, limits};
use pyo3::exceptions::{PyOverflowError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyMapping, PyString};

use crate::error::{self, ConfigError};

/// Goes through the keyword arguments of a call. `apply` says what one does to what is built.
pub(crate) fn fold<T>(
    arguments: Option<&Bound<'_, PyDict>>,
    initial: T,
    apply: impl Fn(T, &str, &Bound<'_, PyAny>) -> PyResult<T>,
) -> PyResult<T> {
    let Some(arguments) = arguments else { return Ok(initial) };
    arguments.iter().try_fold(initial, |built, (name, value)| {
        let name: String = name.extract()?;
        apply(built, &name, &value).map_err(|error| naming(value.py(), &name, error))
    })
}

/// What is raised for an argument that `call` of this module does not take.
pub(crate) fn unexpected(py: Python<'_>, call: &str, name: &str) -> PyErr {
    let message = match close(py, call, name) {
        Ok(close) => format!("no such argument; did you mean {close:?}?"),
        Err(_) => "no such argument".into(),
    };
    PyTypeError::new_err(message)
}

/// The argument of `call` whose name is most like `name`; an error if none is.
fn close(py: Python<'_>, call: &str, name: &str) -> PyResult<String> {
    let call = py.import("cooee._core")?.getattr(call)?;
    py.import("cooee")?.call_method1("_closest", (call, name))?.extract()
}

pub(crate) fn naming(py: Python<'_>, name: &str, error: PyErr) -> PyErr {
    let message = format!("{name}: {}", error.value(py));
    if error.is_instance_of::<PyTypeError>(py) {
        PyTypeError::new_err(message)
    } else if error.is_instance_of::<ConfigError>(py) {
        ConfigError::new_err(message)
    } else {
        error
    }
}

fn wrong(value: impl Display, takes: impl Display) -> PyErr {
    ConfigError::new_err(format!("{value}; it takes {takes}"))
}

/// A whole number from `least` to `most`, both of which a `T` can be.
fn whole<T: TryFrom<i64>>(
    value: &Bound<'_, PyAny>,
    (least, most): (u32, u32),
    takes: impl Display,
) -> PyResult<T> {
    let number = match value.extract::<i64>() {
        Ok(number) => Some(number).filter(|n| (least.into()..=most.into()).contains(n)),
        Err(error) if error.is_instance_of::<PyOverflowError>(value.py()) => None,
        Err(error) => return Err(error),
    };
    number.and_then(|number| number.try_into().ok()).ok_or_else(|| wrong(value, takes))
}

/// The port of a server, or of a service.
pub(crate) fn port(value: &Bound<'_, PyAny>) -> PyResult<u16> {
    whole(value, (1, 65_535), "1 to 65535")
}

/// The port to bind; 0 is a free one.
pub(crate) fn port_to_bind(value: &Bound<'_, PyAny>) -> PyResult<u16> {
    whole(value, (0, 65_535), "1 to 65535, or 0 for a free port")
}

pub(crate) fn retries(value: &Bound<'_, PyAny>) -> PyResult<u32> {
    let most = limits::RETRIES_MAX;
    whole(value, (0, most), format_args!("0 to {most}"))
}

/// Answers a second.
pub(crate) fn rate(value: &Bound<'_, PyAny>) -> PyResult<u32> {
    whole(value, (1, u32::MAX), format_args!("1 to {}, or None for no limit", u32::MAX))
}

/// The number of a group of users.
pub(crate) fn group(value: &Bound<'_, PyAny>) -> PyResult<u32> {
    whole(value, (0, u32::MAX), "the number of a group")
}

/// Text, which is sent as UTF-8, or bytes.
pub(crate) fn text(value: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(bytes.as_bytes().to_vec());
    }
    Ok(value.extract::<String>()?.into_bytes())
}

/// How long a discovery may take: seconds, or a `timedelta`.
pub(crate) fn timeout(value: &Bound<'_, PyAny>) -> PyResult<Duration> {
    let seconds = match value.getattr("total_seconds") {
        Ok(total_seconds) => total_seconds.call0()?.extract::<f64>()?,
        Err(_) => value.extract::<f64>()?,
    };
    let timeout = Duration::try_from_secs_f64(seconds).ok();
    let sound = timeout.filter(|timeout| !timeout.is_zero() && *timeout <= limits::TIMEOUT_MAX);
    sound.ok_or_else(|| {
        let most = limits::TIMEOUT_MAX.as_secs();
        wrong(format_args!("{seconds} s"), format_args!("more than 0 and up to {most} s"))
    })
}

/// A truth value, and nothing that merely has one: `"no"` is not false.
pub(crate) fn truth(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    value.extract()
}

/// One of a few words.
pub(crate) fn word<T: Copy>(value: &Bound<'_, PyAny>, words: &[(&str, T)]) -> PyResult<T> {
    let given: String = value.extract()?;
    let chosen = words.iter().find(|(word, _)| *word == given).map(|(_, means)| *means);
    chosen.ok_or_else(|| {
        let words: Vec<_> = words.iter().map(|(word, _)| format!("{word:?}")).collect();
        wrong(format_args!("{given:?}"), words.join(" or "))
    })
}

pub(crate) fn ipv4(value: &Bound<'_, PyAny>) -> PyResult<Ipv4Addr> {
    parsed(value, "packed", "an IPv4 address such as 192.0.2.7")
}

/// An address for answers to name. A client that gets a loopback address looks for the service on
/// itself.
pub(crate) fn advertised(value: &Bound<'_, PyAny>) -> PyResult<Ipv4Addr> {
    let address = ipv4(value)?;
    if address.is_loopback() {
        return Err(wrong(address, "an address that other hosts can reach, or None"));
    }
    Ok(address)
}

/// An address, with a port or without.
pub(crate) fn host(value: &Bound<'_, PyAny>) -> PyResult<HostAddress> {
    const TAKES: &str =
        "an address or a name, with a port or without, such as 192.0.2.7 or workshop:9999";
    let host = parsed(value, "packed", TAKES);
    // One that names a host, but leaves open which, has a reason of its own.
    match value.str()?.to_string().parse::<HostAddress>() {
        Err(why) if host.is_err() && !matches!(why, HostError::Malformed { .. }) => {
            Err(ConfigError::new_err(why.to_string()))
        }
        _ => host,
    }
}

/// An address and a port, as Python's sockets name theirs.
pub(crate) fn socket_address(value: &Bound<'_, PyAny>) -> PyResult<SocketAddr> {
    let (address, bound): (Bound<'_, PyAny>, Bound<'_, PyAny>) = value.extract()?;
    let address: IpAddr = parsed(&address, "packed", "an address such as 0.0.0.0")?;
    Ok((address, port(&bound)?).into())
}

/// A network; an address alone is one of a single address.
pub(crate) fn network(value: &Bound<'_, PyAny>) -> PyResult<IpNet> {
    const TAKES: &str = "an IPv4 network such as 192.0.2.0/24";
    match parsed::<IpAddr>(value, "packed", TAKES) {
        Ok(address) => Ok(address.into()),
        Err(_) => parsed(value, "network_address", TAKES),
    }
}

/// A type of DNS-SD.
pub(crate) fn service_type(value: &Bound<'_, PyAny>) -> PyResult<ServiceType> {
    value.extract::<String>()?.parse().map_err(|why: AnnouncedError| error::config(why.into()))
}

/// Types of services and their ports, such as `{"http": 8000}`.
pub(crate) fn services(value: &Bound<'_, PyAny>) -> PyResult<Vec<(String, u16)>> {
    let pair = |(service, at): Pair<'_>| Ok((service.extract()?, port(&at)?));
    pairs(value)?.into_iter().map(pair).collect()
}

/// What is said of services: text, bytes, or `None` for a key without a value.
pub(crate) fn txt(value: &Bound<'_, PyAny>) -> PyResult<Vec<TxtPair>> {
    let pair = |(key, value): Pair<'_>| {
        let pair = TxtPair::new(key.extract::<String>()?, optional(&value, text)?);
        pair.map_err(|why| error::config(why.into()))
    };
    pairs(value)?.into_iter().map(pair).collect()
}

type Pair<'py> = (Bound<'py, PyAny>, Bound<'py, PyAny>);

/// The keys and values of any mapping.
fn pairs<'py>(value: &Bound<'py, PyAny>) -> PyResult<Vec<Pair<'py>>> {
    value.cast::<PyMapping>()?.items()?.extract()
}

/// Text, or an object of Python's `ipaddress`, which is known by an attribute and whose text is
/// the same.
fn parsed<T: FromStr>(value: &Bound<'_, PyAny>, attribute: &str, takes: &str) -> PyResult<T> {
    if !value.is_instance_of::<PyString>() && !value.hasattr(attribute)? {
        let found = value.get_type();
        return Err(PyTypeError::new_err(format!("a {}; it takes {takes}", found.name()?)));
    }
    let given = value.str()?.to_string();
    given.parse().map_err(|_| wrong(format_args!("{given:?}"), takes))
}

/// Every item of an iterable; nothing for `None`. Text is not taken for a list of letters.
pub(crate) fn each<T>(
    value: &Bound<'_, PyAny>,
    item: impl Fn(&Bound<'_, PyAny>) -> PyResult<T>,
) -> PyResult<Vec<T>> {
    if value.is_none() {
        return Ok(Vec::new());
    }
    if value.is_instance_of::<PyString>() {
        return Err(PyTypeError::new_err("a str; it takes a list"));
    }
    value.try_iter()?.map(|one| item(&one?)).collect()
}

/// The names of the interfaces to use; none of them for `None`, which is all.
pub(crate) fn interfaces(value: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    let names = each(value, name)?;
    if names.is_empty() && !value.is_none() {
        return Err(wrong("an empty list", "at least one name, or None for every interface"));
    }
    Ok(names)
}

pub(crate) fn name(value: &Bound<'_, PyAny>) -> PyResult<String> {
    value.extract()
}

/// What `convert` makes of it, unless it is `None`.
pub(crate) fn optional<T>(
    value: &Bound<'_, PyAny>,
    convert: impl Fn(&Bound<'_, PyAny>) -> PyResult<T>,
) -> PyResult<Option<T>> {
    if value.is_none() { Ok(None) } else { convert(value).map(Some) }
}
