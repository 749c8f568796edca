#!/usr/bin/env bash
# The plug-in in GIMP 2.10 as a user has it: menu, dialog, progress, undo and cancel, on a screen that nobody sees.
#
#   screen.sh FOLDER        pictures of the screen go to FOLDER; the plug-in is installed already
#
# A window's title says how large the image is, so that undo and cancel can be told without looking; look at the pictures
# all the same. It must never wait by sleeping where there is something to wait for.
set -euo pipefail
cd "$(dirname "$0")/../.."
seen=$1
export DISPLAY=:77 NO_AT_BRIDGE=1
profile=$HOME/.config/GIMP/2.10
printf '(check-updates no)\n' >"$profile/gimprc"

Xvfb $DISPLAY -screen 0 1400x1000x24 -nolisten tcp >/dev/null 2>&1 &
sleep 2
openbox >/dev/null 2>&1 &
# Indexed, so that there are two changes of the image to undo as one.
convert tests/data/cat.png -colors 200 PNG8:/tmp/cat.png
dbus-run-session -- gimp-2.10 -n -s /tmp/cat.png >"$seen/screen.log" 2>&1 &

picture() { import -window root "$seen/$1.png"; }
fail() {
    picture failed
    echo "  WRONG on the screen: $1" >&2
    exit 1
}
# window TITLE: waits for one, and says its number.
window() {
    local found
    for _ in $(seq 300); do
        found=$(xdotool search --onlyvisible --name "$1" 2>/dev/null | head -n 1) || true
        [ -z "$found" ] || { echo "$found"; return 0; }
        sleep 0.3
    done
    fail "no window '$1' appeared"
}
# ask: opens the dialog by searching for its menu entry.
ask() {
    xdotool windowactivate --sync "$main"
    xdotool key slash
    sleep 2
    xdotool type --delay 60 'enlarge with ai'
    sleep 2
    [ -z "${1:-}" ] || picture "$1"
    xdotool key Return
    window '^Enlarge with AI$' >/dev/null
    sleep 2
}
# Files that are there, but for those that GIMP itself keeps: its settings, its swap and its thumbnails.
files() { find /tmp -type f -not -path "$profile/*" -not -path "$HOME/.cache/*" -not -path '/tmp/work/*' | sort; }
worker() { pgrep -f 'plug-ins/enlarge-with-ai/enlarge-with-ai' || true; }

main=$(window 'Indexed.*257x199')
# Away from where a tooltip would hide something.
xdotool mousemove 5 5
sleep 3
picture start
ask search
picture dialog
xdotool key Return
sleep 2.5
picture progress
main=$(window 'RGB.*514x398')
window '^GIMP Message$' >/dev/null
sleep 1
picture message
xdotool key Return
[ -z "$(worker)" ] || fail "the plug-in's process is still there after a run"
xdotool windowactivate --sync "$main"
xdotool key 1
sleep 2
picture result
xdotool key ctrl+z
window 'Indexed.*257x199' >/dev/null
xdotool key ctrl+y
window 'RGB.*514x398' >/dev/null
sleep 1
picture redone

echo "  on the screen: run, one undo, redo"
before=$(files)
ask
xdotool key Return
sleep 3
[ -n "$(worker)" ] || fail "nothing to cancel: it was done already"
picture cancelling
# The button in the window's status bar.
xdotool mousemove 980 870 click 1
for _ in $(seq 20); do
    [ -n "$(worker)" ] || break
    sleep 0.1
done
[ -z "$(worker)" ] || fail "the plug-in's process is still there after a cancel"
sleep 1
picture cancelled
window 'RGB.*514x398' >/dev/null
[ "$(files)" = "$before" ] || fail "a cancel left files: $(diff <(files) <(echo "$before"))"
echo "  on the screen: cancel"
