//! The `choai` command as an operator meets it: what it prints, how it ends, and what it refuses.

mod audit;
mod damage;
mod demo;
mod export;
mod faults;
mod full;
mod merchant;
mod modes;
mod outcome;
mod proofs;
mod refusals;
mod serve;
