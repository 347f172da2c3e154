//! What plain `find` says on networks where something is broken, and what `serve` says of itself.

mod nobody;
mod serving;
