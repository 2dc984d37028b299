//! Picks, told as stories: what a policy makes of histories, what is written, and how it ends.
#![expect(clippy::disallowed_methods, reason = "tests make files and run the binary")]

#[path = "../src/tree/temp.rs"]
mod temp;

#[path = "picks/repository.rs"]
mod repository;

#[path = "picks/applied.rs"]
mod applied;
#[path = "picks/generated.rs"]
mod generated;
#[path = "picks/hands.rs"]
mod hands;
#[path = "picks/inputs.rs"]
mod inputs;
#[path = "picks/life.rs"]
mod life;
#[path = "picks/merges.rs"]
mod merges;
#[path = "picks/needs.rs"]
mod needs;
#[path = "picks/order.rs"]
mod order;
#[path = "picks/places.rs"]
mod places;
#[path = "picks/reverts.rs"]
mod reverts;
#[path = "picks/rules.rs"]
mod rules;
