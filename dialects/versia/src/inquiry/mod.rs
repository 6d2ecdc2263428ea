//! Inquiries: how peers are found, and what is believed of their answers (versia.md, sections 1.6, 2.2, 3.2).

use quintet_core::Error;
use quintet_core::federation::inquiry::{Fetched, Inquiry, Question, Step};

use crate::house::House;

/// Begins to find something out.
pub(crate) fn begin(_house: &House, _question: Question) -> Box<dyn Inquiry> {
    Box::new(Nothing)
}

struct Nothing;

impl Inquiry for Nothing {
    fn step(&mut self, _fetched: Option<Result<Fetched, Error>>) -> Step {
        Step::Done(Err(Error::internal("to be written")))
    }
}
