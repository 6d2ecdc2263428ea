//! An entry of the registry: a procedure, and whoever runs it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use quintet_core::Error;
use quintet_core::procedure::{Actor, Offer, Order, Outcome, Procedure, Report};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::crew::{Crew, gone};
use super::meter::{Meter, Timed};
use super::registry::{Registry, Runner};

/// A procedure, and all that is needed to call it.
pub(crate) struct Entry {
    pub(super) procedure: Arc<Procedure>,
    pub(super) hands: Hands,
    /// As many permits as calls may run at once, where that is bounded.
    pub(super) gate: Option<Arc<Semaphore>>,
    pub(super) meter: Arc<Meter>,
}

/// Who runs a procedure.
#[derive(Clone)]
pub(super) enum Hands {
    /// The house: see [`crate::calls::builtins`].
    House,
    /// One who takes all calls.
    Runner(Arc<dyn Runner>),
    /// Whichever of these connections has a place.
    Crew(Arc<Crew>),
}

impl Entry {
    pub(super) fn new(procedure: Procedure, hands: Hands, meter: Arc<Meter>) -> Self {
        let gate = gate(&procedure.offer);
        Self { procedure: Arc::new(procedure), hands, gate, meter }
    }

    /// The same, as it is described now. Where it says another number of calls at once, that counts for those to come.
    pub(super) fn renewed(&self, procedure: Procedure) -> Self {
        let same = self.offer().concurrency == procedure.offer.concurrency;
        let gate = if same { self.gate.clone() } else { gate(&procedure.offer) };
        Self { procedure: Arc::new(procedure), hands: self.hands.clone(), gate, meter: Arc::clone(&self.meter) }
    }

    /// As whoever runs it describes it.
    pub(crate) fn offer(&self) -> &Offer {
        &self.procedure.offer
    }

    /// Whether the house itself runs it.
    pub(crate) fn is_built_in(&self) -> bool {
        matches!(self.hands, Hands::House)
    }

    /// Whether an actor may call it: the first claim that does not hold refuses.
    pub(crate) fn admit(&self, actor: &Actor) -> Result<(), Error> {
        self.offer().claims.iter().try_for_each(|claim| claim.check(actor))
    }

    /// Counts a call that begins.
    pub(crate) fn begin(&self) -> Timed {
        self.meter.begin()
    }

    /// Waits until fewer calls run at once than may. `Unavailable` where too many wait, or nobody runs the procedure any more.
    pub(crate) async fn turn(&self, registry: &Registry) -> Result<Option<SemaphorePermit<'_>>, Error> {
        let Some(gate) = &self.gate else { return Ok(None) };
        if let Ok(permit) = gate.try_acquire() {
            return Ok(Some(permit));
        }
        let _one = registry.wait()?;
        gate.acquire().await.map(Some).map_err(|_| gone(&self.offer().name))
    }

    /// Has a call answered by whoever runs the procedure, but the house.
    pub(crate) async fn perform(&self, registry: &Registry, order: Order) -> Result<Outcome, Error> {
        let offer = self.offer();
        match &self.hands {
            Hands::House => Err(Error::internal(format!("the house runs {} itself", offer.name))),
            Hands::Runner(runner) => runner.run(order).await,
            Hands::Crew(crew) => crew.work(registry, (&offer.name, offer.idempotent), order).await,
        }
    }

    /// Nobody runs it any more: who waits is refused.
    pub(super) fn close(&self) {
        if let Some(gate) = &self.gate {
            gate.close();
        }
    }

    pub(super) fn report(&self) -> Report {
        let runners = match &self.hands {
            Hands::Crew(crew) => crew.members(&self.offer().name),
            Hands::House | Hands::Runner(_) => 1,
        };
        let meter = &self.meter;
        Report {
            procedure: Arc::clone(&self.procedure),
            runners,
            calls: meter.calls.load(Ordering::Relaxed),
            running: meter.running.load(Ordering::Relaxed),
            errors: meter.errors.load(Ordering::Relaxed),
            p50: meter.times.percentile(50),
            p99: meter.times.percentile(99),
        }
    }
}

fn gate(offer: &Offer) -> Option<Arc<Semaphore>> {
    let most = usize::try_from(offer.concurrency?).unwrap_or(Semaphore::MAX_PERMITS);
    Some(Arc::new(Semaphore::new(most.clamp(1, Semaphore::MAX_PERMITS))))
}
