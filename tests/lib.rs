//! Nothing: what is here are the tests of the whole, one binary in `it/`.
