//! The tables of this domain.
