//! The calls that find servers.

use cooee::{Classic, Discovery, Wait};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyType};

use crate::answers::{Answers, Listening, SLICE};
use crate::result::{Outcome, Server};
use crate::{error, value};

const WAITS: [(&str, Wait); 3] =
    [("settled", Wait::Settled), ("full", Wait::Full), ("first", Wait::First)];

/// Finds the servers on the networks of this host.
///
/// Takes between 0.7 s, when everybody answers at once, and the timeout.
///
/// port: the UDP port that servers listen on.
/// message: the probe, as text or bytes, 1 to 512 bytes.
/// prefix: what an answer begins with, as text or bytes, up to 256 bytes.
/// timeout: the absolute end, in seconds or as a timedelta, up to an hour.
/// retries: how many more rounds of probes are sent at least, unless it is over before, up to 100.
/// wait: "settled" ends when nothing new arrives and hardly anybody can be missing, "full" at the
///     timeout, "first" at the first answer.
/// interfaces: the names of the interfaces to call on; loopback and point-to-point links are called
///     on only when named. None calls on every interface that can broadcast.
/// exclude_interfaces: the names of interfaces not to call on.
/// hosts: IPv4 addresses to call directly too.
/// subnets: IPv4 networks whose every address to call too, 250 a second, 65,536 in all.
///
/// Raises ConfigError, NoSuchInterface, NoInterface, NotPermitted or NetworkError. That nobody
/// answers is no error.
#[pyfunction]
#[pyo3(
    signature = (**settings),
    text_signature = "(*, port=9999, message='DISCOVER_SERVER', prefix='SERVER_IP:', timeout=5.0, \
                      retries=3, wait='settled', interfaces=None, exclude_interfaces=None, \
                      hosts=(), subnets=())"
)]
pub(crate) fn discover<'py>(
    py: Python<'py>,
    settings: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let (servers, outcome) = run(py, &built(settings)?)?;
    static FOUND: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    FOUND.import(py, "cooee._found", "Found")?.call1((servers, outcome))
}

/// Finds one server, whichever answers first. None if nobody does before the timeout.
///
/// Takes the settings of discover(), without wait, and raises the same.
#[pyfunction]
#[pyo3(
    signature = (**settings),
    text_signature = "(*, port=9999, message='DISCOVER_SERVER', prefix='SERVER_IP:', timeout=5.0, \
                      retries=3, interfaces=None, exclude_interfaces=None, hosts=(), subnets=())"
)]
pub(crate) fn discover_one(
    py: Python<'_>,
    settings: Option<&Bound<'_, PyDict>>,
) -> PyResult<Option<Server>> {
    if settings.is_some_and(|settings| settings.contains("wait").unwrap_or(false)) {
        return Err(value::unexpected("wait"));
    }
    let first = built(settings)?.wait(Wait::First);
    Ok(run(py, &first)?.0.into_iter().next())
}

/// Finds servers, and gives each when it first answers.
///
/// Takes the settings of discover(), and raises the same. The discovery goes on only while it is
/// asked for more; leave the with block, or call stop(), to end it.
#[pyfunction]
#[pyo3(
    signature = (**settings),
    text_signature = "(*, port=9999, message='DISCOVER_SERVER', prefix='SERVER_IP:', timeout=5.0, \
                      retries=3, wait='settled', interfaces=None, exclude_interfaces=None, \
                      hosts=(), subnets=())"
)]
pub(crate) fn stream(py: Python<'_>, settings: Option<&Bound<'_, PyDict>>) -> PyResult<Answers> {
    Ok(Answers::new(begin(py, &built(settings)?)?))
}

/// Decodes an answer: the prefix, four octets, and perhaps a colon and a port.
///
/// Returns the address, and the port or None. Raises ValueError with the reason if it is no answer.
#[pyfunction]
pub(crate) fn parse_answer(data: &[u8], prefix: &[u8]) -> PyResult<(String, Option<u16>)> {
    let classic =
        Classic::new(cooee::DEFAULT_MESSAGE, prefix.to_vec()).map_err(crate::error::config)?;
    match classic.decode_answer(data) {
        Ok(answer) => Ok((answer.ip.to_string(), answer.port)),
        Err(error) => Err(PyValueError::new_err(error.to_string())),
    }
}

/// The discovery that these settings build.
pub(crate) fn built(settings: Option<&Bound<'_, PyDict>>) -> PyResult<Discovery> {
    value::fold(settings, Discovery::new(), |discovery, name, value| {
        Ok(match name {
            "port" => discovery.port(value::port(value)?),
            "message" => discovery.message(value::text(value)?),
            "prefix" => discovery.prefix(value::text(value)?),
            "timeout" => discovery.timeout(value::duration(value)?),
            "retries" => discovery.retries(value::count(value)?),
            "wait" => discovery.wait(value::word(value, &WAITS)?),
            "interfaces" => {
                value::each(value, value::name)?.into_iter().fold(discovery, Discovery::interface)
            }
            "exclude_interfaces" => value::each(value, value::name)?
                .into_iter()
                .fold(discovery, Discovery::exclude_interface),
            "hosts" => {
                value::each(value, value::host)?.into_iter().fold(discovery, Discovery::host)
            }
            "subnets" => {
                value::each(value, value::network)?.into_iter().fold(discovery, Discovery::subnet)
            }
            _ => return Err(value::unexpected(name)),
        })
    })
}

fn begin(py: Python<'_>, discovery: &Discovery) -> PyResult<Listening> {
    py.detach(|| discovery.answers()).map(Listening::new).map_err(error::discover)
}

fn run(py: Python<'_>, discovery: &Discovery) -> PyResult<(Vec<Server>, Outcome)> {
    let mut listening = begin(py, discovery)?;
    loop {
        let over = py.detach(|| listening.listen(SLICE));
        py.check_signals()?;
        if over {
            let found = listening.finish();
            let outcome = found.outcome().clone().into();
            return Ok((found.into_iter().map(Server::from).collect(), outcome));
        }
    }
}
