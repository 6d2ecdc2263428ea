//! Both sides against each other, and each against a peer of paper.

mod garbage;
mod greeting;
mod messages;
mod side;
