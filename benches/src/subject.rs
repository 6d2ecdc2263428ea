//! One server under measurement.

use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::time::{Duration, Instant};

use crate::Error;
use crate::client::Client;
use crate::hearer::Deaf;
use crate::procfs::{self, Cpu};

/// How often it is asked whether a server has come to rest.
const GLANCE: Duration = Duration::from_millis(50);
/// A server that uses less CPU than this in one glance is at rest.
const REST: Duration = Duration::from_millis(2);
/// How long a server is given to come to rest.
const PATIENCE: Duration = Duration::from_secs(5);
/// Memory that has not changed for so long stands still.
const STILL: Duration = Duration::from_secs(2);
/// How long memory is given to stand still.
const SETTLING: Duration = Duration::from_secs(30);
/// How long to wait where the server's CPU cannot be seen.
const BLIND: Duration = Duration::from_millis(100);

/// Where a server listens, and which process it is.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    pub(crate) host: String,
    pub(crate) pid: Option<u32>,
}

impl Subject {
    /// Finds the server at `url`; where a name has several addresses, the first that answers.
    pub(crate) fn find(name: &'static str, url: &str, pid: Option<u32>) -> Result<Self, Error> {
        let bad = |reason: String| Error::BadUrl { url: url.to_owned(), reason };
        let host = url.strip_prefix("http://").ok_or_else(|| bad("only http:// is spoken".to_owned()))?;
        let host = host.trim_end_matches('/');
        let port = if host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) { "" } else { ":80" };
        let addresses = format!("{host}{port}").to_socket_addrs().map_err(|error| bad(error.to_string()))?;
        let mut reason = "the name has no address".to_owned();
        for address in addresses {
            match TcpStream::connect_timeout(&address, PATIENCE) {
                Ok(_) => return Ok(Self { name, address, host: host.to_owned(), pid }),
                Err(error) => reason = error.to_string(),
            }
        }
        Err(bad(reason))
    }

    /// No connection to it yet.
    pub(crate) fn client(&self) -> Result<Client, Error> {
        Client::new(self.address, &self.host)
    }

    /// Resident memory in bytes, where it can be seen.
    pub(crate) fn resident(&self) -> Option<u64> {
        procfs::resident(self.pid?)
    }

    /// Waits until the server has nothing left to do, while `client` goes on reading. Whatever comes
    /// right after joining (presence, history) is over then.
    pub(crate) fn calm(&self, client: &mut Client) -> Result<(), Error> {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            let meter = Meter::start(self);
            client.attend(&mut Deaf, GLANCE)?;
            match meter.stop().cpu {
                Some(cpu) if cpu < REST => break,
                None if start.elapsed() >= BLIND => break,
                _ => {}
            }
        }
        Ok(())
    }

    /// Waits until the server's memory stands still, while `client` goes on reading: what was only needed for a moment, at its start above all,
    /// is given back by and by. Tells how much it is then, where it can be seen.
    pub(crate) fn settle(&self, client: &mut Client) -> Result<Option<u64>, Error> {
        let start = Instant::now();
        let (mut known, mut since) = (self.resident(), Instant::now());
        while known.is_some() && since.elapsed() < STILL && start.elapsed() < SETTLING {
            client.attend(&mut Deaf, GLANCE)?;
            let now = self.resident();
            if now != known {
                (known, since) = (now, Instant::now());
            }
        }
        Ok(known)
    }

    /// Ends the connections and waits until the server has dealt with that, so that it does not disturb
    /// whatever is measured next.
    pub(crate) fn leave(&self, client: Client) -> Result<(), Error> {
        client.close();
        self.calm(&mut self.client()?)
    }
}

/// A measurement of wall and CPU time, under way.
#[derive(Debug)]
pub(crate) struct Meter {
    pid: Option<u32>,
    cpu: Option<Cpu>,
    own: Option<Cpu>,
    start: Instant,
}

/// What a [`Meter`] has measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spent {
    pub(crate) wall: Duration,
    /// CPU of the server's threads; `None` where it cannot be seen.
    pub(crate) cpu: Option<Duration>,
    /// CPU of the load generator itself.
    pub(crate) own: Option<Duration>,
}

impl Meter {
    /// Starts measuring.
    pub(crate) fn start(subject: &Subject) -> Self {
        let cpu = subject.pid.and_then(Cpu::of);
        Self { pid: subject.pid, cpu, own: Cpu::of(std::process::id()), start: Instant::now() }
    }

    /// Ends measuring.
    pub(crate) fn stop(self) -> Spent {
        let wall = self.start.elapsed();
        let since = |pid: Option<u32>, earlier: Option<Cpu>| Some(Cpu::of(pid?)?.since(&earlier?));
        Spent { wall, cpu: since(self.pid, self.cpu), own: since(Some(std::process::id()), self.own) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unusable_addresses_are_told_apart() {
        let table = [("https://h", "only http://"), ("h:1", "only http://"), ("http://127.0.0.1:0", "127.0.0.1:0")];
        for (url, want) in table {
            let error = Subject::find("server", url, None).unwrap_err().to_string();
            assert!(error.contains(want), "{error}");
        }
    }
}
