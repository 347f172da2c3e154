use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use cooee::finding::Finding;
use cooee::{
    DEFAULT_SERVICE_PORT, Discovery, Families, Notice, Responder, Responding, Server, StartError,
    broadcast_addresses,
};

use crate::exit::{Exit, Failure};
use crate::phrase::{count, counts, milliseconds};
use crate::settings::Wire;

/// The port of the service that the demo announces; nothing listens there.
const SERVICE_PORT: u16 = DEFAULT_SERVICE_PORT;
const TIMEOUT: Duration = Duration::from_secs(2);

/// Starts a server, finds it, and shows both sides.
pub(crate) fn run(wire: &Wire) -> Result<Exit, Failure> {
    let mut stage = Stage { out: anstream::stdout(), written: Ok(()) };
    let exit = play(wire, &mut stage)?;
    stage.written.or_else(|error| Failure::output(&error))?;
    Ok(exit)
}

fn play(wire: &Wire, stage: &mut Stage) -> Result<Exit, Failure> {
    let (heard, hearing) = mpsc::channel();
    let (responding, address) = start(wire, heard, stage)?;
    let port = address.port();
    let interfaces = cooee::interfaces()
        .map_err(|error| Failure::refused(format!("listing the interfaces failed: {error}")))?;
    stage.server(format_args!(
        "answers on {address} for a service on port {SERVICE_PORT} (none runs there, this is a demo)"
    ));
    for (index, address) in broadcast_addresses(&interfaces, &Default::default()) {
        let name = interfaces.iter().find(|i| i.index == index);
        let name = name.map_or("?", |i| i.name.as_str());
        stage.client(format_args!("sends {:?} to {address}:{port} from {name}", wire.message));
    }

    let mut servers = Discovery::new()
        .port(port)
        .message(wire.message.clone())
        .prefix(wire.prefix.clone())
        .families(Families::V4)
        .timeout(TIMEOUT)
        .servers()?;
    let is_here = |server: &Server| {
        let ours = interfaces.iter().flat_map(|i| &i.addresses);
        server.source.port() == port && ours.into_iter().any(|a| a.addr() == server.source.ip())
    };
    let mut found_here = false;
    for server in &mut servers {
        let here = is_here(&server);
        if here {
            stage.server_heard(&hearing);
        }
        found_here |= here;
        let whose = if here { "" } else { ", another server" };
        let after = server
            .rtt
            .map_or_else(String::new, |rtt| format!(" after {:.1} ms", milliseconds(rtt)));
        stage.client(format_args!("found {}{after}{whose}", server.url()));
    }
    let found = servers.finish();
    let outcome = found.outcome();
    stage.client(format_args!(
        "sent {} of probes in {:.1} s, in case a datagram was lost, and got {}",
        count(outcome.rounds.into(), "round"),
        outcome.elapsed.as_secs_f64(),
        count(outcome.answers, "answer"),
    ));
    stage.server(format_args!("stopped: {}", counts(&responding.stop())));
    if !found_here {
        return stage.not_found(&found.findings());
    }
    stage.closing(wire);
    Ok(Exit::Success)
}

fn start(
    wire: &Wire,
    heard: mpsc::Sender<Heard>,
    stage: &mut Stage,
) -> Result<(Responding, SocketAddr), Failure> {
    let on = |port: u16| {
        let heard = heard.clone();
        Responder::new()
            .port(port)
            .message(wire.message.clone())
            .prefix(wire.prefix.clone())
            .families(Families::V4)
            .service_port(SERVICE_PORT)
            .observe(move |notice| {
                if let Notice::Answered { asker, answer, .. } = notice {
                    let answer = String::from_utf8_lossy(answer).into_owned();
                    // The demo may have ended.
                    let _ = heard.send(Heard { asker: *asker, answer });
                }
            })
            .start()
    };
    let responding = match on(wire.port) {
        Err(busy @ StartError::PortInUse { .. }) => {
            stage.server(format_args!("{busy}; using a free port instead"));
            on(0)?
        }
        other => other?,
    };
    let address = responding.local_addr();
    let address = address.ok_or_else(|| Failure::refused("the server stopped by itself"))?;
    Ok((responding, address))
}

/// A probe that the server answered.
struct Heard {
    asker: SocketAddr,
    answer: String,
}

/// Where the demo is shown. A failed write is kept for the end, so that the server is stopped
/// in order.
struct Stage {
    out: anstream::Stdout,
    written: io::Result<()>,
}

impl Stage {
    const SERVER: Style = AnsiColor::Green.on_default();
    const CLIENT: Style = AnsiColor::Cyan.on_default();

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        if self.written.is_ok() {
            self.written = writeln!(self.out, "{line}");
        }
    }

    fn server(&mut self, does: std::fmt::Arguments<'_>) {
        let style = Self::SERVER;
        self.line(format_args!("{style}server{style:#}  {does}"));
    }

    fn client(&mut self, does: std::fmt::Arguments<'_>) {
        let style = Self::CLIENT;
        self.line(format_args!("{style}client{style:#}  {does}"));
    }

    /// Shows the probe that the server answered. The server reports it after sending, so the client
    /// may be first.
    fn server_heard(&mut self, hearing: &Receiver<Heard>) {
        if let Ok(Heard { asker, answer }) = hearing.recv_timeout(Duration::from_millis(500)) {
            self.server(format_args!("heard a probe from {asker}, answered {answer:?}"));
        }
    }

    fn closing(&mut self, wire: &Wire) {
        let Wire { port, message, prefix, .. } = wire;
        let mut same = String::new();
        if *port != cooee::DEFAULT_PORT {
            same += &format!(" --port {port}");
        }
        if message != cooee::DEFAULT_MESSAGE {
            same += &format!(" --message {message:?}");
        }
        if prefix != cooee::DEFAULT_PREFIX {
            same += &format!(" --prefix {prefix:?}");
        }
        self.line(format_args!("\nTo do the same on two machines of one network, run:"));
        self.line(format_args!("  cooee serve --service-port {SERVICE_PORT}{same}"));
        self.line(format_args!("  cooee find{same}"));
    }

    fn not_found(&mut self, findings: &[Finding]) -> Result<Exit, Failure> {
        self.client(format_args!("did not find the server"));
        for finding in findings {
            self.client(format_args!("{}: {finding}", finding.code()));
        }
        self.line(format_args!(
            "\nSee what `cooee doctor` says, and try\n  cooee serve\n  cooee find --host 127.0.0.1"
        ));
        Ok(Exit::NothingFound)
    }
}
