//! A shop whose back-end is this very program: Quintet as a library.
//!
//! `cargo run --example orders` starts it on <http://localhost:8080>, with its data in `./data`. Any room's clients can call it: Flamigo's by
//! `app::orders:create`, Jac's by a `walker` event. In another terminal, `quintet user add ann` makes a user who can, and
//! `quintet call orders:create '{"item":"violin","count":1,"size":"full"}' --as ann` calls.

use std::future::ready;
use std::sync::{Arc, Mutex, PoisonError};

use quintet::{Body, Builder, Call, Checks, Claim, Error, Heard, Id, Procedure, Server, Validate};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What a client asks for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewOrder {
    item: String,
    count: u32,
    size: String,
}

impl Validate for NewOrder {
    fn validate(&self, checks: &mut Checks) {
        checks.required("item", &self.item);
        checks.range("count", &self.count, 1..=100);
        checks.one_of("size", &self.size, &["half", "full"]);
    }
}

/// What it gets.
#[derive(Clone, Debug, Serialize)]
struct Order {
    id: usize,
    #[serde(skip)]
    by: Id,
    item: String,
    count: u32,
    price: u32,
    shipped: bool,
}

/// Everything that was ordered; a real shop would ask its database.
#[derive(Clone, Default)]
struct Shop {
    orders: Arc<Mutex<Vec<Order>>>,
}

impl Shop {
    fn with<T>(&self, work: impl FnOnce(&mut Vec<Order>) -> T) -> T {
        work(&mut self.orders.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes an order of whoever is logged in, and tells everybody who listens to `orders/…`.
    async fn create(self, call: Call) -> Result<Order, Error> {
        let new: NewOrder = call.validated()?;
        let user = call.actor().user.as_ref().ok_or_else(|| Error::forbidden("only users can order"))?;
        // Another procedure: whether that is a closure, a webhook or a worker does not matter here.
        let price: u32 = call.call("orders:price", json!({ "count": new.count })).await?;
        let order = self.with(|orders| {
            let NewOrder { item, count, .. } = new;
            let order = Order { id: orders.len(), by: user.id, item, count, price, shipped: false };
            orders.push(order.clone());
            order
        });
        call.publish(&format!("orders/{}", order.id), json!({ "order": order }))?;
        Ok(order)
    }

    /// Marks an order as shipped, and notifies who ordered, on whatever client that is.
    fn ship(&self, call: &Call) -> Result<Order, Error> {
        #[derive(Deserialize)]
        struct Which {
            id: usize,
        }
        let Which { id } = call.payload()?;
        let shipped = self.with(|orders| {
            let order = orders.get_mut(id)?;
            order.shipped = true;
            Some(order.clone())
        });
        let order = shipped.ok_or_else(|| Error::not_found(format!("there is no order {id}")))?;
        call.notify_users([order.by], json!({ "type": "shipped", "data": { "id": id } }))?;
        Ok(order)
    }
}

/// What so many of anything cost.
fn price(call: &Call) -> Result<u32, Error> {
    #[derive(Deserialize)]
    struct What {
        count: u32,
    }
    let What { count } = call.payload()?;
    Ok(count.saturating_mul(900))
}

/// The shop's server, ready to be started.
pub(crate) fn server() -> Builder {
    let shop = Shop::default();
    let (office, dock) = (shop.clone(), shop.clone());
    let shipping = move |call: Call| ready(dock.ship(&call));
    let counting = move |_| ready(Ok(shop.with(|orders| orders.len())));
    Server::builder()
        .procedure("orders:create", move |call| office.clone().create(call))
        .register(Procedure::new("orders:price", |call: Call| ready(price(&call))).open())
        .register(Procedure::new("orders:ship", shipping).claim(Claim::Admin).describe("marks an order as shipped"))
        .register(Procedure::new("orders:count", counting).open())
        .on("orders/*", |heard| async move {
            match heard {
                Heard::Event(event) => {
                    if let Body::Message { name, payload } = &event.body {
                        tracing::info!(%name, %payload, "an order came in");
                    }
                }
                Heard::Missed(events) => tracing::warn!(events, "some orders were missed"),
            }
        })
}

#[tokio::main]
#[cfg_attr(test, expect(dead_code, reason = "the test starts the server itself"))]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    server().serve().await?;
    Ok(())
}
