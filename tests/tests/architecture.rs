//! The arrows between packages, and what must be absent.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Which packages of the house each package may name. Nothing else.
const ARROWS: &[(&str, &[&str])] = &[
    ("crates/core", &[]),
    ("crates/vocabulary", &["quintet-core"]),
    ("crates/store", &["quintet-core", "quintet-vocabulary"]),
    ("crates/bus", &["quintet-core"]),
    ("crates/hub", &["quintet-core", "quintet-vocabulary", "quintet-store", "quintet-bus"]),
    ("crates/server", &["quintet-core", "quintet-hub"]),
    ("dialects/atomic", &["quintet-core", "quintet-vocabulary"]),
    ("dialects/concord", &["quintet-core"]),
    ("dialects/flamigo", &["quintet-core"]),
    ("dialects/jac", &["quintet-core"]),
    ("dialects/versia", &["quintet-core"]),
];

/// What a pure package may depend on besides the house: data only, no clock, socket, disk, randomness, or runtime.
const PURE: &[&str] = &[
    "base64",
    "bytes",
    "form_urlencoded",
    "percent-encoding",
    "ryu-js",
    "serde",
    "serde_json",
    "serde_path_to_error",
    "sha2",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The names under `[dependencies]` of a manifest.
fn dependencies(package: &str) -> Vec<String> {
    let manifest = fs::read_to_string(root().join(package).join("Cargo.toml")).expect("the package has a manifest");
    let lines = manifest.lines().skip_while(|line| line.trim() != "[dependencies]").skip(1);
    lines
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .filter_map(|line| line.split(['.', '=', ' ']).next())
        .map(str::to_owned)
        .collect()
}

/// The files that are shipped, with their text.
fn sources(package: &str) -> BTreeMap<PathBuf, String> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root().join(package).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the package has sources").flatten() {
            let path = entry.path();
            if path.is_dir() {
                if !path.ends_with("tests") {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
                files.insert(path.clone(), fs::read_to_string(path).expect("sources are text"));
            }
        }
    }
    files
}

/// The code of a file: without comments, and without what follows its test module's head.
fn code(text: &str) -> String {
    let shipped = text.split("#[cfg(test)]").next().unwrap_or_default();
    shipped.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

#[test]
fn arrows_point_one_way() {
    for (package, allowed) in ARROWS {
        let house: Vec<_> = dependencies(package).into_iter().filter(|name| name.starts_with("quintet")).collect();
        for name in &house {
            assert!(allowed.contains(&name.as_str()), "{package} must not depend on {name}");
        }
    }
}

#[test]
fn rooms_and_words_are_pure() {
    let packages = [
        "crates/core",
        "crates/vocabulary",
        "dialects/atomic",
        "dialects/concord",
        "dialects/flamigo",
        "dialects/jac",
        "dialects/versia",
    ];
    for package in packages {
        for name in dependencies(package).iter().filter(|name| !name.starts_with("quintet")) {
            assert!(PURE.contains(&name.as_str()), "{package} is pure: {name} is not on the list of pure data crates");
        }
        for (path, text) in sources(package) {
            for word in ["SystemTime", "Instant", "std::net::", "std::fs", "std::thread", "std::env", "async fn"] {
                assert!(!code(&text).contains(word), "{} is pure, but says {word}", path.display());
            }
        }
    }
}

#[test]
fn the_hall_has_never_heard_of_any_room() {
    for package in ["crates/core", "crates/store", "crates/bus", "crates/hub", "crates/server"] {
        for (path, text) in sources(package) {
            let code = code(&text).to_lowercase();
            for room in ["concord", "jac", "flamigo", "versia"] {
                let named = code.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == room);
                assert!(!named, "{} knows the {room} room", path.display());
            }
        }
    }
}

#[test]
fn each_engine_stays_in_its_house() {
    for (engine, home) in [("rusqlite", "crates/store"), ("hyper", "crates/server")] {
        for (package, _) in ARROWS.iter().filter(|(package, _)| *package != home) {
            assert!(
                !dependencies(package).iter().any(|name| name == engine),
                "{engine} belongs to {home}, not to {package}"
            );
        }
    }
}
