//! Sets of rights, by scope and holder, with the sum rule.

use std::cmp::Ordering;
use std::collections::HashMap;

use quintet_core::right::{Grant, Holder, Rights, Scope};
use quintet_core::{Id, Right};

/// The sum rule over the sets that hold for somebody: any admin is yes, else the sum's sign, else the right's default.
pub(super) fn decide<'a>(right: Right, sets: impl Iterator<Item = &'a Rights>) -> bool {
    let mut sum = 0_i64;
    for set in sets {
        if set.admin {
            return true;
        }
        sum += i64::from(set.value(right));
    }
    allows(right, sum)
}

/// What a sum of values means.
pub(super) fn allows(right: Right, sum: i64) -> bool {
    match sum.cmp(&0) {
        Ordering::Greater => true,
        Ordering::Less => false,
        Ordering::Equal => right.default_allowed(),
    }
}

/// The sets of one scope.
#[derive(Default)]
struct Sets {
    by_holder: HashMap<Holder, Rights>,
    /// Whether any of them takes something from the right to view. Kept, because it is asked at every event.
    hiding: bool,
}

impl Sets {
    fn put(&mut self, holder: Holder, rights: Rights) {
        if rights.is_empty() {
            self.by_holder.remove(&holder);
        } else {
            self.by_holder.insert(holder, rights);
        }
        self.hiding = self.by_holder.values().any(|set| set.value(Right::View) < 0);
    }
}

/// All sets of rights.
#[derive(Default)]
pub(super) struct Book {
    scopes: HashMap<Scope, Sets>,
}

impl Book {
    /// Replaces a set; an empty one removes it.
    pub(super) fn put(&mut self, grant: Grant) {
        let sets = self.scopes.entry(grant.scope).or_default();
        sets.put(grant.holder, grant.rights);
        if sets.by_holder.is_empty() {
            self.scopes.remove(&grant.scope);
        }
    }

    /// Removes everything that was given in a room.
    pub(super) fn forget_room(&mut self, room: Id) {
        self.scopes.remove(&Scope::Room(room));
    }

    /// Removes everything that was given to a holder.
    pub(super) fn forget_holder(&mut self, holder: Holder) {
        for sets in self.scopes.values_mut() {
            sets.put(holder, Rights::default());
        }
        self.scopes.retain(|_, sets| !sets.by_holder.is_empty());
    }

    pub(super) fn set_of(&self, scope: Scope, holder: Holder) -> Option<&Rights> {
        self.scopes.get(&scope)?.by_holder.get(&holder)
    }

    /// The sets that these holders have in a scope.
    pub(super) fn sets<'a>(
        &'a self,
        scope: Scope,
        holders: impl Iterator<Item = Holder> + 'a,
    ) -> impl Iterator<Item = &'a Rights> {
        // Most scopes have no set at all: look once.
        self.scopes
            .get(&scope)
            .into_iter()
            .zip(std::iter::once(holders))
            .flat_map(|(sets, holders)| holders.filter_map(|holder| sets.by_holder.get(&holder)))
    }

    /// Does any set of this scope take from the right to view?
    pub(super) fn hides(&self, scope: Scope) -> bool {
        self.scopes.get(&scope).is_some_and(|sets| sets.hiding)
    }

    /// Is there any set anywhere that takes from the right to view?
    pub(super) fn hides_anything(&self) -> bool {
        self.scopes.values().any(|sets| sets.hiding)
    }

    /// The sets of a scope, by holder.
    pub(super) fn list(&self, scope: Scope) -> Vec<Grant> {
        let Some(sets) = self.scopes.get(&scope) else { return Vec::new() };
        let mut grants: Vec<_> = sets
            .by_holder
            .iter()
            .map(|(holder, rights)| Grant { scope, holder: *holder, rights: rights.clone() })
            .collect();
        grants.sort_unstable_by_key(|grant| grant.holder);
        grants
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(right: Right, value: i32) -> Rights {
        let mut rights = Rights::default();
        rights.set(right, value);
        rights
    }

    #[test]
    fn the_sum_decides_and_zero_is_the_default() {
        let table: [(&[i32], bool, bool); 7] = [
            // values, outcome for a right that defaults to yes, to no
            (&[], true, false),
            (&[1], true, true),
            (&[-1], false, false),
            (&[1, -1], true, false),
            (&[2, -1], true, true),
            (&[1, -2], false, false),
            (&[i32::MIN, i32::MIN, i32::MAX], false, false),
        ];
        for (values, view, manage) in table {
            for (right, expected) in [(Right::View, view), (Right::ManageChats, manage)] {
                let sets: Vec<_> = values.iter().map(|value| set(right, *value)).collect();
                assert_eq!(decide(right, sets.iter()), expected, "{right:?} {values:?}");
            }
        }
    }

    #[test]
    fn admin_outweighs_every_number() {
        let sets = [set(Right::View, -1000), Rights::admin()];
        for right in Right::ALL {
            assert!(decide(right, sets.iter()));
        }
    }

    #[test]
    fn an_empty_set_leaves_no_trace() {
        let (scope, holder) = (Scope::Server, Holder::Role(Id::EVERYONE));
        let mut book = Book::default();
        book.put(Grant { scope, holder, rights: set(Right::View, -1) });
        assert!(book.hides(scope) && book.hides_anything());
        book.put(Grant { scope, holder, rights: Rights::default() });
        assert!(!book.hides_anything() && book.scopes.is_empty());
    }
}
