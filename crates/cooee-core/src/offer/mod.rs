//! What one service says, and how processes of one host tell each other.

mod error;
mod message;
mod published;
mod rules;
mod service;
mod written;

pub use error::{MessageError, OfferRefusal};
pub use message::{ListedOffer, OfferRequest, OfferResponse};
pub use rules::{Advertise, AnswerPolicy, ListenerRule};
pub use service::Offer;
