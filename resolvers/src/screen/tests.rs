//! What the screen counts, document by document.
