//! Messages between a process that stands by and the port's owner: what is read was checked, and is
//! written and read again as the same.
//!
//! An input is one message, read as a request and as a response.

use cooee_core::{ListedOffer, MessageError, Offer, OfferRequest, OfferResponse, limits};

/// Takes one input.
///
/// # Panics
/// When a message is read wrongly.
pub fn run(input: &[u8]) {
    request(input);
    response(input);
}

fn request(input: &[u8]) {
    let is_too_long = input.len() > limits::OFFER_MAX;
    let request = match OfferRequest::decode(input) {
        Ok(request) => request,
        Err(why) => {
            let length = input.len();
            assert!(!is_too_long || why == MessageError::TooLong { length }, "{why}");
            return;
        }
    };
    assert!(!is_too_long);
    if let OfferRequest::Offer(offers) = &request {
        assert!((1..=limits::CODECS_MAX).contains(&offers.len()));
        offers.iter().for_each(check);
    }
    let written = request.encode().expect("what was read can be written");
    assert!(written.len() <= limits::OFFER_MAX);
    assert_eq!(OfferRequest::decode(&written).as_ref(), Ok(&request));
    if let OfferRequest::Offer(offers) = request {
        list(offers);
    }
}

/// What was taken can be listed, within the bound of a list.
fn list(offers: Vec<Offer>) {
    let listed = |offer| ListedOffer { pid: Some(u32::MAX), offer };
    let list = OfferResponse::Listed(offers.into_iter().map(listed).collect());
    let written = list.encode();
    assert!(written.len() <= OfferResponse::LENGTH_MAX / limits::OFFERS_MAX * limits::CODECS_MAX);
    assert_eq!(OfferResponse::decode(&written), Ok(list));
}

fn response(input: &[u8]) {
    let Ok(response) = OfferResponse::decode(input) else { return };
    if let OfferResponse::Listed(listed) = &response {
        listed.iter().for_each(|listed| check(&listed.offer));
    }
    let written = response.encode();
    assert_eq!(OfferResponse::decode(&written), Ok(response));
}

fn check(offer: &Offer) {
    assert_eq!(offer.check(), Ok(()));
    let classic = offer.classic().expect("the only protocol that is handed over");
    assert!((1..=limits::MESSAGE_MAX).contains(&classic.message().len()));
    assert!(classic.prefix().len() <= limits::PREFIX_MAX);
    assert!(offer.allow.len() <= limits::ALLOW_MAX && offer.port() > 0);
    assert!(offer.name.as_ref().is_none_or(|name| name.len() <= limits::NAME_MAX));
}
