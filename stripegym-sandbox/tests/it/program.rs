//! The program itself.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use stripegym_sandbox::Sandbox;

use crate::receiver::Receiver;
use crate::wire::{Wire, id};

struct Program {
    child: Child,
    url: String,
}

impl Program {
    fn command() -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stripegym-sandbox"));
        command
            .env_remove("SANDBOX_BIND_ADDR")
            .env_remove("RUST_LOG");
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        command
    }

    /// Starts it and reads its first screen for the address.
    fn start(arguments: &[&str]) -> Self {
        let mut command = Self::command();
        let child = command
            .args(["--listen", "127.0.0.1:0"])
            .args(arguments)
            .spawn()
            .unwrap();
        Self::reading(child)
    }

    fn reading(mut child: Child) -> Self {
        let out = BufReader::new(child.stdout.take().unwrap());
        let line = out
            .lines()
            .map(Result::unwrap)
            .find(|line| line.contains("API and pages"));
        let url = line.unwrap().split_whitespace().last().unwrap().to_owned();
        Self { child, url }
    }

    fn with_state(path: &Path) -> Self {
        Self::start(&["--state", path.to_str().unwrap()])
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[tokio::test]
async fn kill_9_in_the_middle_of_work_loses_nothing_that_was_answered() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state");
    let mut answered = Vec::new();
    for _round in 0..3 {
        let program = Program::with_state(&path);
        let wire = Wire::at(program.url.clone());
        let workers: Vec<_> = (0..4)
            .map(|_| {
                let wire = wire.clone();
                tokio::spawn(async move {
                    let mut ids = Vec::new();
                    // Ends when the program is gone.
                    while let Ok(answer) = wire
                        .send(http::Method::POST, "/v1/customers", &[], "name=Ann")
                        .await
                    {
                        ids.push(id(&answer.ok()));
                    }
                    ids
                })
            })
            .collect();
        while wire.get("/_sandbox/health").await.ok()["objects"]["customer"].as_u64()
            < Some(u64::try_from(answered.len()).unwrap() + 50)
        {}
        drop(program);
        for worker in workers {
            answered.extend(worker.await.unwrap());
        }
    }
    let sandbox = Sandbox::builder().state_file(&path).start().await.unwrap();
    let mut known = 0;
    for customer in &answered {
        assert!(
            sandbox.object(customer).is_some(),
            "{customer} was answered and is gone"
        );
        known += 1;
    }
    assert!(known >= 100);
    let events = sandbox.events();
    assert!(events.iter().all(|event| {
        sandbox
            .object(event["data"]["object"]["id"].as_str().unwrap())
            .is_some()
    }));
}

#[tokio::test]
async fn it_forwards_events_with_the_secret_it_was_given() {
    let receiver = Receiver::start().await;
    let program = Program::start(&[
        "--seed",
        "7",
        "--forward-to",
        &receiver.url,
        "--webhook-secret",
        "whsec_given",
    ]);
    Wire::at(program.url.clone())
        .post("/v1/customers", "")
        .await
        .ok();
    receiver.until_count(1).await[0].verify("whsec_given");
}

#[cfg(unix)]
#[tokio::test]
async fn it_ends_cleanly_on_both_signals() {
    for signal in ["-INT", "-TERM"] {
        let mut program = Program::start(&[]);
        let id = program.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
        assert!(program.child.wait().unwrap().success(), "{signal}");
    }
}

#[tokio::test]
async fn every_request_is_one_plain_line_that_names_what_was_asked() {
    let mut command = Program::command();
    let mut child = command
        .args([
            "--listen",
            "127.0.0.1:0",
            "--faults",
            "fail-after on POST /v1/products",
        ])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let said = child.stderr.take().unwrap();
    let program = Program::reading(child);
    let wire = Wire::at(program.url.clone());
    let mut asked = Vec::new();
    for (method, path, status, remark) in [
        ("POST", "/v1/customers", 200, ""),
        ("GET", "/v1/nonsense/of/mine", 404, ""),
        (
            "POST",
            "/v1/products",
            500,
            " (fault: fail-after status=500)",
        ),
    ] {
        let method = http::Method::from_bytes(method.as_bytes()).unwrap();
        let body = if path == "/v1/products" {
            "name=Tea"
        } else {
            ""
        };
        let answer = wire.send(method.clone(), path, &[], body).await.unwrap();
        let id = answer.header("request-id").to_owned();
        asked.push((
            format!("{method} {path} {status} "),
            format!(" ms {id}{remark}"),
        ));
    }
    drop(program);
    let said: Vec<String> = BufReader::new(said).lines().map(Result::unwrap).collect();
    let lines: Vec<&String> = said
        .iter()
        .filter(|line| line.contains(" ms req_"))
        .collect();
    assert_eq!(lines.len(), asked.len(), "{said:#?}");
    for (line, (start, end)) in lines.iter().zip(&asked) {
        assert!(line.contains(start) && line.ends_with(end), "{line}");
        assert!(
            !line.contains('\u{1b}'),
            "colours are for terminals: {line}"
        );
    }
}

#[tokio::test]
async fn faults_come_from_a_profile_a_file_or_rules() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("faults.json");
    std::fs::write(&file, r#"[{"fault": "rate-limit", "percent": 7}]"#).unwrap();
    let cases = [
        ("calm", "reorder seconds=2 5%"),
        (file.to_str().unwrap(), "rate-limit 7%"),
        ("drop 3% of invoice.*; tie", "drop 3% of invoice.*"),
    ];
    for (flag, rule) in cases {
        let program = Program::start(&["--faults", flag, "--seed", "7"]);
        let wire = Wire::at(program.url.clone());
        let shown = wire.get("/_sandbox/faults").await.ok();
        assert_eq!(shown["seed"], 7);
        assert!(shown["rules"].to_string().contains(rule), "{shown}");
    }
    let refused = Program::command()
        .args(["--faults", "explode"])
        .stderr(Stdio::piped())
        .output();
    let refused = refused.unwrap();
    assert!(!refused.status.success());
    assert!(
        String::from_utf8(refused.stderr)
            .unwrap()
            .contains("`explode` is no fault")
    );
}

#[test]
fn a_taken_port_ends_with_one_line_that_says_what_to_do() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut command = Program::command();
    let mut child = command
        .env("SANDBOX_BIND_ADDR", &address)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert!(!child.wait().unwrap().success());
    assert_eq!(said.lines().count(), 1, "{said}");
    for part in [address.as_str(), "--listen", "SANDBOX_BIND_ADDR"] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn it_tells_its_version_and_its_flags() {
    let run = |flag: &str| {
        let output = Program::command().arg(flag).output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(run("--version").contains(env!("CARGO_PKG_VERSION")));
    let help = run("--help");
    for flag in [
        "--listen",
        "--seed",
        "--forward-to",
        "--webhook-secret",
        "--faults",
        "--state",
    ] {
        assert!(help.contains(flag), "{help}");
    }
}
