//! `enlarge models search`, and models of the public database: installed, or recognised when their files are imported.
//!
//! The server on this machine gives a database of our own in the form of the real one. The tests need curl, as the command does.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Output;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::{cache, command, messages};

/// A network that the catalogue does not have: a built-in one with a comment.
fn network() -> Vec<u8> {
    let mut network = include_bytes!("../../../core/models/waifu2x-photo-x2/model.onnx").to_vec();
    // The field doc_string of an ONNX model.
    network.extend(b"\x32\x04test");
    network
}

/// A checkpoint with random weights.
const CHECKPOINT: &[u8] = include_bytes!("../../../tests/checkpoints/compact-x2.pth");

/// What a server answers to a path.
enum Page {
    /// These bytes, at most so many of them on the first connection.
    Bytes(Vec<u8>, usize),
    /// Bytes without an end.
    Endless,
    /// The way to another address.
    Redirect(String),
}

struct Server {
    port: u16,
    pages: Arc<Mutex<BTreeMap<String, Page>>>,
    /// The paths that were asked for, and the first byte.
    asked: Arc<Mutex<Vec<(String, usize)>>>,
}

impl Server {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = Server { port, pages: Arc::default(), asked: Arc::default() };
        let (pages, asked) = (server.pages.clone(), server.asked.clone());
        thread::spawn(move || {
            for connection in listener.incoming() {
                // The client may have closed the connection.
                let _ = answer(&mut connection.unwrap(), &pages, &asked);
            }
        });
        server
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn serve(&self, path: &str, page: Page) {
        self.pages.lock().unwrap().insert(path.to_owned(), page);
    }

    fn serve_whole(&self, path: &str, bytes: impl Into<Vec<u8>>) {
        self.serve(path, Page::Bytes(bytes.into(), usize::MAX));
    }

    fn asked(&self, path: &str) -> Vec<usize> {
        self.asked.lock().unwrap().iter().filter(|(asked, _)| asked == path).map(|(_, from)| *from).collect()
    }
}

fn answer(
    connection: &mut TcpStream,
    pages: &Mutex<BTreeMap<String, Page>>,
    asked: &Mutex<Vec<(String, usize)>>,
) -> std::io::Result<()> {
    let (mut path, mut from) = (String::new(), 0);
    for line in BufReader::new(connection.try_clone()?).lines() {
        let line = line?;
        if let Some(rest) = line.strip_prefix("GET ") {
            path = rest.split(' ').next().unwrap_or_default().to_owned();
        }
        if let Some(range) = line.to_lowercase().strip_prefix("range: bytes=") {
            from = range.trim_end_matches('-').parse().unwrap();
        }
        if line.is_empty() {
            break;
        }
    }
    let first = {
        let mut asked = asked.lock().unwrap();
        asked.push((path.clone(), from));
        asked.iter().filter(|(other, _)| *other == path).count() == 1
    };
    match pages.lock().unwrap().get(&path) {
        None => write!(connection, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
        Some(Page::Redirect(to)) => {
            write!(connection, "HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        }
        Some(Page::Endless) => {
            write!(connection, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
            loop {
                connection.write_all(&[b' '; 1 << 16])?;
            }
        }
        Some(Page::Bytes(bytes, most)) => {
            let rest = &bytes[from..];
            let sent = if first { rest.len().min(*most) } else { rest.len() };
            let status = if from > 0 { "206 Partial Content" } else { "200 OK" };
            let range = format!("Content-Range: bytes {from}-{}/{}\r\n", bytes.len() - 1, bytes.len());
            write!(connection, "HTTP/1.1 {status}\r\nContent-Length: {}\r\n", rest.len())?;
            write!(connection, "{}Connection: close\r\n\r\n", if from > 0 { range.as_str() } else { "" })?;
            connection.write_all(&rest[..sent])
        }
    }
}

/// A server with a database of our own and the file of its models.
fn database() -> Server {
    let server = Server::new();
    let (bytes, sum) = (network().len(), enlarger_import::sha256(&network()));
    let file = |path: &str, sum: &str| json!([{ "platform": "onnx", "type": "onnx", "size": bytes, "sha256": sum, "urls": [server.url(path)] }]);
    let page = json!([{
        "platform": "pytorch", "type": "pth", "size": 67010245, "sha256": "ab".repeat(32),
        "urls": ["https://drive.google.com/file/d/1a/view", "https://mega.nz/folder/x"],
    }]);
    let checkpoint = json!([{
        "platform": "pytorch", "type": "pth", "size": CHECKPOINT.len(), "sha256": enlarger_import::sha256(CHECKPOINT),
        "urls": ["https://drive.google.com/file/d/1b/view", server.url("/files/2x%20lawn.pth")],
    }]);
    let entry = |name: &str, licence: Value, architecture: &str, resources: Value| {
        json!({
            "name": name, "author": ["ann", "bo"], "license": licence, "tags": ["photo", "restoration"],
            "description": format!("{name} is for old photos.\nIt removes *grain*."), "date": "2024-05-28",
            "architecture": architecture, "size": ["64nf", "23nb"], "scale": 2, "inputChannels": 3, "outputChannels": 3,
            "resources": resources, "images": [], "somethingNew": { "nested": [1, 2] },
        })
    };
    let database = json!({
        "2x-Meadow": entry("2xMeadow", json!("CC-BY-4.0"), "esrgan", file("/files/2xMeadow.onnx", &sum)),
        "2x-Forbidden": entry("2xForbidden", json!("CC-BY-NC-SA-4.0"), "esrgan", file("/files/forbidden.onnx", &sum)),
        "2x-Nameless": entry("2xNameless", Value::Null, "esrgan", file("/files/nameless.onnx", &sum)),
        "2x-Wrong": entry("2xWrong", json!("MIT"), "esrgan", file("/files/wrong.onnx", &"cd".repeat(32))),
        "2x-Lawn": entry("2xLawn", json!("WTFPL"), "Compact", checkpoint),
        "4x-Page": entry("4xPage", json!("MIT"), "esrgan", page.clone()),
        "2x-Both": entry("2xBoth", json!("CC-BY-4.0 AND (MIT OR Beerware)"), "esrgan", file("/files/2xMeadow.onnx", &"ef".repeat(32))),
        "2x-Odd": entry("2xOdd", json!("MIT AND House-Rules"), "esrgan", file("/files/2xMeadow.onnx", &"ef".repeat(32))),
        "4x-Film": entry("4xFilm", json!("MIT"), "sofvsr", page),
        "waifu2x-photo-x2": entry("not the catalogue's", json!("MIT"), "esrgan", file("/files/2xMeadow.onnx", &sum)),
        "../evil": entry("evil", json!("MIT"), "esrgan", json!([])),
        "2x-NoName": 5,
    });
    server.serve_whole("/models.json", serde_json::to_vec_pretty(&database).unwrap());
    server.serve_whole("/files/2x%20lawn.pth", CHECKPOINT);
    for path in ["/files/2xMeadow.onnx", "/files/forbidden.onnx", "/files/nameless.onnx", "/files/wrong.onnx"] {
        server.serve(path, Page::Bytes(network(), 1_000_000));
    }
    server
}

fn models(home: &TempDir, server: &Server, arguments: &[&str]) -> Output {
    let mut command = command(home.path());
    command.env("ENLARGER_PUBLIC_DATABASE", server.url("/models.json"));
    command.arg("models").args(arguments).output().unwrap()
}

#[track_caller]
fn expect(status: i32, output: &Output) -> String {
    assert_eq!(output.status.code(), Some(status), "{}", messages(output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn manifest(home: &TempDir, id: &str) -> String {
    fs::read_to_string(home.path().join("enlarger/models").join(id).join("manifest.toml")).unwrap()
}

#[test]
fn models_are_found_by_words() {
    let (home, server) = (TempDir::new().unwrap(), database());
    let output = models(&home, &server, &["search", "grain", "2x", "meadow"]);
    let shown = expect(0, &output);
    for text in
        ["2x-Meadow", "×2", "2xMeadow by ann, bo", "esrgan", "CC-BY-4.0", "2.2 MB", "photo, restoration", "It removes"]
    {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    assert!(shown.contains("can be installed") && !shown.contains("Forbidden"), "{shown}");
    assert!(messages(&output).contains("fetching http://127.0.0.1"), "{}", messages(&output));
    assert!(expect(0, &models(&home, &server, &["search", "page"])).contains("from its page only"));
    assert!(expect(0, &models(&home, &server, &["search", "film"])).contains("does not run here"));
    assert!(messages(&models(&home, &server, &["search", "nothing"])).contains("No model matches"));

    let all = |more: &[&str]| -> Vec<Value> {
        let shown = expect(0, &models(&home, &server, &[&["search", "--json", "--limit", "1"], more].concat()));
        shown.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    assert_eq!((all(&[]).len(), all(&["--commercial"]).len()), (10, 7));
    let meadow = &all(&["meadow"])[0];
    assert_eq!(
        (&meadow["id"], &meadow["scale"], &meadow["installable"]),
        (&json!("2x-Meadow"), &json!(2), &json!(true))
    );
    assert_eq!(
        meadow["licence"],
        json!({ "weights": "CC-BY-4.0", "certain": true, "unknown": [], "commercial": true })
    );
    let odd =
        json!({ "weights": "MIT AND House-Rules", "certain": false, "unknown": ["House-Rules"], "commercial": false });
    assert_eq!(all(&["odd"])[0]["licence"], odd);
    assert_eq!(meadow["page"], "https://openmodeldb.info/models/2x-Meadow");
    let few = models(&home, &server, &["search", "--limit", "2"]);
    assert!(messages(&few).contains("8 models more"), "{}", messages(&few));
    // The database was fetched once, and no file of a model was.
    assert_eq!((server.asked("/models.json").len(), server.asked("/files/2xMeadow.onnx").len()), (1, 0));
}

#[test]
fn the_kept_copy_is_used_and_says_of_which_day_it_is() {
    let (home, server) = (TempDir::new().unwrap(), database());
    let none = models(&home, &server, &["search", "--offline"]);
    expect(1, &none);
    assert!(messages(&none).contains("no copy of the public database"), "{}", messages(&none));
    assert_eq!(server.asked("/models.json").len(), 0);
    expect(0, &models(&home, &server, &["search"]));
    let offline = models(&home, &server, &["search", "meadow", "--offline"]);
    assert!(expect(0, &offline).contains("2x-Meadow"));
    assert!(messages(&offline).contains("using the copy of the public database of 20"), "{}", messages(&offline));
    assert_eq!(server.asked("/models.json").len(), 1);
    expect(0, &models(&home, &server, &["search", "--refresh"]));
    assert_eq!(server.asked("/models.json").len(), 2);

    // An old copy is fetched again, and used if that fails.
    let folder = cache(home.path());
    let is_copy = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "json");
    let copy = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).find(is_copy).unwrap();
    let age = |days: u64| {
        let file = File::options().write(true).open(&copy).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(days * 86_400)).unwrap();
    };
    age(2);
    expect(0, &models(&home, &server, &["search"]));
    assert_eq!(server.asked("/models.json").len(), 3);
    for answer in [Page::Bytes(b"<html>Too many requests</html>".to_vec(), usize::MAX), Page::Endless] {
        age(400);
        server.serve("/models.json", answer);
        let output = models(&home, &server, &["search", "meadow"]);
        assert!(expect(0, &output).contains("2x-Meadow"));
        assert!(messages(&output).contains("using the copy of 20"), "{}", messages(&output));
    }
}

#[test]
fn what_is_not_the_database_is_refused() {
    let server = database();
    for (page, expected) in [
        (Page::Bytes(b"<html>".to_vec(), usize::MAX), "not the public database"),
        (Page::Bytes(b"[]".to_vec(), usize::MAX), "not the public database"),
        (Page::Bytes(vec![0xff, 0xfe], usize::MAX), "no text"),
        (Page::Bytes(b"{\"4x-a\":{".repeat(30_000), usize::MAX), "not the public database"),
        (Page::Endless, "more than"),
        (Page::Redirect("http://127.0.0.1:9/other.json".into()), "could not be fetched"),
    ] {
        let home = TempDir::new().unwrap();
        server.serve("/models.json", page);
        let output = models(&home, &server, &["search", "meadow"]);
        expect(1, &output);
        assert!(messages(&output).contains(expected), "{expected}: {}", messages(&output));
    }
    let home = TempDir::new().unwrap();
    let output = command(home.path())
        .env("ENLARGER_PUBLIC_DATABASE", "http://example.org/models.json")
        .args(["models", "search"])
        .output()
        .unwrap();
    assert!(messages(&output).contains("not an https URL"), "{}", messages(&output));
}

#[test]
fn a_model_is_downloaded_checked_and_imported() {
    let (home, server) = (TempDir::new().unwrap(), database());
    let output = models(&home, &server, &["install", "2x-meadow"]);
    assert!(expect(0, &output).contains("--model 2x-meadow"));
    let shown = messages(&output);
    assert!(shown.contains("licence CC-BY-4.0, commercial use allowed; 2xMeadow, by ann, bo"), "{shown}");
    // The first connection broke off.
    assert_eq!(server.asked("/files/2xMeadow.onnx"), [0, 1_000_000]);
    let text = manifest(&home, "2x-meadow");
    for line in [
        "name = \"2xMeadow\"",
        "weights = \"CC-BY-4.0\"",
        "commercial = true",
        "attribution = \"2xMeadow, by ann, bo\"",
        "author = \"ann, bo\"",
        "content = [\"photo\"]",
        "scale = 2",
        "source = \"https://openmodeldb.info/models/2x-Meadow, SHA-256 ",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(messages(&models(&home, &server, &["install", "2x-Meadow"])).contains("already installed"));
    assert_eq!(server.asked("/files/2xMeadow.onnx").len(), 2);
    assert!(expect(0, &models(&home, &server, &["search", "2xmeadow"])).contains("; installed"));
    expect(0, &models(&home, &server, &["install", "2xMeadow", "--overwrite"]));
    expect(0, &models(&home, &server, &["verify", "2x-meadow"]));
}

#[test]
fn checkpoints_are_installed_from_the_database_and_from_a_catalogue() {
    let (home, server) = (TempDir::new().unwrap(), database());
    expect(0, &models(&home, &server, &["install", "2xLawn"]));
    let text = manifest(&home, "2x-lawn");
    for line in
        ["name = \"2xLawn\"", "weights = \"WTFPL\"\ncommercial = true", "scale = 2", "architecture = \"Compact\""]
    {
        assert!(text.contains(line), "{line}: {text}");
    }
    let own = format!(
        "schema = 1\n[[package]]\nid = \"p\"\nclient = \"url\"\nurl = \"{}\"\nname = \"Lawn\"\nversion = \"1\"\nfile = \"lawn.pth\"\n\
         size = {}\nsha256 = \"{}\"\n[[family]]\npackage = \"p\"\narchitecture = \"compact\"\nmode = \"creative\"\ncontent = [\"photo\"]\n\
         licence = \"CC-BY-4.0\"\nlicence_is_certain = true\ncommercial = true\ntried = false\nattribution = \"Lawn, by ann\"\nauthor = \"ann\"\n\
         training_data = \"\"\nknown_limits = \"\"\nmodels = [{{ id = \"lawn\", name = \"Lawn\", scale = 2, file = \"lawn.pth\" }}]\n",
        server.url("/files/lawn.pth"),
        CHECKPOINT.len(),
        enlarger_import::sha256(CHECKPOINT)
    );
    server.serve_whole("/files/lawn.pth", CHECKPOINT);
    fs::write(home.path().join("enlarger/catalogue.toml"), own).unwrap();
    let listed = expect(0, &models(&home, &server, &["available"]));
    let line = listed.lines().find(|line| line.starts_with("lawn ")).unwrap();
    assert!(line.contains("×2") && line.contains("not tried"), "{line}");
    // A model of the user's own that has the catalogue's id is another one.
    fs::write(home.path().join("lawn.onnx"), network()).unwrap();
    expect(0, &models(&home, &server, &["import", "lawn.onnx"]));
    let is_installed = || {
        let listed = expect(0, &models(&home, &server, &["available"]));
        listed.lines().any(|line| line.starts_with("lawn ") && line.ends_with("  installed"))
    };
    let output = models(&home, &server, &["install", "lawn"]);
    expect(1, &output);
    assert!(messages(&output).contains("your model 'lawn'"), "{}", messages(&output));
    assert!(messages(&models(&home, &server, &["update"])).contains("Everything is up to date"));
    expect(2, &models(&home, &server, &["update", "lawn"]));
    assert!(!is_installed() && server.asked("/files/lawn.pth").is_empty());
    let output = models(&home, &server, &["install", "lawn", "--overwrite"]);
    expect(0, &output);
    assert!(is_installed());
    assert!(messages(&output).contains("have not tried this model"), "{}", messages(&output));
    // It is probed, tried out and described as if it had been imported.
    let text = manifest(&home, "lawn");
    assert!(text.contains("scale = 2") && text.contains("architecture = \"Compact\""), "{text}");
    assert!(text.contains("; Compact with ") && text.contains(", converted to ONNX\""), "{text}");
    assert!(messages(&output).contains("running it to find out what it does"), "{}", messages(&output));
    let licence = fs::read_to_string(home.path().join("enlarger/models/lawn/LICENSE")).unwrap();
    assert!(
        licence.starts_with("Lawn, by ann") && licence.contains("creativecommons.org/licenses/by/4.0"),
        "{licence}"
    );
    // The same file, dropped in: the user's own catalogue knows it.
    fs::write(home.path().join("dropped.pth"), CHECKPOINT).unwrap();
    let output = models(&home, &server, &["import", "dropped.pth"]);
    expect(0, &output);
    assert!(messages(&output).contains("recognised as Lawn by ann"), "{}", messages(&output));
}

#[test]
fn licences_pages_and_wrong_files_stop_an_installation() {
    let (home, server) = (TempDir::new().unwrap(), database());
    for (arguments, status, expected) in [
        (&["2x-Forbidden", "--commercial"][..], 2, "not known to allow commercial use"),
        (&["2x-Nameless"], 2, "--accept-unclear-licence"),
        (&["2x-Nameless", "--commercial", "--accept-unclear-licence"], 2, "not known to allow commercial use"),
        (&["2x-Odd"], 2, "not known what House-Rules allows"),
        (&["4x-Page"], 1, "https://openmodeldb.info/models/4x-Page"),
        (&["4x-Page"], 1, "enlarge models import FILE"),
        (&["4x-Film"], 1, "architecture that Enlarger knows (sofvsr)"),
        (&["2x-Wrong"], 1, "not the expected file"),
        (&["../evil"], 2, "neither the catalogue nor the public database"),
        (&["2x-meadow", "--from", "."], 2, "the catalogue has no model"),
    ] {
        let output = models(&home, &server, &[&["install"], arguments].concat());
        expect(status, &output);
        assert!(messages(&output).contains(expected), "{expected}: {}", messages(&output));
        let left = fs::read_dir(home.path().join("enlarger/models")).into_iter().flatten().count();
        assert_eq!(left, 0, "{arguments:?}");
    }
    assert_eq!(server.asked("/files/forbidden.onnx").len() + server.asked("/files/nameless.onnx").len(), 0);
    // The catalogue's ids win, and then nobody is asked.
    let asked = server.asked("/models.json").len();
    assert!(messages(&models(&home, &server, &["install", "waifu2x-photo-x2"])).contains("already installed"));
    assert_eq!(server.asked("/models.json").len(), asked);
    let accepted = models(&home, &server, &["install", "2x-Nameless", "--accept-unclear-licence"]);
    expect(0, &accepted);
    assert!(manifest(&home, "2x-nameless").contains("weights = \"unknown\"\ncommercial = false"));
    expect(0, &models(&home, &server, &["install", "2x-Forbidden", "--overwrite"]));
    assert!(manifest(&home, "2x-forbidden").contains("weights = \"CC-BY-NC-SA-4.0\"\ncommercial = false"));
}

#[test]
fn a_file_that_is_dropped_in_is_recognised() {
    let (home, server) = (TempDir::new().unwrap(), database());
    fs::write(home.path().join("some file.onnx"), network()).unwrap();
    let import = |id: &str, more: &[&str]| {
        let output = models(&home, &server, &[&["import", "some file.onnx", "--id", id], more].concat());
        expect(0, &output);
        (messages(&output), manifest(&home, id))
    };
    // Nothing is fetched to recognise a file.
    let (shown, text) = import("before", &[]);
    assert!(!shown.contains("recognised") && shown.contains("The licence is unknown"), "{shown}");
    assert!(text.contains("weights = \"unknown\"") && text.contains("name = \"some file\""), "{text}");
    assert_eq!(server.asked("/models.json").len(), 0);

    expect(0, &models(&home, &server, &["search"]));
    let (shown, text) = import("after", &[]);
    let line = shown.lines().find(|line| line.contains("recognised as")).unwrap();
    // Three models have the same file; the first by id is taken.
    assert!(line.contains("2xForbidden by ann, bo, licence CC-BY-NC-SA-4.0, commercial use not known"), "{line}");
    assert!(line.contains("openmodeldb.info/models/2x-Forbidden, also listed as 2x-Meadow, also"), "{line}");
    assert!(line.contains(", copy of 20"), "{line}");
    assert!(text.contains("name = \"2xForbidden\"") && text.contains("author = \"ann, bo\""), "{text}");
    assert!(text.contains("weights = \"CC-BY-NC-SA-4.0\"") && text.contains("commercial = false"), "{text}");
    // What the user states wins.
    let (_, text) = import("stated", &["--name", "Mine", "--licence", "MIT", "--commercial", "--source", "my disk"]);
    assert!(text.contains("name = \"Mine\"") && text.contains("weights = \"MIT\"\ncommercial = true"), "{text}");
    assert!(text.contains("source = \"my disk\"") && text.contains("author = \"ann, bo\""), "{text}");

    // Our own catalogue is asked first, and needs no copy.
    let built_in = include_bytes!("../../../core/models/waifu2x-photo-x2-n1/model.onnx");
    fs::write(home.path().join("level.onnx"), built_in).unwrap();
    let output = models(&home, &server, &["import", "level.onnx"]);
    expect(0, &output);
    assert!(messages(&output).contains("waifu2x-photo-x2-n1 of the catalogue"), "{}", messages(&output));
    assert!(manifest(&home, "level").contains("weights = \"MIT\"\ncommercial = true"));
}
