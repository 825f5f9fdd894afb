//! What the documents say is what is there.

use std::fs;
use std::path::Path;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The names in a manifest's `[features]`, but for `default`.
fn features(manifest: &str) -> Vec<String> {
    let (_, section) = manifest.split_once("[features]").unwrap();
    let section = section.split("\n[").next().unwrap();
    let names = section
        .lines()
        .filter_map(|line| line.split_once(" = ["))
        .map(|(name, _)| name);
    names
        .filter(|name| *name != "default")
        .map(ToOwned::to_owned)
        .collect()
}

#[test]
fn the_feature_tables_name_every_feature() {
    for package in ["stripegym-core", "stripegym-sqlx"] {
        let readme = read(&format!("{package}/README.md"));
        for feature in features(&read(&format!("{package}/Cargo.toml"))) {
            assert!(
                readme.contains(&format!("| `{feature}` |")),
                "{feature} in {package}/README.md"
            );
        }
    }
}

#[test]
fn both_databases_have_the_same_migrations_and_tables() {
    for set in ["billing", "app"] {
        let files = |database: &str| {
            let mut names: Vec<_> =
                fs::read_dir(root().join("migrations").join(set).join(database))
                    .unwrap()
                    .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                    .collect();
            names.sort();
            names
        };
        assert_eq!(files("postgres"), files("sqlite"));
        for file in files("postgres") {
            let tables = |database: &str| {
                let sql = read(&format!("migrations/{set}/{database}/{file}"));
                let mut tables: Vec<_> = sql
                    .lines()
                    .filter_map(|line| line.strip_prefix("CREATE TABLE "))
                    .map(|rest| rest.trim_end_matches(" (").to_owned())
                    // PostgreSQL has a sequence where SQLite needs a table.
                    .filter(|table| table != "stripegym_fence")
                    .collect();
                tables.sort();
                tables
            };
            assert_eq!(tables("postgres"), tables("sqlite"), "{set}/{file}");
        }
    }
}

#[test]
fn the_stores_mirror_each_other_file_for_file() {
    let files = |folder: &str| {
        let mut names: Vec<_> = fs::read_dir(root().join("stripegym-sqlx/src").join(folder))
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        names
    };
    assert_eq!(files("postgres"), files("sqlite"));
}
