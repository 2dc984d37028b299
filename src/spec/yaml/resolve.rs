//! What a plain scalar means.
