//! Rules of the book.
