//! The name of an ICC profile.
//!
//! It is only shown; nothing here decides what colours mean.

/// The description that a profile carries; `None` if it has none that can be read.
pub fn profile_name(icc: &[u8]) -> Option<String> {
    let number = |at: usize| icc.get(at..at + 4).and_then(|b| Some(u32::from_be_bytes(*b.first_chunk()?) as usize));
    let count = number(128)?.min(200);
    let entry = (0..count).map(|index| 132 + 12 * index).find(|at| icc.get(*at..*at + 4) == Some(b"desc"))?;
    let (start, size) = (number(entry + 4)?, number(entry + 8)?);
    let tag = icc.get(start..start.checked_add(size)?)?;
    let length = |at: usize| tag.get(at..at + 4).and_then(|b| Some(u32::from_be_bytes(*b.first_chunk()?) as usize));
    let text = match tag.get(..4)? {
        b"desc" => String::from_utf8_lossy(tag.get(12..12 + length(8)?.min(1000))?).into_owned(),
        b"mluc" => {
            let (size, start) = (length(20)?.min(2000), length(24)?);
            let units = tag.get(start..start.checked_add(size)?)?.chunks_exact(2);
            String::from_utf16_lossy(
                &units.filter_map(|u| Some(u16::from_be_bytes(*u.first_chunk()?))).collect::<Vec<_>>(),
            )
        }
        _ => return None,
    };
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_real_profiles_are_read() {
        let icc = moxcms::ColorProfile::new_display_p3().encode().unwrap();
        assert!(profile_name(&icc).is_some_and(|name| name.contains("P3")), "{:?}", profile_name(&icc));
        for length in 0..icc.len() {
            let _ = profile_name(&icc[..length]);
        }
    }

    #[test]
    fn names_in_the_old_form_are_read() {
        let mut icc = vec![0; 128];
        icc.extend([0, 0, 0, 1]);
        icc.extend(b"desc");
        icc.extend([0, 0, 0, 144, 0, 0, 0, 22]);
        icc.extend(b"desc\0\0\0\0\0\0\0\x0aAdobe RGB\0");
        assert_eq!(profile_name(&icc).as_deref(), Some("Adobe RGB"));
    }
}
