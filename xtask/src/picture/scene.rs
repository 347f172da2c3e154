//! A few servers to be found: on a network of namespaces as root, on loopback otherwise.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use xshell::{Shell, cmd};

/// A server, and what it is told besides its port.
struct Server {
    address: &'static str,
    options: &'static [&'static str],
}

/// The last is behind a translation of addresses that it does not know of.
const SERVERS: [Server; 3] = [
    Server { address: "192.168.1.10", options: &["--service-port", "8000"] },
    Server { address: "192.168.1.11", options: &["--service-port", "443"] },
    Server {
        address: "192.168.1.30",
        options: &["--service-port", "8080", "--advertise", "172.17.0.2"],
    },
];
const CLIENT: &str = "192.168.1.23";

/// The namespace of the network itself; those of hosts are named by their address.
const WIRE: &str = "cooee-picture";

/// Servers that answer until this is dropped.
pub(super) struct Scene {
    shell: Shell,
    place: Place,
    cooee: String,
    running: Vec<Child>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Namespaces,
    Loopback,
}

impl Scene {
    /// Starts the servers, and waits until they answer.
    pub(super) fn begin(cooee: &Path) -> Result<Self> {
        let shell = Shell::new()?;
        let is_root = cmd!(shell, "id -u").quiet().read().is_ok_and(|id| id == "0");
        let place = if is_root { Place::Namespaces } else { Place::Loopback };
        let cooee = cooee.to_str().context("the path of cooee is not UTF-8")?.to_owned();
        let mut scene = Self { shell, place, cooee, running: Vec::new() };
        if place == Place::Namespaces {
            scene.build()?;
        }
        for server in &SERVERS {
            scene.serve(server)?;
        }
        Ok(scene)
    }

    /// One wire, and a host for each server and the client.
    fn build(&self) -> Result<()> {
        let shell = &self.shell;
        let run = |command: &str| {
            cmd!(shell, "ip")
                .args(command.split_whitespace())
                .quiet()
                .run()
                .context("cannot build a network")
        };
        run(&format!("netns add {WIRE}"))?;
        run(&format!("-n {WIRE} link add wire type bridge"))?;
        run(&format!("-n {WIRE} link set wire up"))?;
        for (number, address) in hosts().enumerate() {
            let (host, port) = (namespace(address), format!("port{number}"));
            run(&format!("netns add {host}"))?;
            run(&format!("-n {host} link add eth0 type veth peer name {port} netns {WIRE}"))?;
            run(&format!("-n {WIRE} link set {port} master wire up"))?;
            run(&format!("-n {host} address add {address}/24 broadcast + dev eth0"))?;
            run(&format!("-n {host} link set lo up"))?;
            run(&format!("-n {host} link set eth0 up"))?;
        }
        Ok(())
    }

    fn serve(&mut self, server: &Server) -> Result<()> {
        let bind = loopback(server.address);
        let mut serve = self.on(server.address, &self.cooee);
        serve.arg("serve").args(server.options);
        if self.place == Place::Loopback {
            serve.args(["--bind", &bind]);
        }
        let mut child = serve.stderr(Stdio::piped()).spawn().context("cannot start cooee serve")?;
        let said = child.stderr.take().context("it has a standard error")?;
        self.running.push(child);
        let answers = BufReader::new(said)
            .lines()
            .map_while(Result::ok)
            .any(|line| line.contains("answering on"));
        ensure!(answers, "cooee serve does not answer at {}", server.address);
        Ok(())
    }

    /// What a person types.
    pub(super) fn words(&self) -> String {
        match self.place {
            Place::Namespaces => "cooee find".to_owned(),
            Place::Loopback => {
                let hosts: Vec<_> = SERVERS.iter().map(|server| loopback(server.address)).collect();
                format!("cooee find --interface lo --host {}", hosts.join(","))
            }
        }
    }

    /// That, on a terminal of this width.
    pub(super) fn find(&self, columns: usize) -> Command {
        let words = self.words().replacen("cooee", &self.cooee, 1);
        let mut find = self.on(CLIENT, "script");
        find.args(["-qec", &format!("stty cols {columns}; exec {words}"), "/dev/null"]);
        find
    }

    /// A program on the host of this address, with no settings but those it is given.
    fn on(&self, address: &str, program: &str) -> Command {
        let mut command = match self.place {
            Place::Loopback => Command::new(program),
            Place::Namespaces => {
                let mut command = Command::new("ip");
                command.args(["netns", "exec", &namespace(address), program]);
                command
            }
        };
        command.env("COOEE_CONFIG", "/dev/null").env("TERM", "xterm").env_remove("NO_COLOR");
        command.stdin(Stdio::null());
        command
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        for child in &mut self.running {
            // It has ended already, or ends now.
            let _ = child.kill();
            let _ = child.wait();
        }
        if self.place == Place::Namespaces {
            for name in hosts().map(namespace).chain([WIRE.to_owned()]) {
                let shell = &self.shell;
                let _ = cmd!(shell, "ip netns del {name}").quiet().ignore_stderr().run();
            }
        }
    }
}

fn hosts() -> impl Iterator<Item = &'static str> {
    SERVERS.iter().map(|server| server.address).chain([CLIENT])
}

fn namespace(address: &str) -> String {
    format!("{WIRE}-{address}")
}

/// The address on loopback that stands for this one.
fn loopback(address: &str) -> String {
    let last = address.rsplit('.').next().unwrap_or(address);
    format!("127.0.0.{last}")
}
