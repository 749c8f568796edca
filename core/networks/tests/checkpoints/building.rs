//! Builds checkpoints byte by byte, for what no program would write.

#![allow(dead_code, reason = "each test uses a part")]

/// An entry of a ZIP file as its headers describe it.
#[derive(Clone)]
pub struct Entry {
    pub name: String,
    pub content: Vec<u8>,
    pub flags: u16,
    pub method: u16,
    /// The size in the directory, if it is not the content's.
    pub size: Option<u64>,
    /// The place of the local header, if it is not the true one.
    pub header: Option<u32>,
}

pub fn entry(name: &str, content: &[u8]) -> Entry {
    Entry { name: name.into(), content: content.to_vec(), flags: 0, method: 0, size: None, header: None }
}

/// A ZIP file of stored entries.
pub fn zip(entries: &[Entry]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut directory = Vec::new();
    for entry in entries {
        let at = entry.header.unwrap_or(file.len() as u32);
        let size = entry.size.unwrap_or(entry.content.len() as u64);
        let long = size > 0xFFFF_FFFE;
        let short = if long { u32::MAX } else { size as u32 };
        let name = entry.name.as_bytes();
        file.extend(b"PK\x03\x04\0\0");
        file.extend(entry.flags.to_le_bytes());
        file.extend(entry.method.to_le_bytes());
        file.extend([0; 16]);
        file.extend((name.len() as u16).to_le_bytes());
        file.extend([0; 2]);
        file.extend(name);
        file.extend(&entry.content);
        directory.extend(b"PK\x01\x02\0\0\0\0");
        directory.extend(entry.flags.to_le_bytes());
        directory.extend(entry.method.to_le_bytes());
        directory.extend([0; 8]);
        directory.extend(short.to_le_bytes());
        directory.extend(short.to_le_bytes());
        directory.extend((name.len() as u16).to_le_bytes());
        directory.extend([if long { 20 } else { 0 }, 0]);
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(name);
        if long {
            directory.extend([1, 0, 16, 0]);
            directory.extend(size.to_le_bytes());
            directory.extend(size.to_le_bytes());
        }
    }
    let start = file.len() as u32;
    file.extend(&directory);
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend([(entries.len() as u16).to_le_bytes(); 2].concat());
    file.extend((directory.len() as u32).to_le_bytes());
    file.extend(start.to_le_bytes());
    file.extend([0; 2]);
    file
}

/// A checkpoint in a ZIP file, with one storage of these bytes.
pub fn checkpoint(instructions: &[u8], storage: &[u8]) -> Vec<u8> {
    zip(&[entry("archive/data.pkl", &pickle(instructions)), entry("archive/data/0", storage)])
}

/// A checkpoint in the legacy stream. `storages` are the list of keys as instructions, and the bytes after it.
pub fn legacy(instructions: &[u8], keys: &[u8], storages: &[u8]) -> Vec<u8> {
    let magic = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";
    [magic, &pickle(b"M\xe9\x03")[..], &pickle(b"}"), &pickle(instructions), &pickle(keys), storages].concat()
}

/// A safetensors file.
pub fn safetensors(header: &str, data: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat()
}

/// A pickle of these instructions.
pub fn pickle(instructions: &[u8]) -> Vec<u8> {
    [b"\x80\x02", instructions, b"."].concat()
}

pub fn text(text: &str) -> Vec<u8> {
    [b"X", &(text.len() as u32).to_le_bytes()[..], text.as_bytes()].concat()
}

pub fn int(number: i64) -> Vec<u8> {
    [b"\x8a\x08", &number.to_le_bytes()[..]].concat()
}

pub fn tuple(items: &[Vec<u8>]) -> Vec<u8> {
    [b"(", &items.concat()[..], b"t"].concat()
}

pub fn global(module: &str, name: &str) -> Vec<u8> {
    format!("c{module}\n{name}\n").into_bytes()
}

/// A map of these keys and values.
pub fn map(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let entries: Vec<u8> = entries.iter().flat_map(|(key, value)| [text(key), value.clone()].concat()).collect();
    [b"}(", &entries[..], b"u"].concat()
}

/// The storage with the key 0.
pub fn storage(class: &str, elements: i64) -> Vec<u8> {
    let id = [text("storage"), global("torch", class), text("0"), text("cpu"), int(elements)];
    [tuple(&id), b"Q".to_vec()].concat()
}

pub fn numbers(numbers: &[i64]) -> Vec<u8> {
    tuple(&numbers.iter().map(|number| int(*number)).collect::<Vec<_>>())
}

/// A tensor in the storage with the key 0.
pub fn tensor(storage: &[u8], offset: i64, shape: &[i64], strides: &[i64]) -> Vec<u8> {
    let arguments = [storage.to_vec(), int(offset), numbers(shape), numbers(strides), b"\x89".to_vec(), b")".to_vec()];
    [global("torch._utils", "_rebuild_tensor_v2"), tuple(&arguments), b"R".to_vec()].concat()
}
