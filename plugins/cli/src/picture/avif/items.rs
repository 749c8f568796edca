//! The items of an AVIF file: coded pictures, grids of them, alpha, EXIF and XMP; their data and properties.
//!
//! Offsets and counts are checked against the file. Nothing is decoded here.

use super::boxes::Bytes;

/// Items that are looked at.
const MAX_ITEMS: usize = 4096;

/// An item.
#[derive(Default)]
pub struct Item<'a> {
    pub id: u32,
    pub kind: [u8; 4],
    pub content_type: &'a [u8],
    /// Where its data are.
    extents: Vec<(bool, u64, u64)>,
    /// Indices of its properties, from 1.
    properties: Vec<usize>,
}

/// All items of a file.
pub struct Items<'a> {
    file: &'a [u8],
    idat: &'a [u8],
    items: Vec<Item<'a>>,
    properties: Vec<([u8; 4], Bytes<'a>)>,
    /// Kind, from, to.
    references: Vec<([u8; 4], u32, Vec<u32>)>,
    pub primary: u32,
}

impl<'a> Items<'a> {
    /// Reads the description of a file. `None` if it has no sound one.
    pub fn read(file: &'a [u8]) -> Option<Self> {
        let mut meta = Bytes(file).find(b"meta")?;
        meta.version()?;
        let mut items =
            Items { file, idat: &[], items: Vec::new(), properties: Vec::new(), references: Vec::new(), primary: 0 };
        if let Some(idat) = meta.find(b"idat") {
            items.idat = idat.0;
        }
        items.read_info(meta.find(b"iinf")?)?;
        items.read_locations(meta.find(b"iloc")?)?;
        if let Some(properties) = meta.find(b"iprp") {
            items.properties = properties.find(b"ipco").map(|list| list.boxes().collect()).unwrap_or_default();
            for (_, list) in properties.boxes().filter(|(kind, _)| kind == b"ipma") {
                items.read_associations(list)?;
            }
        }
        if let Some(references) = meta.find(b"iref") {
            items.read_references(references)?;
        }
        let mut primary = meta.find(b"pitm")?;
        let (version, _) = primary.version()?;
        items.primary = primary.number(if version == 0 { 2 } else { 4 })? as u32;
        Some(items)
    }

    fn read_info(&mut self, mut info: Bytes<'a>) -> Option<()> {
        let (version, _) = info.version()?;
        info.number(if version == 0 { 2 } else { 4 })?;
        for (_, mut entry) in info.boxes().filter(|(kind, _)| kind == b"infe").take(MAX_ITEMS) {
            let (version, _) = entry.version()?;
            if version < 2 {
                continue;
            }
            let id = entry.number(if version == 2 { 2 } else { 4 })? as u32;
            entry.number(2)?;
            let kind: [u8; 4] = entry.take(4)?.try_into().ok()?;
            entry.text();
            let content_type = if &kind == b"mime" { entry.text().unwrap_or_default() } else { &[] };
            self.items.push(Item { id, kind, content_type, ..Item::default() });
        }
        Some(())
    }

    fn read_locations(&mut self, mut list: Bytes<'a>) -> Option<()> {
        let (version, _) = list.version()?;
        let sizes = list.number(2)?;
        let size = |shift: u32| (sizes >> shift & 15) as usize;
        let (offset_size, length_size, base_size) = (size(12), size(8), size(4));
        let index_size = if version > 0 { size(0) } else { 0 };
        let count = list.count(if version < 2 { 2 } else { 4 })?;
        for _ in 0..count.min(MAX_ITEMS) {
            let id = list.number(if version < 2 { 2 } else { 4 })? as u32;
            let method = if version > 0 { list.number(2)? & 15 } else { 0 };
            list.number(2)?;
            let base = list.number(base_size)?;
            let extents = list.count(2)?;
            for _ in 0..extents {
                list.number(index_size)?;
                let (offset, length) = (list.number(offset_size)?, list.number(length_size)?);
                if let Some(item) = self.items.iter_mut().find(|item| item.id == id)
                    && method < 2
                {
                    item.extents.push((method == 1, base.checked_add(offset)?, length));
                }
            }
        }
        Some(())
    }

    fn read_associations(&mut self, mut list: Bytes<'a>) -> Option<()> {
        let (version, flags) = list.version()?;
        let count = list.count(4)?;
        for _ in 0..count.min(MAX_ITEMS) {
            let id = list.number(if version == 0 { 2 } else { 4 })? as u32;
            for _ in 0..list.number(1)? {
                // The highest bit says whether a reader must know the property.
                let index = if flags & 1 == 1 { list.count(2)? & 0x7FFF } else { list.count(1)? & 0x7F };
                if let Some(item) = self.items.iter_mut().find(|item| item.id == id) {
                    item.properties.push(index);
                }
            }
        }
        Some(())
    }

    fn read_references(&mut self, mut list: Bytes<'a>) -> Option<()> {
        let (version, _) = list.version()?;
        let size = if version == 0 { 2 } else { 4 };
        for (kind, mut body) in list.boxes().take(MAX_ITEMS) {
            let from = body.number(size)? as u32;
            let count = body.count(2)?;
            let to = (0..count).map(|_| Some(body.number(size)? as u32)).collect::<Option<_>>()?;
            self.references.push((kind, from, to));
        }
        Some(())
    }

    pub fn find(&self, id: u32) -> Option<&Item<'a>> {
        self.items.iter().find(|item| item.id == id)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Item<'a>> {
        self.items.iter()
    }

    /// The properties of an item of one kind.
    pub fn properties<'s>(&'s self, item: &'s Item<'a>, kind: &'s [u8; 4]) -> impl Iterator<Item = Bytes<'a>> + 's {
        let all = item.properties.iter().filter_map(|index| self.properties.get(index.checked_sub(1)?));
        all.filter(move |(found, _)| found == kind).map(|(_, body)| *body)
    }

    pub fn property(&self, item: &Item<'a>, kind: &[u8; 4]) -> Option<Bytes<'a>> {
        self.properties(item, kind).next()
    }

    /// What an item refers to.
    pub fn targets(&self, kind: &[u8; 4], from: u32) -> Option<&[u32]> {
        self.references.iter().find(|(found, id, _)| found == kind && *id == from).map(|(_, _, to)| to.as_slice())
    }

    /// The items that refer to one.
    pub fn sources<'s>(&'s self, kind: &'s [u8; 4], to: u32) -> impl Iterator<Item = &'s Item<'a>> {
        let references = self.references.iter().filter(move |(found, _, ids)| found == kind && ids.contains(&to));
        references.filter_map(|(_, from, _)| self.find(*from))
    }

    /// An item's data. `None` if they are not all in the file.
    pub fn data(&self, item: &Item<'a>) -> Option<Vec<u8>> {
        let mut data = Vec::new();
        for (in_idat, offset, length) in &item.extents {
            let from = if *in_idat { self.idat } else { self.file };
            let start = usize::try_from(*offset).ok()?;
            // A length of 0 means up to the end.
            let end = if *length == 0 { from.len() } else { start.checked_add(usize::try_from(*length).ok()?)? };
            let part = from.get(start..end)?;
            if data.len() + part.len() > self.file.len() {
                return None;
            }
            data.extend(part);
        }
        Some(data)
    }
}
