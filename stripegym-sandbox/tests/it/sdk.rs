//! The official SDKs, unchanged, against a sandbox: the suites of `tests/sdk`, each in a process
//! of its own. What they need is installed once, in pinned versions, into the user's cache.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use stripegym_sandbox::Sandbox;

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_python_sdk_sees_stripe() {
    python("newest").await;
}

/// API 2025-07-30.basil: what the renderer of versions is for.
#[tokio::test(flavor = "multi_thread")]
async fn the_python_sdk_of_basil_sees_stripe() {
    python("basil").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_node_sdk_sees_stripe() {
    let Some(folder) = node_folder() else { return };
    let mut node = Command::new("node");
    // Connections that are kept open would hold each file back for a while.
    node.args(["--test", "--test-concurrency=1", "--test-force-exit"]);
    run(node.current_dir(folder), "# pass ").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_go_sdk_sees_stripe() {
    // From 1.21 on, Go fetches the version that a module asks for.
    if version("go", "env GOVERSION") < (1, 21) {
        return skip("stripe-go: there is no Go 1.21 here");
    }
    let mut go = Command::new("go");
    go.args(["test", "-mod=readonly", "-count=1", "-v", "./..."]);
    run(go.current_dir(suite("go")), "--- PASS: ").await;
}

async fn python(which: &str) {
    if version("python3", "-m ensurepip --version") < (20, 0) {
        return skip("stripe-python: there is no python3 with venv here");
    }
    let wanted = suite("python").join(format!("{which}.txt"));
    let folder = installed(&format!("python-{which}"), &[&wanted], |folder| {
        let venv = folder.join("venv");
        done(Command::new("python3").args(["-m", "venv"]).arg(&venv));
        let mut pip = Command::new(venv.join("bin/python"));
        pip.args(["-m", "pip", "install", "--quiet", "--requirement"]);
        done(pip.arg(&wanted));
    });
    let mut python = Command::new(folder.join("venv/bin/python"));
    python.args(["-W", "ignore", "-m", "unittest", "discover", "-v"]);
    python.env("PYTHONDONTWRITEBYTECODE", "1");
    run(python.current_dir(suite("python")), " ... ok").await;
}

/// A folder with stripe-node and a copy of the suite: a module finds its packages only beside
/// itself.
fn node_folder() -> Option<PathBuf> {
    if version("node", "--version") < (20, 0) || version("npm", "--version") < (7, 0) {
        skip("stripe-node: there is no Node.js 20 with npm here");
        return None;
    }
    let packages = ["package.json", "package-lock.json"].map(|name| suite("node").join(name));
    let wanted: Vec<&Path> = packages.iter().map(PathBuf::as_path).collect();
    let folder = installed("node", &wanted, |folder| {
        for file in &packages {
            fs::copy(file, folder.join(file.file_name().unwrap())).unwrap();
        }
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
        done(npm.current_dir(folder));
    });
    for entry in fs::read_dir(suite("node")).unwrap() {
        let file = entry.unwrap();
        fs::copy(file.path(), folder.join(file.file_name())).unwrap();
    }
    Some(folder)
}

fn suite(language: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/sdk")
        .join(language)
}

/// The folder of this name in the cache, made by `install` unless that was done before from the
/// same files. A lock keeps other processes out meanwhile.
fn installed(name: &str, wanted: &[&Path], install: impl FnOnce(&Path)) -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache"),
        PathBuf::from,
    );
    let cache = cache.join("stripegym/sdk");
    fs::create_dir_all(&cache).unwrap();
    let lock = File::create(cache.join(format!("{name}.lock"))).unwrap();
    lock.lock().unwrap();
    let folder = cache.join(name);
    let wanted: String = wanted
        .iter()
        .map(|file| fs::read_to_string(file).unwrap())
        .collect();
    let mark = folder.join("installed-from");
    if fs::read_to_string(&mark).is_ok_and(|had| had == wanted) {
        return folder;
    }
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir(&folder).unwrap();
    install(&folder);
    fs::write(mark, wanted).unwrap();
    folder
}

/// Runs a suite against a sandbox of its own. It must end well, and its output must tell of tests
/// that passed: a runner that finds none is content too.
async fn run(command: &mut Command, passed: &str) {
    let sandbox = Sandbox::start().await.unwrap();
    command.env("SANDBOX_URL", sandbox.url());
    let output = tokio::task::block_in_place(|| output(command));
    let text = text(&output);
    println!("{text}");
    assert!(
        output.status.success(),
        "{:?} failed",
        command.get_program()
    );
    assert!(
        text.contains(passed),
        "{:?} found no test",
        command.get_program()
    );
    sandbox.shutdown().await;
}

/// The first two numbers that a program says of itself: 0.0 if it is not there.
fn version(program: &str, arguments: &str) -> (u32, u32) {
    let output = Command::new(program).args(arguments.split(' ')).output();
    let Ok(output) = output else { return (0, 0) };
    let said = text(&output);
    let mut numbers = said
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|number| number.parse().ok());
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

fn done(command: &mut Command) {
    let output = output(command);
    assert!(output.status.success(), "{command:?}: {}", text(&output));
}

fn output(command: &mut Command) -> Output {
    command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

fn text(output: &Output) -> String {
    let of = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    of(&output.stdout) + &of(&output.stderr)
}

/// Tells that something could not be tested here, and fails where that must not be.
fn skip(what: &str) {
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "skipped in CI: {what}"
    );
    eprintln!("SKIPPED: {what}");
    if let Ok(log) = std::env::var("STRIPEGYM_SKIP_LOG") {
        use std::io::Write as _;
        let mut file = File::options().append(true).create(true).open(log).unwrap();
        writeln!(file, "{what}").unwrap();
    }
}
