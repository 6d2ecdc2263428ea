//! Requests that the server answers from what it knows: Jac's `connection` event.

use crate::report::Row;
use crate::rooms::{WhoAmI, asking};
use crate::subject::Subject;
use crate::{Error, Options, Scenario, questions};

/// Measures `server` beside the floor, which echoes the question.
pub(crate) fn run(options: &Options, server: &Subject, floor: &Subject) -> Result<Vec<Row>, Error> {
    questions::run(options, Scenario::Request, (server, &asking()), floor, || WhoAmI)
}
