use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use super::message::{TestAnswer, TestCall, Way};
use crate::interface::{Interface, broadcast_address};
use crate::{Datagram, Transmit, limits};

/// Why a call of the test exchange was not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExchangeRefusal {
    /// It is no call, or not understood.
    Malformed,
    /// Its sender is on no network of this host and has no private address, or wants a broadcast on
    /// a link that it is not on.
    NotAllowed,
    /// Its sender called too often, or too many others did.
    TooOften,
}

/// Answers the calls of the test exchange, within narrow bounds: one answer for a call, to its
/// sender or to the sender's own link.
#[derive(Debug)]
pub struct Examiner {
    is_server: bool,
    interfaces: Vec<Interface>,
    callers: Vec<Caller>,
}

#[derive(Debug)]
struct Caller {
    ip: IpAddr,
    since: Instant,
    calls: u32,
    /// The nonce of the last call by broadcast.
    heard: Option<u64>,
}

impl Examiner {
    const MINUTE: Duration = Duration::from_secs(60);

    /// The examiner of a server, which answers probes too, on a host with these interfaces.
    pub fn new(interfaces: &[Interface]) -> Self {
        Self { is_server: true, interfaces: interfaces.to_vec(), callers: Vec::new() }
    }

    /// An examiner where no server runs.
    pub fn without_server(interfaces: &[Interface]) -> Self {
        Self { is_server: false, ..Self::new(interfaces) }
    }

    /// Replaces the interfaces.
    pub fn handle_interfaces(&mut self, interfaces: &[Interface]) {
        self.interfaces = interfaces.to_vec();
    }

    /// Takes one datagram, and returns the answer to it.
    ///
    /// # Errors
    /// Why there is none.
    pub fn handle_datagram(
        &mut self,
        now: Instant,
        datagram: &Datagram<'_>,
    ) -> Result<Transmit, ExchangeRefusal> {
        let call = TestCall::decode(datagram.payload).ok_or(ExchangeRefusal::Malformed)?;
        let from = datagram.source;
        let link = self.link_of(from.ip(), datagram.interface);
        let destination = match (call.answer_by, link) {
            (Way::Unicast, Some(_)) => from,
            (Way::Unicast, None) if is_private(from.ip()) => from,
            (Way::Broadcast, Some((_, Some(broadcast)))) => (broadcast, from.port()).into(),
            _ => return Err(ExchangeRefusal::NotAllowed),
        };
        if from.port() == 0 || self.is_broadcast(from.ip()) {
            return Err(ExchangeRefusal::NotAllowed);
        }
        let caller = self.admit(now, from.ip()).ok_or(ExchangeRefusal::TooOften)?;
        if call.sent_by == Way::Broadcast {
            caller.heard = Some(call.nonce);
        }
        let heard_broadcast = self.has_heard(call.nonce, from.ip());
        let answer = TestAnswer {
            nonce: call.nonce,
            call: call.sent_by,
            sent_by: call.answer_by,
            heard_broadcast,
            is_server: self.is_server,
        };
        let mut transmit = Transmit::new(destination, answer.encode());
        transmit.socket = datagram.socket;
        transmit.source = datagram.destination.filter(|ip| self.is_own(*ip));
        transmit.interface = link.map(|(index, _)| index);
        Ok(transmit)
    }

    /// Whether a call with this nonce was heard by broadcast from a host that calls by unicast from
    /// `ip`: from there, or from another IPv6 address, since the group is called from a link-local
    /// one.
    fn has_heard(&self, nonce: u64, ip: IpAddr) -> bool {
        let calls_the_group = !matches!(ip, IpAddr::V6(ip) if !ip.is_unicast_link_local());
        let is_its = |of: &Caller| of.ip == ip || (!calls_the_group && of.ip.is_ipv6());
        self.callers.iter().any(|of| of.heard == Some(nonce) && is_its(of))
    }

    /// Counts a call, unless there were too many of it. The callers of the last minute are kept.
    fn admit(&mut self, now: Instant, ip: IpAddr) -> Option<&mut Caller> {
        let is_old = |caller: &Caller| now.saturating_duration_since(caller.since) >= Self::MINUTE;
        self.callers.retain(|caller| !is_old(caller));
        let place = match self.callers.iter().position(|caller| caller.ip == ip) {
            Some(place) => place,
            None if self.callers.len() < limits::EXAMINED_AT_A_TIME => {
                self.callers.push(Caller { ip, since: now, calls: 0, heard: None });
                self.callers.len() - 1
            }
            None => return None,
        };
        let caller = self.callers.get_mut(place)?;
        caller.calls = caller.calls.saturating_add(1);
        (caller.calls <= limits::EXCHANGES_A_MINUTE).then_some(caller)
    }

    /// The interface whose network `ip` is on, and the broadcast address there. Several interfaces
    /// may have that network: the one that the call arrived on is the caller's.
    fn link_of(&self, ip: IpAddr, arrived_on: Option<u32>) -> Option<(u32, Option<Ipv4Addr>)> {
        let near = |interface: &&Interface| interface.is_on_link(ip);
        let is_its = |interface: &&Interface| Some(interface.index) == arrived_on;
        let own = self.interfaces.iter().filter(near).find(is_its);
        let interface = own.or_else(|| self.interfaces.iter().find(near))?;
        let broadcast = match ip {
            IpAddr::V4(ip) => {
                interface.ipv4().find(|net| net.contains(&ip)).and_then(broadcast_address)
            }
            IpAddr::V6(_) => None,
        };
        Some((interface.index, broadcast))
    }

    fn is_broadcast(&self, ip: IpAddr) -> bool {
        let IpAddr::V4(ip) = ip else { return ip.is_multicast() };
        let mut nets = self.interfaces.iter().flat_map(Interface::ipv4);
        let of_a_network = nets.any(|net| broadcast_address(net) == Some(ip) && net.addr() != ip);
        of_a_network || ip.is_broadcast() || ip.is_multicast() || ip.is_unspecified()
    }

    fn is_own(&self, ip: IpAddr) -> bool {
        self.interfaces.iter().flat_map(|i| &i.addresses).any(|net| net.addr() == ip)
    }
}

fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private(),
        IpAddr::V6(ip) => ip.is_unique_local(),
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a start for virtual time")]
mod tests {
    use std::net::SocketAddr;

    use super::*;
    use crate::interface::{LinkKind, LinkState, role};

    fn examiner() -> Examiner {
        Examiner::new(&[Interface {
            index: 2,
            name: "eth0".into(),
            addresses: vec!["10.0.1.2/24".parse().expect("a network")],
            kind: LinkKind::Broadcast,
            state: LinkState::Up,
            role: role("eth0", None, true),
        }])
    }

    fn call(sent_by: Way, answer_by: Way) -> Vec<u8> {
        TestCall { nonce: 7, sent_by, answer_by }.encode()
    }

    fn answer(
        examiner: &mut Examiner,
        now: Instant,
        from: &str,
        call: &[u8],
    ) -> Result<(SocketAddr, TestAnswer), ExchangeRefusal> {
        let source = from.parse().expect("an address");
        let transmit = examiner.handle_datagram(now, &Datagram::new(source, call))?;
        assert!(transmit.payload.len() <= call.len(), "it amplifies");
        let answer = TestAnswer::decode(&transmit.payload).expect("an answer");
        Ok((transmit.destination, answer))
    }

    #[test]
    fn an_answer_goes_to_the_caller_or_to_its_link_and_says_what_was_heard() {
        let (mut examiner, now) = (examiner(), Instant::now());
        let mut answered = |sent_by, answer_by| {
            let call = call(sent_by, answer_by);
            let (to, answer) =
                answer(&mut examiner, now, "10.0.1.3:4000", &call).expect("it is allowed");
            assert_eq!((answer.call, answer.sent_by), (sent_by, answer_by));
            (to.to_string(), answer.heard_broadcast)
        };
        assert_eq!(answered(Way::Unicast, Way::Unicast), ("10.0.1.3:4000".into(), false));
        assert_eq!(answered(Way::Broadcast, Way::Unicast), ("10.0.1.3:4000".into(), true));
        assert_eq!(answered(Way::Unicast, Way::Broadcast), ("10.0.1.255:4000".into(), true));
    }

    #[test]
    fn of_two_links_with_one_network_the_callers_is_the_one_it_arrived_on() {
        let mut examiner = examiner();
        let second = Interface { index: 3, name: "eth1".into(), ..examiner.interfaces[0].clone() };
        examiner.handle_interfaces(&[examiner.interfaces[0].clone(), second]);
        let call = call(Way::Unicast, Way::Broadcast);
        let mut left_by = |interface| {
            let source = "10.0.1.3:4000".parse().expect("an address");
            let mut datagram = Datagram::new(source, &call);
            datagram.interface = interface;
            let answer = examiner.handle_datagram(Instant::now(), &datagram);
            answer.expect("it is allowed").interface
        };
        assert_eq!([Some(3), Some(2), Some(9), None].map(&mut left_by), [3, 2, 2, 2].map(Some));
    }

    #[test]
    fn an_answer_says_whether_a_server_runs_there() {
        let call = call(Way::Unicast, Way::Unicast);
        let interfaces = examiner().interfaces;
        let says = |mut examiner| {
            answer(&mut examiner, Instant::now(), "10.0.1.3:4000", &call)
                .map(|(_, answer)| answer.is_server)
        };
        assert_eq!(says(Examiner::new(&interfaces)), Ok(true));
        assert_eq!(says(Examiner::without_server(&interfaces)), Ok(false));
    }

    #[test]
    fn over_ipv6_calls_are_answered_by_unicast_on_their_link() {
        let on = |index, name: &str| Interface {
            index,
            name: name.into(),
            addresses: vec!["fe80::2/64".parse().expect("a network")],
            ..examiner().interfaces[0].clone()
        };
        let mut examiner = Examiner::new(&[on(2, "eth0"), on(3, "eth1")]);
        let mut heard = |sent_by, answer_by, destination: &str| {
            let call = call(sent_by, answer_by);
            let mut datagram = Datagram::new("[fe80::3%3]:4000".parse().expect("one"), &call);
            datagram.interface = Some(3);
            datagram.destination = destination.parse().ok();
            let transmit = examiner.handle_datagram(Instant::now(), &datagram)?;
            let answer = TestAnswer::decode(&transmit.payload).expect("an answer");
            assert_eq!(transmit.destination, datagram.source);
            Ok((transmit.interface, transmit.source, answer.heard_broadcast))
        };
        let own = "fe80::2".parse().ok();
        assert_eq!(heard(Way::Unicast, Way::Unicast, "fe80::2"), Ok((Some(3), own, false)));
        let group = crate::GROUP.to_string();
        assert_eq!(heard(Way::Broadcast, Way::Unicast, &group), Ok((Some(3), None, true)));
        // A caller is in no group.
        let refused = heard(Way::Unicast, Way::Broadcast, "fe80::2");
        assert_eq!(refused, Err(ExchangeRefusal::NotAllowed));
    }

    #[test]
    fn a_call_to_the_group_is_heard_of_a_caller_with_a_prefix_too() {
        let eth0 = Interface {
            addresses: ["fe80::2/64", "fd00::2/64"].map(|net| net.parse().expect("one")).to_vec(),
            ..examiner().interfaces[0].clone()
        };
        let mut examiner = Examiner::new(&[eth0]);
        let now = Instant::now();
        let mut heard = |nonce, sent_by, from: &str| {
            let call = TestCall { nonce, sent_by, answer_by: Way::Unicast }.encode();
            answer(&mut examiner, now, from, &call).map(|(_, answer)| answer.heard_broadcast)
        };
        assert_eq!(heard(7, Way::Unicast, "[fd00::3]:4001"), Ok(false));
        assert_eq!(heard(7, Way::Broadcast, "[fe80::3%2]:4000"), Ok(true));
        assert_eq!(heard(7, Way::Unicast, "[fd00::3]:4001"), Ok(true));
        assert_eq!(heard(8, Way::Unicast, "[fd00::3]:4001"), Ok(false), "of another examination");
        assert_eq!(heard(7, Way::Unicast, "[fe80::4%2]:4001"), Ok(false), "of another link");
    }

    #[test]
    fn nobody_is_called_for_somebody_else() {
        let (mut examiner, now) = (examiner(), Instant::now());
        let unicast = call(Way::Unicast, Way::Unicast);
        let broadcast = call(Way::Unicast, Way::Broadcast);
        for (from, call) in [
            ("203.0.113.5:4000", &unicast),
            ("192.168.9.9:4000", &broadcast),
            ("10.0.1.3:0", &unicast),
            ("10.0.1.255:4000", &unicast),
            ("255.255.255.255:4000", &unicast),
        ] {
            let refused = answer(&mut examiner, now, from, call);
            assert_eq!(refused, Err(ExchangeRefusal::NotAllowed), "{from}");
        }
        assert!(answer(&mut examiner, now, "192.168.9.9:4000", &unicast).is_ok());
        let refused = answer(&mut examiner, now, "10.0.1.3:4000", b"\0cooee-xyz");
        assert_eq!(refused, Err(ExchangeRefusal::Malformed));
    }

    #[test]
    fn a_flood_is_refused_for_a_minute_and_others_are_not() {
        let (mut examiner, start) = (examiner(), Instant::now());
        let call = call(Way::Unicast, Way::Unicast);
        let flood = |examiner: &mut Examiner, now| {
            let each = (0..1000).map(|_| answer(examiner, now, "10.0.1.3:4000", &call));
            each.filter(Result::is_ok).count()
        };
        let most = limits::EXCHANGES_A_MINUTE as usize;
        assert_eq!(flood(&mut examiner, start), most);
        assert_eq!(flood(&mut examiner, start + Duration::from_secs(59)), 0);
        assert!(answer(&mut examiner, start, "10.0.1.4:4000", &call).is_ok());
        assert_eq!(flood(&mut examiner, start + Duration::from_secs(60)), most);
    }

    #[test]
    fn callers_are_bounded() {
        let (mut examiner, now) = (examiner(), Instant::now());
        let call = call(Way::Unicast, Way::Unicast);
        let answered = (0..1000_u32).filter(|n| {
            let from = SocketAddr::from((Ipv4Addr::from_bits(0x0a09_0000 + n), 4000)).to_string();
            answer(&mut examiner, now, &from, &call).is_ok()
        });
        assert_eq!(answered.count(), limits::EXAMINED_AT_A_TIME);
        assert_eq!(examiner.callers.len(), limits::EXAMINED_AT_A_TIME);
    }
}
