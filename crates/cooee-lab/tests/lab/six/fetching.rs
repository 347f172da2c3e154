//! A web server and a client that follows the URLs that `cooee find` prints.

use std::io::{Read, Write};
use std::net::{Ipv6Addr, SocketAddrV6, TcpListener, TcpStream};
use std::time::Duration;

use cooee_lab::netns::Host;

const DEADLINE: Duration = Duration::from_secs(10);

/// Answers every request on `port` of the host, over IPv6 only, while the test lasts.
pub(crate) fn web(host: &Host, port: u16, says: &'static str) {
    let listener = host.enter(|| TcpListener::bind((Ipv6Addr::UNSPECIFIED, port)).unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.read(&mut [0; 1024]);
            let length = says.len();
            let _ = write!(stream, "HTTP/1.0 200 OK\r\nContent-Length: {length}\r\n\r\n{says}");
        }
    });
}

/// What is behind a URL such as `http://[fe80::1%25eth0]:8000/`, as the host reaches it.
pub(crate) fn fetch(host: &Host, url: &str) -> String {
    let (address, port) = url.strip_prefix("http://[").unwrap().split_once("]:").unwrap();
    let port: u16 = port.strip_suffix('/').unwrap().parse().unwrap();
    let (ip, zone) = address.split_once("%25").unwrap();
    let ip: Ipv6Addr = ip.parse().unwrap();
    host.enter(|| {
        let interfaces = cooee_udp::interfaces().unwrap();
        let scope = interfaces.iter().find(|of| of.name == zone).unwrap().index;
        let to = SocketAddrV6::new(ip, port, 0, scope);
        let mut stream = TcpStream::connect_timeout(&to.into(), DEADLINE).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).unwrap();
        said.split_once("\r\n\r\n").unwrap().1.to_owned()
    })
}
