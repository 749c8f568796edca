//! `enlarge models import URL`: downloads are continued, limited in size, and refused unless the hash is right.
//!
//! The server on this machine cuts connections, sends wrong files and redirects. The tests need curl, as the command does.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Output;
use std::sync::{Arc, Mutex};
use std::thread;

use tempfile::TempDir;

use crate::common::{self, messages};

const NETWORK: &[u8] = include_bytes!("../../../core/models/waifu2x-photo-x2/model.onnx");

/// Answers a request, given its number (from 1), the first byte asked for, and the connection.
type Answer = fn(usize, usize, &mut TcpStream) -> std::io::Result<()>;

/// Starts a server. Returns its port, and the first byte that each request asks for.
fn server(answer: Answer) -> (u16, Arc<Mutex<Vec<usize>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = asked.clone();
    thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let mut from = 0;
            for line in BufReader::new(connection.try_clone().unwrap()).lines() {
                let line = line.unwrap_or_default().to_lowercase();
                if let Some(range) = line.strip_prefix("range: bytes=") {
                    from = range.trim_end_matches('-').parse().unwrap();
                }
                if line.is_empty() {
                    break;
                }
            }
            let number = {
                let mut seen = seen.lock().unwrap();
                seen.push(from);
                seen.len()
            };
            // The client may have closed the connection.
            let _ = answer(number, from, &mut connection);
        }
    });
    (port, asked)
}

/// Announces the network from byte `from` on, like a server that supports ranges, but sends only `sent` bytes.
fn send_part(from: usize, sent: usize, connection: &mut TcpStream) -> std::io::Result<()> {
    let rest = &NETWORK[from..];
    let (line, range) = match from {
        0 => ("200 OK", String::new()),
        _ => {
            ("206 Partial Content", format!("Content-Range: bytes {from}-{}/{}\r\n", NETWORK.len() - 1, NETWORK.len()))
        }
    };
    write!(connection, "HTTP/1.1 {line}\r\nContent-Length: {}\r\n{range}Connection: close\r\n\r\n", rest.len())?;
    connection.write_all(&rest[..sent.min(rest.len())])
}

fn models(home: &TempDir, more: &[&str]) -> Output {
    common::enlarge(home.path(), &[&["models"], more].concat())
}

fn import(home: &TempDir, more: &[&str]) -> Output {
    models(home, &[&["import"], more].concat())
}

fn network_hash() -> String {
    enlarger_import::sha256(NETWORK)
}

/// The files in the folder of models, unfinished downloads included.
fn files_left(home: &TempDir) -> Vec<String> {
    fn walk(folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else {
                found.push(path.file_name().unwrap().to_string_lossy().into_owned());
            }
        }
    }
    let mut found = Vec::new();
    walk(&home.path().join("enlarger/models"), &mut found);
    found.sort();
    found
}

#[test]
fn an_interrupted_connection_is_continued() {
    let home = TempDir::new().unwrap();
    let (port, asked) = server(|_, from, connection| send_part(from, 900_000, connection));
    let url = format!("http://127.0.0.1:{port}/models/Photo%20.onnx");
    let refused = import(&home, &[&url, "--sha256", &network_hash()]);
    assert_eq!(refused.status.code(), Some(2), "{}", messages(&refused));
    let url = format!("http://127.0.0.1:{port}/models/photo.onnx?download=true");
    let size = NETWORK.len().to_string();
    let output = import(&home, &[&url, "--sha256", &network_hash().to_uppercase(), "--size", &size, "--overwrite"]);
    assert_eq!(output.status.code(), Some(0), "{}", messages(&output));
    assert_eq!(*asked.lock().unwrap(), [0, 900_000, 1_800_000]);
    assert_eq!(files_left(&home), ["manifest.toml", "model.onnx"]);
}

#[test]
fn a_later_run_continues_the_download() {
    let home = TempDir::new().unwrap();
    // The second connection brings nothing, which ends the first run.
    let (port, asked) = server(|number, from, connection| match number {
        1 => send_part(from, 700_000, connection),
        2 => Ok(()),
        _ => send_part(from, usize::MAX, connection),
    });
    let url = format!("http://127.0.0.1:{port}/photo.onnx");
    let output = import(&home, &[&url, "--sha256", &network_hash()]);
    assert_eq!(output.status.code(), Some(1), "{}", messages(&output));
    assert!(messages(&output).contains("continues where it stopped"), "{}", messages(&output));
    assert_eq!(files_left(&home), [format!("{}.part", network_hash())]);
    let output = import(&home, &[&url, "--sha256", &network_hash()]);
    assert_eq!(output.status.code(), Some(0), "{}", messages(&output));
    assert_eq!(*asked.lock().unwrap(), [0, 700_000, 700_000]);
}

/// What was left of nothing, or of another file, is a fresh start.
#[test]
fn a_transfer_that_brings_nothing_leaves_nothing() {
    let home = TempDir::new().unwrap();
    let (port, asked) = server(|number, from, connection| match number {
        1 => write!(connection, "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
        _ => send_part(from, usize::MAX, connection),
    });
    let url = format!("http://127.0.0.1:{port}/photo.onnx");
    let size = NETWORK.len().to_string();
    let fetch = || import(&home, &[&url, "--sha256", &network_hash(), "--size", &size, "--overwrite"]);
    let output = fetch();
    assert_eq!(output.status.code(), Some(1), "{}", messages(&output));
    assert!(messages(&output).contains("503") && !messages(&output).contains("continues"), "{}", messages(&output));
    assert_eq!(files_left(&home), [""; 0]);
    let part = home.path().join("enlarger/models/.downloads").join(format!("{}.part", network_hash()));
    for left in [Vec::new(), vec![7; NETWORK.len() + 5]] {
        fs::create_dir_all(part.parent().unwrap()).unwrap();
        fs::write(&part, left).unwrap();
        let output = fetch();
        assert_eq!(output.status.code(), Some(0), "{}", messages(&output));
        assert_eq!(files_left(&home), ["manifest.toml", "model.onnx"]);
    }
    assert_eq!(*asked.lock().unwrap(), [0, 0, 0]);
}

/// Two programs that write to one file would damage it.
#[test]
fn a_file_that_another_program_is_fetching_is_locked() {
    let home = TempDir::new().unwrap();
    let (port, asked) = server(|_, from, connection| send_part(from, usize::MAX, connection));
    let folder = home.path().join("enlarger/models/.downloads");
    fs::create_dir_all(&folder).unwrap();
    let other = fs::File::create(folder.join(format!("{}.part", network_hash()))).unwrap();
    other.lock().unwrap();
    let url = format!("http://127.0.0.1:{port}/photo.onnx");
    let output = import(&home, &[&url, "--sha256", &network_hash()]);
    assert_eq!(output.status.code(), Some(1), "{}", messages(&output));
    assert!(messages(&output).contains("another program"), "{}", messages(&output));
    assert_eq!(asked.lock().unwrap().len(), 0);
    drop(other);
    let output = import(&home, &[&url, "--sha256", &network_hash()]);
    assert_eq!(output.status.code(), Some(0), "{}", messages(&output));
}

/// Entries of the user's own catalogue, with URLs, are listed, installed and updated.
#[test]
fn the_users_own_catalogue_is_read() {
    let home = TempDir::new().unwrap();
    let (port, asked) = server(|_, from, connection| send_part(from, usize::MAX, connection));
    let own = home.path().join("enlarger/catalogue.toml");
    fs::create_dir_all(own.parent().unwrap()).unwrap();
    let text = include_str!("../../../core/import/tests/own-catalogue.toml")
        .replace("https://example.org", &format!("http://127.0.0.1:{port}"))
        .replace("SIZE", &NETWORK.len().to_string())
        .replace("SHA256", &network_hash());
    fs::write(&own, &text).unwrap();
    let models = |more: &[&str]| models(&home, more);
    let good = |output: &Output| assert_eq!(output.status.code(), Some(0), "{}", messages(output));
    let listed = models(&["available"]);
    good(&listed);
    let lines = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(lines.lines().any(|line| line.starts_with("my-photo ") && line.contains("MIT")), "{lines}");
    assert!(lines.contains("realesrgan-x4plus"), "{lines}");
    good(&models(&["install", "my-photo"]));
    let manifest = fs::read_to_string(home.path().join("enlarger/models/my-photo/manifest.toml")).unwrap();
    assert!(manifest.contains("scale = 2") && manifest.contains(&format!("SHA-256 {}", network_hash())), "{manifest}");
    assert!(home.path().join("enlarger/models/my-photo/LICENSE").is_file());
    assert!(messages(&models(&["install", "my-photo"])).contains("already"));
    assert!(messages(&models(&["update"])).contains("Everything"));
    assert_eq!(asked.lock().unwrap().len(), 1);
    fs::write(&own, text.replace("version = \"1\"", "version = \"2\"")).unwrap();
    good(&models(&["update"]));
    assert_eq!(asked.lock().unwrap().len(), 2);

    // A file with another hash is not installed. An incomplete entry is refused, and the rest of the catalogue remains.
    fs::write(&own, text.replace(&network_hash(), &"0".repeat(64)).replace("my-photo", "other")).unwrap();
    let output = models(&["install", "other"]);
    assert_eq!(output.status.code(), Some(1), "{}", messages(&output));
    assert!(messages(&output).contains("not the expected file"), "{}", messages(&output));
    fs::write(&own, text.replace("attribution = \"waifu2x", "attribution = \"\" # \"waifu2x")).unwrap();
    let output = models(&["available"]);
    good(&output);
    assert!(
        messages(&output).contains("catalogue.toml") && messages(&output).contains("attribution"),
        "{}",
        messages(&output)
    );
    assert!(!String::from_utf8_lossy(&output.stdout).contains("my-photo"));
    // From a folder, only the catalogue's models can be installed.
    assert_eq!(models(&["install", "my-photo", "--from", "."]).status.code(), Some(2));
    let output = models(&["install", "my-photo"]);
    assert_eq!(output.status.code(), Some(1), "{}", messages(&output));
    assert!(messages(&output).contains("127.0.0.1:9"), "{}", messages(&output));
}

/// A server that does not support ranges starts from the first byte.
#[test]
fn a_server_without_ranges_sends_the_whole_file_again() {
    let home = TempDir::new().unwrap();
    let (port, asked) =
        server(|number, _, connection| send_part(0, if number == 1 { 500_000 } else { usize::MAX }, connection));
    let url = format!("http://127.0.0.1:{port}/photo.onnx");
    let output = import(&home, &[&url, "--sha256", &network_hash()]);
    assert_eq!(output.status.code(), Some(0), "{}", messages(&output));
    assert_eq!(*asked.lock().unwrap(), [0, 500_000, 0]);
}

#[test]
fn a_wrong_file_is_refused_and_removed() {
    let (port, _) = server(|_, from, connection| send_part(from, usize::MAX, connection));
    let (endless, _) = server(|_, _, connection| {
        write!(connection, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
        loop {
            connection.write_all(&[7; 1 << 16])?;
        }
    });
    let (right, wrong) = (network_hash(), "0".repeat(64));
    let (url, endless) = (format!("http://127.0.0.1:{port}/a.onnx"), format!("http://127.0.0.1:{endless}/a.onnx"));
    let short = (NETWORK.len() - 1).to_string();
    let long = (NETWORK.len() + 1).to_string();
    for (arguments, expected) in [
        (vec![url.as_str(), "--sha256", &wrong], "not the expected file"),
        (vec![&url, "--sha256", &right, "--size", &short], "more than the expected"),
        (vec![&url, "--sha256", &right, "--size", &long], "not the expected file"),
        (vec![&endless, "--sha256", &right, "--size", "1000000"], "more than the expected"),
    ] {
        let home = TempDir::new().unwrap();
        let output = import(&home, &arguments);
        assert_eq!(output.status.code(), Some(1), "{}", messages(&output));
        assert!(messages(&output).contains(expected), "{}", messages(&output));
        assert_eq!(files_left(&home), [""; 0]);
    }
}

#[test]
fn urls_must_be_https_and_have_a_hash() {
    let home = TempDir::new().unwrap();
    // Redirects to a port where nothing listens, so that following it would give another error.
    let (port, asked) = server(|_, _, connection| {
        write!(connection, "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/b.onnx\r\nContent-Length: 0\r\n\r\n")
    });
    let (url, sum) = (format!("http://127.0.0.1:{port}/a.onnx"), network_hash());
    let output = import(&home, &[&url, "--sha256", &sum]);
    assert_eq!(output.status.code(), Some(1), "{}", messages(&output));
    assert!(messages(&output).to_lowercase().contains("protocol"), "{}", messages(&output));
    assert_eq!(asked.lock().unwrap().len(), 1);
    for (arguments, expected) in [
        (vec!["http://example.org/a.onnx", "--sha256", &sum], "not an https URL"),
        (vec!["http://127.0.0.1.example.org/a.onnx", "--sha256", &sum], "not an https URL"),
        (vec!["http://localhost@example.org/a.onnx", "--sha256", &sum], "not an https URL"),
        (vec!["http://localhost:80@example.org/a.onnx", "--sha256", &sum], "not an https URL"),
        (vec!["file:///etc/passwd", "--sha256", &sum], "not an https URL"),
        (vec![&url], "--sha256"),
        (vec![&url, "--sha256", "abc"], "64 hexadecimal"),
        (vec![&url, "--sha256", &sum, "--sha256", &sum], "--sha256"),
        (vec!["a.onnx", "--sha256", &sum], "--sha256"),
        (vec!["https://example.org", "--sha256", &sum], "file's name"),
        (vec!["https://example.org/..", "--sha256", &sum], "file's name"),
    ] {
        let output = import(&home, &arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", messages(&output));
        assert!(messages(&output).contains(expected), "{}", messages(&output));
    }
    assert_eq!(asked.lock().unwrap().len(), 1);
}
