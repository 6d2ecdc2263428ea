//! What each metric says. Those of the store describe themselves.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

/// Names of counters, and what they count.
const COUNTERS: [(&str, &str); 10] = [
    ("quintet_messages_in_total", "Messages from WebSocket peers, by dialect"),
    ("quintet_bytes_in_total", "Bytes read from WebSocket peers, by dialect"),
    ("quintet_bytes_out_total", "Bytes written to WebSocket peers, by dialect"),
    ("quintet_delivered_messages_total", "Messages fanned out to WebSocket peers, by dialect"),
    ("quintet_slow_closes_total", "Connections closed because the peer did not read, by dialect"),
    ("quintet_closes_total", "WebSocket connections that ended, by dialect and close code"),
    ("quintet_calls_total", "Calls to the hall, by call and result"),
    ("quintet_procedure_calls_total", "Calls of procedures, by procedure and result"),
    ("quintet_http_requests_total", "HTTP requests answered, WebSocket handshakes included, by status"),
    ("quintet_refused_connections_total", "Connections refused for want of a seat"),
];

/// Names of gauges, and what they show.
const GAUGES: [(&str, &str); 7] = [
    ("quintet_connections", "Open WebSocket connections, by dialect"),
    ("quintet_queue_bytes", "Bytes waiting for WebSocket peers that do not read fast enough"),
    ("quintet_receiving_bytes", "Bytes of messages and request bodies that are not whole yet"),
    ("quintet_procedures", "Procedures that are registered, those of the house included"),
    ("quintet_procedure_calls", "Calls of procedures under way"),
    ("quintet_limit", "The bounds in force, by name"),
    ("quintet_webhook_open", "Whether a webhook is down and not asked for a while, by procedure"),
];

/// Tells the recorder about all of them.
pub(super) fn describe() {
    for (name, text) in COUNTERS {
        describe_counter!(name, text);
    }
    for (name, text) in GAUGES {
        describe_gauge!(name, text);
    }
    describe_histogram!("quintet_fanout_seconds", Unit::Seconds, "Time from an event to the last write to a listener");
    describe_histogram!(
        "quintet_procedure_seconds",
        Unit::Seconds,
        "Time that a call of a procedure took, by procedure"
    );
}
