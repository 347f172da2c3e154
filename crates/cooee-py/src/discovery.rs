//! The calls that find servers.

use cooee::{Classic, Discovery, Wait};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyType};

use crate::detached::drop_detached;
use crate::findings::_Evidence;
use crate::found::{Outcome, Server};
use crate::servers::{Listening, SLICE, Servers};
use crate::settings::discovery::built;
use crate::value;

/// Finds the servers on the networks of this host.
///
/// Takes between 1.5 s, when every server answers at once, and 5 s.
///
/// port: the UDP port that servers listen on.
/// message: the probe, as text or bytes, 1 to 512 bytes.
/// prefix: what an answer begins with, as text or bytes, up to 256 bytes.
/// timeout: when to give up, counted from the start, in seconds or as a timedelta, up to an hour.
///     None gives up after 5 s, or after one pass over the subnets if that takes longer.
/// retries: minimum retransmissions, unless the discovery ends early, up to 100. With fewer than 3,
///     "settled" ends earlier and can miss more.
/// wait: when to stop. "settled" stops after four rounds and 1.5 s, when nothing new arrives, every
///     host is heard and hardly any server can be missing; "quick" after three rounds, and misses
///     servers that take more than half a second; "full" at the timeout; "first" at the first
///     answer.
/// interfaces: the names of the interfaces to send broadcasts from; loopback and point-to-point
///     links are used only when named. None uses every interface that can broadcast; an empty list
///     is refused.
/// exclude_interfaces: the names of interfaces to send no broadcasts from.
/// hosts: addresses or names to probe directly too, alone or with a port, such as "192.0.2.7:9999".
/// subnets: IPv4 networks whose every address to probe too, up to 250 a second, 65,536 in all.
/// sweep: whether to probe every address of the networks on links of the interfaces used, as if each
///     were a subnet. Of a network wider than a /22, only the /22 around this host's address.
/// allow_public: whether subnets may be public networks that are not on a link of this host.
/// remembered: where servers were found before, as the (address, port) of source: up to 64 are probed
///     beside the first broadcasts, and none is waited for. Nothing is kept on disk.
/// check: whether to open a TCP connection to each address found, on which nothing is sent. A
///     server's url then has the address that accepted one first, and checked says what came of
///     each; "first" is the first server that accepts one. May take a second longer.
/// families: "both", "ipv4" or "ipv6": the address families to use, as far as the system has them.
/// mdns: whether to find servers that announce a name by multicast DNS too; extra has what they say.
/// probes: whether to send probes; without, servers are found by multicast DNS only.
/// services: types of DNS-SD such as "_ipp._tcp", whose instances to list instead, without probes.
///
/// Raises ConfigError, NoSuchInterface, NoInterface, NotPermitted or NetworkError. Finding no
/// server is no error.
#[pyfunction]
#[pyo3(
    signature = (**settings),
    text_signature = "(*, port=9999, message='DISCOVER_SERVER', prefix='SERVER_IP:', timeout=None, \
                      retries=3, wait='settled', interfaces=None, exclude_interfaces=None, \
                      hosts=(), subnets=(), sweep=False, allow_public=False, \
                      remembered=(), check=False, families='both', mdns=True, \
                      probes=True, services=())"
)]
pub(crate) fn discover<'py>(
    py: Python<'py>,
    settings: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let found = run(py, &built(settings)?)?;
    let servers: Vec<Server> = found.iter().cloned().map(Server::from).collect();
    let outcome = Outcome::from(found.outcome().clone());
    let findings = _Evidence(found).into_pyobject(py)?.getattr("findings")?;
    static FOUND: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    FOUND.import(py, "cooee._found", "Found")?.call1((servers, outcome, findings))
}

/// Finds one server, whichever answers first. None if none does before the timeout.
///
/// Takes the settings of discover(), without wait, and raises the same.
#[pyfunction]
#[pyo3(
    signature = (**settings),
    text_signature = "(*, port=9999, message='DISCOVER_SERVER', prefix='SERVER_IP:', timeout=None, \
                      retries=3, interfaces=None, exclude_interfaces=None, hosts=(), subnets=(), \
                      sweep=False, allow_public=False, remembered=(), check=False, families='both', mdns=True, \
                      probes=True, services=())"
)]
pub(crate) fn discover_one(
    py: Python<'_>,
    settings: Option<&Bound<'_, PyDict>>,
) -> PyResult<Option<Server>> {
    if settings.is_some_and(|settings| settings.contains("wait").unwrap_or(false)) {
        let error = value::unexpected(py, "discover_one", "wait");
        return Err(value::naming(py, "wait", error));
    }
    let first = built(settings)?.wait(Wait::First);
    Ok(run(py, &first)?.into_iter().next().map(Server::from))
}

/// Finds servers, and gives each when it first answers.
///
/// Takes the settings of discover(), and raises the same. The discovery goes on only while it is
/// asked for more; leave the with block, or call stop(), to end it.
#[pyfunction]
#[pyo3(
    signature = (**settings),
    text_signature = "(*, port=9999, message='DISCOVER_SERVER', prefix='SERVER_IP:', timeout=None, \
                      retries=3, wait='settled', interfaces=None, exclude_interfaces=None, \
                      hosts=(), subnets=(), sweep=False, allow_public=False, \
                      remembered=(), check=False, families='both', mdns=True, \
                      probes=True, services=())"
)]
pub(crate) fn stream(py: Python<'_>, settings: Option<&Bound<'_, PyDict>>) -> PyResult<Servers> {
    Servers::begin(py, settings)
}

/// Decodes an answer: the prefix, four octets or an IPv6 address in brackets, and perhaps a colon and
/// a port. White space around address and port is trimmed, and so are zero bytes at the end, which C
/// programs send. IPv4 addresses behind an IPv6 address are passed over.
///
/// Returns the address, without brackets, and the port or None. Raises ValueError with the reason if it is no answer.
#[pyfunction]
pub(crate) fn parse_answer(data: &[u8], prefix: &[u8]) -> PyResult<(String, Option<u16>)> {
    let classic =
        Classic::new(cooee::DEFAULT_MESSAGE, prefix.to_vec()).map_err(crate::error::config)?;
    match classic.decode_reply(data) {
        Ok(reply) => Ok((reply.address.to_string(), reply.port)),
        Err(error) => Err(PyValueError::new_err(error.to_string())),
    }
}

fn run(py: Python<'_>, discovery: &Discovery) -> PyResult<cooee::Found> {
    let mut listening = Listening::begin(py, discovery)?;
    loop {
        let over = py.detach(|| listening.listen(SLICE));
        if let Err(signal) = py.check_signals() {
            drop_detached(listening);
            return Err(signal);
        }
        if over {
            return Ok(py.detach(|| listening.finish()));
        }
    }
}
