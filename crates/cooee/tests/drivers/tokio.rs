use std::net::SocketAddr;
use std::time::Duration;

use cooee::{
    AsyncResponding, DiscoverError, Discovery, Ended, Found, Presence, Responder, Server,
    StartError, State, Stats,
};
use tokio::runtime::{Builder, Runtime};

use super::suite::calling;
use super::{Driver, Running, run_suite};

struct Tokio(Runtime);

impl Driver for Tokio {
    type Running = AsyncResponding;

    fn new() -> Self {
        Self(Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap())
    }

    fn start(&self, responder: Responder) -> Result<AsyncResponding, StartError> {
        let _inside = self.0.enter();
        responder.start_async()
    }

    fn run(&self, discovery: &Discovery) -> Result<Found, DiscoverError> {
        self.0.block_on(discovery.run_async())
    }

    fn first(&self, discovery: &Discovery) -> Result<Option<Server>, DiscoverError> {
        self.0.block_on(discovery.first_async())
    }

    fn take(&self, discovery: &Discovery, count: usize) -> Result<Vec<Server>, DiscoverError> {
        self.0.block_on(async {
            let mut answers = discovery.servers_async()?;
            let mut taken = Vec::new();
            while taken.len() < count
                && let Some(server) = answers.next().await
            {
                taken.push(server);
            }
            Ok(taken)
        })
    }

    fn each(
        &self,
        discovery: &Discovery,
        mut act: impl FnMut(&Server),
    ) -> Result<(), DiscoverError> {
        self.0.block_on(async {
            let mut servers = discovery.servers_async()?;
            while let Some(server) = servers.next().await {
                act(&server);
            }
            Ok(())
        })
    }

    fn watch(
        &self,
        discovery: &Discovery,
        mut act: impl FnMut(&Presence) -> bool,
    ) -> Result<(), DiscoverError> {
        self.0.block_on(async {
            let mut events = discovery.watch_async()?;
            while let Some(event) = events.next().await {
                if !act(&event) {
                    break;
                }
            }
            Ok(())
        })
    }

    fn stop(&self, running: AsyncResponding) -> Stats {
        self.0.block_on(running.stop())
    }
}

impl Running for AsyncResponding {
    fn stats(&self) -> Stats {
        Self::stats(self)
    }

    fn state(&self) -> State {
        Self::state(self)
    }

    fn local_addr(&self) -> Option<SocketAddr> {
        Self::local_addr(self)
    }
}

run_suite! { Tokio }

#[cfg(target_os = "linux")]
super::run_offers! { Tokio }

#[test]
fn a_discovery_ends_when_its_runtime_does() {
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let first = Builder::new_current_thread().enable_all().build().unwrap();
    let second = Builder::new_current_thread().enable_all().build().unwrap();
    let discovery = calling(port).timeout(Duration::from_secs(60));
    let mut answers = first.block_on(async { discovery.servers_async() }).unwrap();
    drop(first);
    assert_eq!(second.block_on(answers.next()), None);
    assert_eq!(answers.stop().ended, Ended::Stopped);
}

#[test]
fn a_current_thread_runtime_will_do() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let running = Responder::new().port(0).service_port(7).start_async().unwrap();
        let port = running.local_addr().unwrap().port();
        let discovery = calling(port);
        let server = discovery.first_async().await.unwrap().unwrap();
        assert_eq!(server.address(), "127.0.0.1:7".parse().unwrap());
        assert_eq!(running.stop().await.counters.answered, 1);
    });
}
