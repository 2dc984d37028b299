//! How findings count things up.

use std::fmt::Display;

/// Returns a list as a sentence has it: `1.34, 1.35 and 1.36`; empty where there is nothing.
pub fn listed<T: Display>(things: &[T]) -> String {
    match things {
        [] => String::new(),
        [only] => only.to_string(),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(T::to_string).collect();
            format!("{} and {last}", first.join(", "))
        }
    }
}
