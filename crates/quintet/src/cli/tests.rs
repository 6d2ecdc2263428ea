//! What can be said on the command line.

use clap::CommandFactory as _;
use clap::error::ErrorKind;

use super::*;

fn parse(line: &str) -> Result<Command, ErrorKind> {
    Cli::try_parse_from(line.split_whitespace()).map(|cli| cli.command).map_err(|error| error.kind())
}

#[test]
fn the_grammar_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_is_understood() {
    for line in [
        "quintet serve",
        "quintet serve --listen 127.0.0.1:0 --data d --config c.toml --conformance",
        "quintet check",
        "quintet check --config c.toml --json",
        "quintet check --example",
        "quintet user add ann",
        "quintet user add --email ann@example.org --password-stdin --json",
        "quintet user passwd ann --data d",
        "quintet user list --json",
        "quintet user disable ann --url http://localhost --api-key k",
        "quintet user enable ann",
        "quintet token ann --create --ttl 1h",
        "quintet token --worker jac",
        "quintet token --worker jac --ttl 1h --json --data d",
        "quintet token --worker jac --revoke",
        "quintet call echo",
        "quintet call chat:send {\"roomId\":1} --as ann --json --data d",
        "quintet call echo -1",
        "quintet call echo - --url http://localhost --api-key k",
        "quintet procedures --json",
        "quintet publish orders/17 {} --name order:created",
        "quintet tail room/* --count 3 --json",
        "quintet follow alice bob@b.example",
        "quintet follow alice@a.example https://b.example/groups/17 --json --data d",
        "quintet unfollow alice bob@b.example --url http://localhost --api-key k",
        "quintet follows alice --json",
        "quintet followers alice",
        "quintet followers alice --accept bob@b.example",
        "quintet followers alice --reject bob@b.example --json",
        "quintet post --as alice hello",
        "quintet post --as alice - --to followers --reply 4110 --json",
        "quintet post --as alice --group https://b.example/groups/17 hello",
        "quintet post --edit 4110 --as alice hello",
        "quintet post --delete 4110 --as alice",
        "quintet react --as alice https://b.example/notes/1 ❤",
        "quintet react --as alice 4110 👎 --remove",
        "quintet timeline alice --before 4110 --limit 5 --json",
        "quintet federate general",
        "quintet federate 4101 --off --json",
        "quintet peers",
        "quintet peers --json --data d",
        "quintet peers show b.example --json",
        "quintet peers allow b.example",
        "quintet peers block b.example --data d",
        "quintet peers reset b.example",
        "quintet peers retry b.example",
        "quintet peers dead-letters",
        "quintet peers dead-letters b.example --json",
        "quintet peers forget-keys b.example",
        "quintet peers rotate-keys --data d",
        "quintet entities --host b.example --before 4110 --limit 5 --json",
        "quintet agent new --url https://chat.example.org",
        "quintet agent root --user ann --data d --json",
        "quintet agent show -",
        "quintet agent show eyJ9 --json",
        "quintet export --output all.json",
        "quintet import all.json --json",
        "quintet import -",
        "quintet bench",
        "quintet bench fanout idle --rounds 1 --duration 1s --subscribers 10,20 --json",
        "quintet bench commits",
        "quintet bench floor",
        "quintet completions bash",
    ] {
        assert!(parse(line).is_ok(), "{line}: {:?}", parse(line).err());
    }
}

#[test]
fn nonsense_is_refused() {
    let table = [
        ("quintet", ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand),
        ("quintet srve", ErrorKind::InvalidSubcommand),
        ("quintet serve --lisen x", ErrorKind::UnknownArgument),
        ("quintet token", ErrorKind::MissingRequiredArgument),
        ("quintet token ann --worker jac", ErrorKind::ArgumentConflict),
        ("quintet token --worker jac --create", ErrorKind::ArgumentConflict),
        ("quintet token ann --revoke", ErrorKind::ArgumentConflict),
        ("quintet token --revoke", ErrorKind::MissingRequiredArgument),
        ("quintet call", ErrorKind::MissingRequiredArgument),
        ("quintet publish", ErrorKind::MissingRequiredArgument),
        ("quintet tail", ErrorKind::MissingRequiredArgument),
        ("quintet tail room --count 0", ErrorKind::ValueValidation),
        ("quintet token ann --ttl soon", ErrorKind::ValueValidation),
        ("quintet user add ann --password hunter2", ErrorKind::UnknownArgument),
        ("quintet user list --url http://x --data d", ErrorKind::ArgumentConflict),
        ("quintet follow alice", ErrorKind::MissingRequiredArgument),
        ("quintet followers alice --accept a@b --reject a@b", ErrorKind::ArgumentConflict),
        ("quintet post hello", ErrorKind::MissingRequiredArgument),
        ("quintet post --as alice", ErrorKind::MissingRequiredArgument),
        ("quintet post --as alice hello --to nobody", ErrorKind::InvalidValue),
        ("quintet post --as alice hello --to public --group https://b.example/groups/17", ErrorKind::ArgumentConflict),
        ("quintet post --as alice hello --delete 4110", ErrorKind::ArgumentConflict),
        ("quintet post --as alice hello --edit 4110 --to public", ErrorKind::ArgumentConflict),
        ("quintet react --as alice 4110", ErrorKind::MissingRequiredArgument),
        ("quintet peers b.example", ErrorKind::InvalidSubcommand),
        ("quintet peers block", ErrorKind::MissingRequiredArgument),
        ("quintet agent", ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand),
        ("quintet agent show", ErrorKind::MissingRequiredArgument),
        ("quintet agent new --store", ErrorKind::UnknownArgument),
        ("quintet import", ErrorKind::MissingRequiredArgument),
        ("quintet bench everything", ErrorKind::ValueValidation),
        ("quintet --version", ErrorKind::DisplayVersion),
    ];
    for (line, kind) in table {
        assert_eq!(parse(line).err(), Some(kind), "{line}");
    }
}

#[test]
fn an_error_is_one_line_with_its_causes() {
    let error = anyhow::anyhow!("disk full").context("cannot open the database");
    assert_eq!(one_line(&error), "cannot open the database (disk full)");
    assert_eq!(one_line(&anyhow::anyhow!("no")), "no");
    let veiled = quintet_core::Error::internal(std::io::Error::other("disk on fire"));
    let error = anyhow::Error::from(veiled).context("cannot open the database");
    assert_eq!(one_line(&error), "cannot open the database (disk on fire)");
}
