//! Formats the header for readers: short comments on one line, related constants together, a heading for each object.

/// Headings: the prefix of the first item below the heading, and its text.
const HEADINGS: [(&str, &str); 19] = [
    ("ENL_ABI_VERSION", "Versions"),
    ("ENL_OK", "Status codes, grouped by cause"),
    ("ENL_LOG_", "Log levels"),
    ("ENL_SAMPLE_", "Pixel formats: one ENL_SAMPLE_* + one ENL_CHANNELS_* (+ ENL_ALPHA_PREMULTIPLIED)"),
    ("ENL_CONTINUE", "Callbacks"),
    ("enl_version", "Version"),
    ("enl_status_", "Status and error messages"),
    ("enl_log_set", "Log"),
    ("enl_registry_new", "Registry: presets, models, engines, devices"),
    ("enl_options_new", "Options"),
    ("enl_upscaler_new", "Upscaler: the networks of a preset, or one model, opened on an engine"),
    ("enl_upscaler_plan", "Plan"),
    ("enl_cancel_new", "Cancellation token"),
    ("enl_upscaler_run", "Run"),
    ("enl_advice_new", "Advice"),
    ("enl_faces_find", "Faces"),
    ("enl_damage_find", "Damage of old photographs"),
    ("enl_registry_available_", "Models: the catalogue, import, installation, removal"),
    ("enl_worker_run", "Worker"),
];

/// A comment, and the name of the item below it.
#[derive(Default)]
struct Item {
    comment: Vec<String>,
    name: String,
}

pub fn polish(header: &str) -> String {
    // C needs the word `struct` only where a type is declared. Elsewhere the name alone is easier to read.
    let header =
        header.replace("typedef struct ", "typedef\0").replace("struct enl_", "enl_").replace('\0', " struct ");
    let lines: Vec<&str> = header.lines().collect();
    let mut out: Vec<String> = Vec::new();
    let mut headings = HEADINGS.iter().peekable();
    let mut family = String::new();
    let mut i = 0;
    // The manual comes before the first item.
    while i < lines.len() && lines[i] != "/**" {
        out.push(lines[i].to_owned());
        i += 1;
    }
    while i < lines.len() {
        if lines[i].trim() != "/**" {
            out.push(lines[i].to_owned());
            i += 1;
            continue;
        }
        let item = read_item(&lines[i..]);
        i += item.comment.len();
        if let Some((_, title)) = headings.next_if(|(start, _)| item.name.starts_with(start)) {
            out.extend(["".into(), format!("/* {title} {} */", "-".repeat(110 - title.len())), "".into()]);
        }
        // No empty line between related constants.
        let own = item.name.strip_prefix("ENL_").and_then(|name| name.split('_').next()).unwrap_or_default();
        if !own.is_empty() && own == family && out.last().is_some_and(String::is_empty) {
            out.pop();
        }
        own.clone_into(&mut family);
        out.extend(short(item.comment));
        if let Some((define, value)) = lines[i].split_once(" -").filter(|(define, _)| define.starts_with("#define")) {
            out.push(format!("{define} (-{value})"));
            i += 1;
        }
    }
    let mut text = out.join("\n");
    while text.contains("\n\n\n/*") {
        text = text.replace("\n\n\n/*", "\n\n/*");
    }
    text + "\n"
}

/// The comment at the beginning of these lines, and the name of the item below it.
fn read_item(lines: &[&str]) -> Item {
    let end = lines.iter().position(|line| line.trim() == "*/").map_or(lines.len(), |end| end + 1);
    let comment = lines[..end].iter().map(|line| (*line).to_owned()).collect();
    // A function's name may be on the line after ENL_API.
    let words = lines[end..].iter().take(2).copied().collect::<Vec<_>>().join(" ");
    let mut names = words.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    let name = names.find(|word| word.starts_with("enl_") || *word != "ENL_API" && word.starts_with("ENL_"));
    Item { comment, name: name.unwrap_or_default().to_owned() }
}

/// Puts a comment of one sentence on one line.
fn short(comment: Vec<String>) -> Vec<String> {
    match comment.as_slice() {
        [start, sentence, _] if sentence.len() < 112 => {
            vec![format!("{start} {} */", sentence.trim_start().trim_start_matches("* "))]
        }
        _ => comment,
    }
}
