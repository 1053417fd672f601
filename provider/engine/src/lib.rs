//! stellar-engine
