//! `enlarge install`, `enlarge uninstall`, and the doctor's part about programs.

use enlarger::{Error, ErrorKind, Result};
use serde_json::{Value, json};

use super::check::check;
use super::{Home, Host, Place, files};
use crate::batch::{DONE, FAILED};
use crate::voice::{Voice, list};

/// Puts the shim wherever the program looks for it.
pub fn install(host: Host, voice: Voice) -> u8 {
    each(host, voice, |place| {
        let shim = files::shipped(host, place.shim)?;
        files::put(&shim, place)?;
        Ok(format!("installed in {}; {}", place.folder.display(), host.then()))
    })
}

/// Takes the shim out again.
pub fn uninstall(host: Host, voice: Voice) -> u8 {
    each(host, voice, |place| {
        Ok(match files::take(place)? {
            true => format!("taken out of {}", place.folder.display()),
            false => format!("nothing of ours is in {}", place.folder.display()),
        })
    })
}

fn each(host: Host, voice: Voice, work: impl Fn(&Place) -> Result<String>) -> u8 {
    let places = match places(host) {
        Ok(places) => places,
        Err(error) => {
            voice.error(error);
            return FAILED;
        }
    };
    let mut status = DONE;
    for place in places {
        let done = work(&place);
        let object = json!({
            "host": place.name,
            "folder": place.folder.to_string_lossy(),
            "ok": done.is_ok(),
            "error": done.as_ref().err().map(ToString::to_string),
        });
        match done {
            Ok(sentence) => voice.say(format_args!("{}: {sentence}", place.name)),
            Err(error) => {
                voice.error(format_args!("{}: {error}", place.name));
                status = FAILED;
            }
        }
        voice.json(&object);
    }
    status
}

fn places(host: Host) -> Result<Vec<Place>> {
    let home = Home::of_user().ok_or_else(|| Error::new(ErrorKind::Io, "there is no home folder; set HOME"))?;
    let places = host.places(&home);
    if places.is_empty() {
        return Err(Error::new(
            ErrorKind::Io,
            format!(
                "no {0} was found here; start it once, so that it makes its folders, and run this again",
                host.name()
            ),
        ));
    }
    Ok(places)
}

/// Lists the programs and what is wrong with their shims.
pub fn list_all() {
    list("\nprograms");
    for (host, place) in all() {
        match check(host, &place) {
            Ok(sentence) => list(format_args!("  {}: {sentence}", place.name)),
            Err(sentence) => list(format_args!("  {}: the menu entry will be missing: {sentence}", place.name)),
        }
    }
    for host in [Host::Gimp, Host::Krita].into_iter().filter(|host| all().all(|(other, _)| other != *host)) {
        list(format_args!("  {}: not found", host.name()));
    }
}

/// The same as JSON.
pub fn objects() -> Vec<Value> {
    all()
        .map(|(host, place)| {
            let checked = check(host, &place);
            json!({
                "host": place.name,
                "folder": place.folder.to_string_lossy(),
                "ok": checked.is_ok(),
                "finding": checked.unwrap_or_else(|problem| problem),
            })
        })
        .collect()
}

fn all() -> impl Iterator<Item = (Host, Place)> {
    let home = Home::of_user();
    [Host::Gimp, Host::Krita].into_iter().flat_map(move |host| {
        let places = home.as_ref().map(|home| host.places(home)).unwrap_or_default();
        places.into_iter().map(move |place| (host, place))
    })
}
