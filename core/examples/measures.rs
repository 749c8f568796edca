use std::io::BufRead;
fn main() {
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        let words: Vec<&str> = line.split_whitespace().collect();
        let data = std::fs::read(words[0]).unwrap();
        let w = u32::from_le_bytes(data[0..4].try_into().unwrap());
        let h = u32::from_le_bytes(data[4..8].try_into().unwrap());
        let size = enlarger::Size { width: w, height: h };
        let format = enlarger::Format::new(enlarger::Sample::U8, enlarger::Channels::Rgb);
        let view = enlarger::View::new(&data[8..], w as usize * 3, size, format).unwrap();
        let mut source = enlarger::ViewSource::new(view, enlarger::Colour::Srgb);
        let m = enlarger::Measures::measure(&mut source, &enlarger::Cancel::new()).unwrap();
        let presets = enlarger::Presets::open();
        let choice = enlarger::ModelChoice::Preset(presets.find(words[1]).unwrap().clone());
        let mut q = enlarger::Question::new(4.0, &choice);
        q.quality = words.get(2).map(|q| q.parse().unwrap());
        let a = enlarger::advise(Some(&m), &q);
        let f: Vec<String> = m.figures().iter().map(|(k, v)| format!("\"{k}\":{v}")).collect();
        let a: Vec<String> =
            a.iter().map(|a| format!("[\"{}\",{},\"{}\"]", a.code.name(), a.value, a.sentence)).collect();
        println!("{{{},\"advice\":[{}]}}", f.join(","), a.join(","));
    }
}
