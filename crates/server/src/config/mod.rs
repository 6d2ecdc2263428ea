//! What can be configured: `quintet.toml`, with `QUINTET_…` variables over it, with flags over both.
//!
//! Every key stands once, in its section's file, with its doc and default. Reading, the names of the environment
//! variables, the complaints about wrong keys and the example file all come from that one table. Procedures are a list of tables,
//! which only the file can have.

#[macro_use]
mod section;

mod admin;
mod api;
mod auth;
mod cors;
mod documents;
mod error;
mod example;
mod federation;
mod file;
mod filter;
mod house;
mod in_force;
mod layers;
mod limits;
mod listen;
mod log;
mod metrics;
mod network;
mod origin;
mod period;
mod procedure;
mod proxies;
mod rooms;
mod setting;
mod signing_key;
mod suggestion;
mod tls;
mod webhook_url;

pub use admin::Admin;
pub use api::Api;
pub use auth::Auth;
pub use cors::Cors;
pub use documents::Documents;
pub use error::{Error, Problem};
pub use example::example;
pub use federation::Federation;
pub use filter::Filter;
pub use house::House;
pub use in_force::{in_force, in_force_json};
pub use layers::{Flag, Loaded, Sources, load};
pub use listen::Listen;
pub use log::{Format, Log};
pub use metrics::Metrics;
pub use network::Network;
pub use origin::PublicUrl;
pub use period::Period;
pub use procedure::Procedure;
pub use proxies::Proxies;
pub use rooms::Rooms;
pub use signing_key::SigningKey;
pub use tls::Tls;
pub use webhook_url::WebhookUrl;

use quintet_core::Limits;

use section::Section;

/// The name of the file that is read from the working directory where no other is named.
pub const FILE: &str = "quintet.toml";

/// Everything that can be configured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// The keys outside of any table.
    pub house: House,
    /// `[tls]`
    pub tls: Tls,
    /// `[admin]`
    pub admin: Admin,
    /// `[auth]`
    pub auth: Auth,
    /// `[rooms]`
    pub rooms: Rooms,
    /// `[documents]`
    pub documents: Documents,
    /// `[federation]`
    pub federation: Federation,
    /// `[cors]`
    pub cors: Cors,
    /// `[proxies]`
    pub proxies: Proxies,
    /// `[log]`
    pub log: Log,
    /// `[metrics]`
    pub metrics: Metrics,
    /// `[api]`
    pub api: Api,
    /// `[limits]`
    pub limits: Limits,
    /// `[[procedure]]`, in the order of the file.
    pub procedures: Vec<Procedure>,
}

/// Every section that stands once, in the order of the example file.
fn sections() -> Vec<Section> {
    vec![
        House::section(),
        Tls::section(),
        Admin::section(),
        Auth::section(),
        Rooms::section(),
        Documents::section(),
        Federation::section(),
        Cors::section(),
        Proxies::section(),
        Log::section(),
        Metrics::section(),
        Api::section(),
        limits::section(),
    ]
}
