#!/usr/bin/env bash
# The plug-in for GIMP 2.10 in a real GIMP 2.10, without a screen and with one.
#
#   scripts/hosts run bookworm bash /enlarger/tests/gimp-2.10/run.sh
#
# Its pixels are compared with what the `enlarge` command makes. Needs target/release/enlarge and the library of the same
# build, target/release/libenlarger_capi.so (ENLARGE and LIBRARY name others). Leaves what it has seen in target/gimp-2.10/.
# It must never pass because GIMP did: GIMP 2.10 says 0 even to a script that fails.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=tests/gimp-2.10
enlarge=${ENLARGE:-target/release/enlarge}
library=${LIBRARY:-target/release/libenlarger_capi.so}
seen=$PWD/target/gimp-2.10
work=/tmp/work
plug_ins=$HOME/.config/GIMP/2.10/plug-ins
mkdir -p "$work" "$plug_ins/enlarger-probe" "$seen"
rm -f "$seen"/*

echo "== building"
plugins/gimp-2.10/build "$plug_ins"
install "$library" "$plug_ins/enlarge-with-ai/libenlarger.so.1"
# shellcheck disable=SC2046
gcc -std=c11 -O1 -Wall -Wextra $(pkg-config --cflags gimp-2.0 gegl-0.4 | sed 's/-I/-isystem /g') \
    "$here/probe.c" -o "$plug_ins/enlarger-probe/enlarger-probe" $(pkg-config --libs gimp-2.0 gegl-0.4)

echo "== what the command makes"
python3 "$here/inputs.py" tests/data/cat.png "$work"
make() {
    "$enlarge" --quiet --engine rten "$work/$1" -o "$work/$2" "${@:3}"
}
# Linear light without a profile is what OpenEXR holds; the command writes its own input.
make rgb8.png light.exr -s 1.0
make rgb8.png rgb8.expected.png -s 2
make rgba8.png rgba8.expected.png -s 3
make gray16.png gray16.expected.png -s 1.5
make float.tif float.expected.tif -s 2
make linear.tif linear.expected.tif -s 2
make light.exr light.expected.exr -s 2
make indexed.png indexed.expected.png -s 2
make rgba8.png group.one.expected.png -s 2
# As large as GIMP makes a layer of 61x47 at -5, 7 by 2.5: from -12.5, which is -12, to 140, and from
# 17.5, which is 18, to 135.
make rgba8.png layers.chosen.expected.png --width 152

# gimp LOG EXPRESSION...: a session of GIMP. What it says is kept, what it returns means nothing.
gimp() {
    local log=$1 batch=()
    shift
    # What an expression defines is gone after it.
    for expression in "$@"; do
        batch+=(-b "(begin (load \"$PWD/$here/cases.scm\") $expression)")
    done
    timeout 300 gimp-console-2.10 -i -d "${batch[@]}" -b '(gimp-quit 0)' >"$seen/$log" 2>&1 || true
    cp "$seen/$log" "$work/$log"
}

echo "== GIMP without a screen"
gimp cases.log \
    '(same "rgb8" ".png" "image" 2)' \
    '(same "rgba8" ".png" "new-image" 3)' \
    '(same "gray16" ".png" "image" 1.5)' \
    '(same "float" ".tif" "new-image" 2)' \
    '(same "linear" ".tif" "image" 2)' \
    '(same "light" ".exr" "image" 2)' \
    '(same "indexed" ".png" "image" 2)' \
    '(layers 2.5)' \
    '(let ((image (load-image "layers.chosen.expected.png"))) (dump image (only image) "layers.chosen.expected"))' \
    '(group)' \
    '(beside)' \
    '(let ((image (load-image "group.one.expected.png"))) (dump image (only image) "group.one.expected"))' \
    '(refused "model" "no-such-model" 2 "")' \
    '(refused "factor" "" 99 "")' \
    '(refused "options" "" 2 "oh")'

echo "== without a library that works"
beside=$plug_ins/enlarge-with-ai/libenlarger.so.1
rm "$beside"
gimp missing.log '(refused "missing" "" 2 "")'
head -c 100000 "$library" >"$beside"
gimp cut.log '(refused "cut" "" 2 "")'
echo "no library" >"$beside"
gimp broken.log '(refused "broken" "" 2 "")'
cp "$(gcc -print-file-name=libm.so.6)" "$beside"
gimp another.log '(refused "another" "" 2 "")'
install "$library" "$beside"

python3 "$here/check.py" "$work"

echo "== GIMP on a screen"
bash "$here/screen.sh" "$seen"
