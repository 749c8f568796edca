//! `enlarge models import URL`: resumed, bounded, and of no use unless it is the file that was named.
//!
//! Against a server on this machine that cuts connections, lies and leads astray. It needs curl, as the command does.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Output;
use std::sync::{Arc, Mutex};
use std::thread;

use tempfile::TempDir;

use crate::common::{self, words};

const NETWORK: &[u8] = include_bytes!("../../../core/models/waifu2x-photo-x2/model.onnx");

/// What the server does with a request, by what it is the how manieth.
type Answer = fn(usize, usize, &mut TcpStream) -> std::io::Result<()>;

/// A server that answers every request with `answer(number, first byte, connection)`; gives its port, and the first bytes
/// that were asked for.
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
            // A client that has gone is its own affair.
            let _ = answer(number, from, &mut connection);
        }
    });
    (port, asked)
}

/// All from this byte on, as a server that can go on in the middle says it; but only `sent` bytes of it.
fn part(from: usize, sent: usize, connection: &mut TcpStream) -> std::io::Result<()> {
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

fn right() -> String {
    enlarger_import::sha256(NETWORK)
}

/// What is in the folder of models, downloads that were not finished included.
fn left(home: &TempDir) -> Vec<String> {
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
fn a_connection_that_is_cut_is_gone_on_with() {
    let home = TempDir::new().unwrap();
    let (port, asked) = server(|_, from, connection| part(from, 900_000, connection));
    let url = format!("http://127.0.0.1:{port}/models/Photo%20.onnx");
    let refused = import(&home, &[&url, "--sha256", &right()]);
    assert_eq!(refused.status.code(), Some(2), "{}", words(&refused));
    let url = format!("http://127.0.0.1:{port}/models/photo.onnx?download=true");
    let size = NETWORK.len().to_string();
    let output = import(&home, &[&url, "--sha256", &right().to_uppercase(), "--size", &size, "--overwrite"]);
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    assert_eq!(*asked.lock().unwrap(), [0, 900_000, 1_800_000]);
    assert_eq!(left(&home), ["manifest.toml", "model.onnx"]);
}

#[test]
fn a_program_that_was_stopped_is_gone_on_with() {
    let home = TempDir::new().unwrap();
    // The second connection brings nothing, which ends the first program.
    let (port, asked) = server(|number, from, connection| match number {
        1 => part(from, 700_000, connection),
        2 => Ok(()),
        _ => part(from, usize::MAX, connection),
    });
    let url = format!("http://127.0.0.1:{port}/photo.onnx");
    let output = import(&home, &[&url, "--sha256", &right()]);
    assert_eq!(output.status.code(), Some(1), "{}", words(&output));
    assert!(words(&output).contains("goes on where it stopped"), "{}", words(&output));
    assert_eq!(left(&home), [format!("{}.part", right())]);
    let output = import(&home, &[&url, "--sha256", &right()]);
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    assert_eq!(*asked.lock().unwrap(), [0, 700_000, 700_000]);
}

/// Two that would write into one file would make a third of it.
#[test]
fn what_another_program_is_fetching_is_left_to_it() {
    let home = TempDir::new().unwrap();
    let (port, asked) = server(|_, from, connection| part(from, usize::MAX, connection));
    let folder = home.path().join("enlarger/models/.downloads");
    fs::create_dir_all(&folder).unwrap();
    let other = fs::File::create(folder.join(format!("{}.part", right()))).unwrap();
    other.lock().unwrap();
    let url = format!("http://127.0.0.1:{port}/photo.onnx");
    let output = import(&home, &[&url, "--sha256", &right()]);
    assert_eq!(output.status.code(), Some(1), "{}", words(&output));
    assert!(words(&output).contains("another program"), "{}", words(&output));
    assert_eq!(asked.lock().unwrap().len(), 0);
    drop(other);
    let output = import(&home, &[&url, "--sha256", &right()]);
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
}

/// A catalogue of a person's own, with a network at a URL: listed, installed, found to be the same, replaced by a newer one.
#[test]
fn a_catalogue_of_ones_own() {
    let home = TempDir::new().unwrap();
    let (port, asked) = server(|_, from, connection| part(from, usize::MAX, connection));
    let own = home.path().join("enlarger/catalogue.toml");
    fs::create_dir_all(own.parent().unwrap()).unwrap();
    let text = include_str!("../../../core/import/tests/own-catalogue.toml")
        .replace("https://example.org", &format!("http://127.0.0.1:{port}"))
        .replace("SIZE", &NETWORK.len().to_string())
        .replace("SHA256", &right());
    fs::write(&own, &text).unwrap();
    let models = |more: &[&str]| models(&home, more);
    let good = |output: &Output| assert_eq!(output.status.code(), Some(0), "{}", words(output));
    let listed = models(&["available"]);
    good(&listed);
    let lines = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(lines.lines().any(|line| line.starts_with("my-photo ") && line.contains("MIT")), "{lines}");
    assert!(lines.contains("realesrgan-x4plus"), "{lines}");
    good(&models(&["install", "my-photo"]));
    let manifest = fs::read_to_string(home.path().join("enlarger/models/my-photo/manifest.toml")).unwrap();
    assert!(manifest.contains("scale = 2") && manifest.contains(&format!("SHA-256 {}", right())), "{manifest}");
    assert!(home.path().join("enlarger/models/my-photo/LICENSE").is_file());
    assert!(words(&models(&["install", "my-photo"])).contains("already"));
    assert!(words(&models(&["update"])).contains("Everything"));
    assert_eq!(asked.lock().unwrap().len(), 1);
    fs::write(&own, text.replace("version = \"1\"", "version = \"2\"")).unwrap();
    good(&models(&["update"]));
    assert_eq!(asked.lock().unwrap().len(), 2);

    // Another file is not installed; what lacks something is refused, and the rest of the catalogue stays.
    fs::write(&own, text.replace(&right(), &"0".repeat(64)).replace("my-photo", "other")).unwrap();
    let output = models(&["install", "other"]);
    assert_eq!(output.status.code(), Some(1), "{}", words(&output));
    assert!(words(&output).contains("another file"), "{}", words(&output));
    fs::write(&own, text.replace("attribution = \"waifu2x", "attribution = \"\" # \"waifu2x")).unwrap();
    let output = models(&["available"]);
    good(&output);
    assert!(words(&output).contains("catalogue.toml") && words(&output).contains("attribution"), "{}", words(&output));
    assert!(!String::from_utf8_lossy(&output.stdout).contains("my-photo"));
    assert_eq!(models(&["install", "my-photo"]).status.code(), Some(2));
}

/// A server that cannot go on in the middle begins again.
#[test]
fn a_server_without_ranges() {
    let home = TempDir::new().unwrap();
    let (port, asked) =
        server(|number, _, connection| part(0, if number == 1 { 500_000 } else { usize::MAX }, connection));
    let url = format!("http://127.0.0.1:{port}/photo.onnx");
    let output = import(&home, &[&url, "--sha256", &right()]);
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    assert_eq!(*asked.lock().unwrap(), [0, 500_000, 0]);
}

#[test]
fn another_file_is_refused_and_nothing_is_left() {
    let (port, _) = server(|_, from, connection| part(from, usize::MAX, connection));
    let (endless, _) = server(|_, _, connection| {
        write!(connection, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
        loop {
            connection.write_all(&[7; 1 << 16])?;
        }
    });
    let (right, wrong) = (right(), "0".repeat(64));
    let (url, endless) = (format!("http://127.0.0.1:{port}/a.onnx"), format!("http://127.0.0.1:{endless}/a.onnx"));
    let short = (NETWORK.len() - 1).to_string();
    let long = (NETWORK.len() + 1).to_string();
    for (arguments, words_wanted) in [
        (vec![url.as_str(), "--sha256", &wrong], "another file"),
        (vec![&url, "--sha256", &right, "--size", &short], "more than the"),
        (vec![&url, "--sha256", &right, "--size", &long], "another file"),
        (vec![&endless, "--sha256", &right, "--size", "1000000"], "more than the"),
    ] {
        let home = TempDir::new().unwrap();
        let output = import(&home, &arguments);
        assert_eq!(output.status.code(), Some(1), "{}", words(&output));
        assert!(words(&output).contains(words_wanted), "{}", words(&output));
        assert_eq!(left(&home), [""; 0]);
    }
}

#[test]
fn only_https_and_only_with_a_sum() {
    let home = TempDir::new().unwrap();
    // To where nothing answers, so that following would say something else.
    let (port, asked) = server(|_, _, connection| {
        write!(connection, "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/b.onnx\r\nContent-Length: 0\r\n\r\n")
    });
    let (url, sum) = (format!("http://127.0.0.1:{port}/a.onnx"), right());
    let output = import(&home, &[&url, "--sha256", &sum]);
    assert_eq!(output.status.code(), Some(1), "{}", words(&output));
    assert!(words(&output).to_lowercase().contains("protocol"), "{}", words(&output));
    assert_eq!(asked.lock().unwrap().len(), 1);
    for (arguments, words_wanted) in [
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
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", words(&output));
        assert!(words(&output).contains(words_wanted), "{}", words(&output));
    }
    assert_eq!(asked.lock().unwrap().len(), 1);
}
