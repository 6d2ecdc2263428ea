//! The tables of the registry: procedures by name, and families of them by how their names begin.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use quintet_core::Error;
use quintet_core::procedure::{NAME_BYTES, Offer, Owner, Procedure, check_name};

use super::crew::Crew;
use super::entry::{Entry, Hands};
use super::meter::Meter;
use crate::calls::builtins;

/// Under which procedures are counted whose names are too many for the metrics.
const OTHERS: &str = "others";

/// Who answers to which name.
#[derive(Default)]
pub(super) struct Tables {
    names: HashMap<Arc<str>, Arc<Entry>>,
    /// By what all names of a family begin with: `billing:` for `billing:*`.
    families: HashMap<Arc<str>, Arc<Entry>>,
    /// Kept when procedures go, as they may come again.
    meters: HashMap<Arc<str>, Arc<Meter>>,
    pub(super) crews: HashMap<Arc<str>, Weak<Crew>>,
    /// How often what is registered has changed.
    revision: u64,
}

impl Tables {
    /// With the house's own procedures.
    pub(super) fn of_the_house() -> Self {
        let mut tables = Self::default();
        for offer in builtins::offers() {
            tables.put(offer, &Owner::House, &Hands::House, usize::MAX);
        }
        tables
    }

    /// How many procedures there are.
    pub(super) fn len(&self) -> usize {
        self.names.len() + self.families.len()
    }

    /// Another number after each change of what is registered.
    pub(super) fn revision(&self) -> u64 {
        self.revision
    }

    /// Every procedure, in no order.
    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Entry>> {
        self.names.values().chain(self.families.values())
    }

    /// Whoever answers to a name: the procedure of this name, or the nearest family.
    pub(super) fn find(&self, name: &str) -> Option<&Arc<Entry>> {
        self.names.get(name).or_else(|| self.family_of(name))
    }

    fn family_of(&self, name: &str) -> Option<&Arc<Entry>> {
        if self.families.is_empty() || check_name(name, false).is_err() {
            return None;
        }
        beginnings(name).find_map(|beginning| self.families.get(beginning))
    }

    /// The procedure that was registered under exactly this name, which may be that of a family.
    pub(super) fn registered(&self, name: &str) -> Option<&Arc<Entry>> {
        match family(name) {
            Some(beginning) => self.families.get(beginning),
            None => self.names.get(name),
        }
    }

    /// Refuses a name that is, or lies within, or surrounds, what another owner runs. Connections of one worker share a procedure.
    pub(super) fn must_be_free(&self, name: &str, owner: &Owner) -> Result<(), Error> {
        let shared = |entry: &Entry| matches!(owner, Owner::Worker(_)) && entry.procedure.owner == *owner;
        let rival = match self.registered(name) {
            Some(entry) if shared(entry) => None,
            Some(entry) => Some(entry),
            None => beginnings(name).find_map(|beginning| self.families.get(beginning)).or_else(|| self.within(name)),
        };
        rival.map_or(Ok(()), |entry| Err(clash(&entry.procedure, name, owner)))
    }

    /// A procedure whose name lies within a family: the first by its name, so that a complaint is the same each time.
    fn within(&self, name: &str) -> Option<&Arc<Entry>> {
        let beginning = family(name)?;
        self.all().filter(|entry| entry.offer().name.starts_with(beginning)).min_by_key(|entry| &entry.offer().name)
    }

    /// Registers a procedure, or describes it anew.
    pub(super) fn put(&mut self, offer: Offer, owner: &Owner, hands: &Hands, bound: usize) {
        let name = Arc::clone(&offer.name);
        let procedure = Procedure { offer, owner: owner.clone() };
        let entry = match self.registered(&name) {
            Some(entry) if *entry.procedure == procedure => return,
            Some(entry) => entry.renewed(procedure),
            None => Entry::new(procedure, hands.clone(), self.meter(&name, bound)),
        };
        self.revision += 1;
        match family(&name) {
            Some(beginning) => self.families.insert(beginning.into(), Arc::new(entry)),
            None => self.names.insert(name, Arc::new(entry)),
        };
    }

    /// Nobody runs this any more.
    pub(super) fn remove(&mut self, name: &str) -> Option<Arc<Entry>> {
        self.revision += 1;
        match family(name) {
            Some(beginning) => self.families.remove(beginning),
            None => self.names.remove(name),
        }
    }

    /// The figures of a procedure, which go on where it was registered before. So many names are remembered at the most.
    fn meter(&mut self, name: &Arc<str>, bound: usize) -> Arc<Meter> {
        if let Some(meter) = self.meters.get(name) {
            return Arc::clone(meter);
        }
        if self.meters.len() >= bound {
            return Arc::new(Meter::new(OTHERS.into()));
        }
        let meter = Arc::new(Meter::new(Arc::clone(name)));
        self.meters.insert(Arc::clone(name), Arc::clone(&meter));
        meter
    }
}

/// What the names of a family begin with, if this is the name of one.
fn family(name: &str) -> Option<&str> {
    name.strip_suffix('*').filter(|beginning| beginning.ends_with(':'))
}

/// What a name begins with, up to each of its colons; the longest first.
fn beginnings(name: &str) -> impl Iterator<Item = &str> {
    debug_assert!(name.len() <= NAME_BYTES, "names are checked before");
    name.match_indices(':').rev().map(|(colon, _)| &name[..=colon])
}

fn clash(taken: &Procedure, name: &str, newcomer: &Owner) -> Error {
    let (taken, owner) = (&*taken.offer.name, &taken.owner);
    let it = if taken == name { "it".to_owned() } else { format!("{name:?}") };
    Error::conflict(format!("{taken:?} is run by {owner} already; {newcomer} cannot run {it} too, choose another name"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn webhook(name: &str) -> Owner {
        Owner::Webhook(name.into())
    }

    fn worker(name: &str) -> Owner {
        Owner::Worker(name.into())
    }

    fn tables(registered: &[(&str, Owner)]) -> Tables {
        let mut tables = Tables::default();
        for (name, owner) in registered {
            tables.must_be_free(name, owner).unwrap();
            tables.put(Offer::new(*name), owner, &Hands::House, 100);
        }
        tables
    }

    #[test]
    fn one_name_has_one_owner() {
        let tables = tables(&[
            ("orders:create", worker("billing")),
            ("pay:*", webhook("pay")),
            ("a:b:c", Owner::Closure),
            ("echo", Owner::House),
        ]);
        for (name, newcomer, message) in [
            ("orders:create", worker("billing"), None),
            ("orders", worker("other"), None),
            ("orders:create:all", worker("other"), None),
            ("payment", worker("other"), None),
            (
                "orders:create",
                worker("other"),
                Some(
                    "\"orders:create\" is run by worker billing already; worker other cannot run it too, choose another name",
                ),
            ),
            (
                "pay:now",
                Owner::Closure,
                Some(
                    "\"pay:*\" is run by webhook pay already; a closure of this server cannot run \"pay:now\" too, choose another name",
                ),
            ),
            (
                "a:*",
                webhook("x"),
                Some(
                    "\"a:b:c\" is run by a closure of this server already; webhook x cannot run \"a:*\" too, choose another name",
                ),
            ),
            (
                "pay:eu:*",
                webhook("x"),
                Some(
                    "\"pay:*\" is run by webhook pay already; webhook x cannot run \"pay:eu:*\" too, choose another name",
                ),
            ),
            (
                "a:b:c",
                Owner::Closure,
                Some(
                    "\"a:b:c\" is run by a closure of this server already; a closure of this server cannot run it too, choose another name",
                ),
            ),
            (
                "echo",
                Owner::Closure,
                Some(
                    "\"echo\" is run by the server itself already; a closure of this server cannot run it too, choose another name",
                ),
            ),
        ] {
            let refusal = tables.must_be_free(name, &newcomer).err();
            assert_eq!(refusal.as_ref().map(Error::public), message, "{name} of {newcomer}");
        }
    }

    #[test]
    fn families_answer_to_what_lies_within() {
        let tables = tables(&[("pay:*", webhook("pay")), ("add", Owner::Closure)]);
        let found = |name: &str| tables.find(name).map(|entry| entry.offer().name.to_string());
        for (name, answers) in [
            ("add", Some("add")),
            ("pay:now", Some("pay:*")),
            ("pay:eu:now", Some("pay:*")),
            ("pay", None),
            ("pay:", None),
            ("pay:*", None),
            ("payment", None),
            ("add:more", None),
            (&format!("pay:{}", "x".repeat(NAME_BYTES)), None),
        ] {
            assert_eq!(found(name).as_deref(), answers, "{name}");
        }
    }

    #[test]
    fn every_change_has_a_revision() {
        let mut tables = Tables::default();
        let put = |tables: &mut Tables, offer| {
            tables.put(offer, &Owner::Closure, &Hands::House, 2);
            tables.revision()
        };
        let first = put(&mut tables, Offer::new("a"));
        assert_eq!(put(&mut tables, Offer::new("a")), first, "nothing changed");
        let second = put(&mut tables, Offer { idempotent: true, ..Offer::new("a") });
        tables.remove("a");
        assert!(first < second && second < tables.revision());
    }

    #[test]
    fn figures_outlive_a_procedure_within_a_bound() {
        let mut tables = Tables::default();
        let mut registered = |name: &str| {
            tables.put(Offer::new(name), &Owner::Closure, &Hands::House, 2);
            Arc::clone(&tables.remove(name).unwrap().meter)
        };
        let first = registered("a");
        assert!(Arc::ptr_eq(&registered("a"), &first));
        registered("b");
        let (third, again) = (registered("c"), registered("c"));
        assert!(!Arc::ptr_eq(&third, &again));
    }
}
