"""The tests in Krita's window, which `driver` runs one after another."""

from .advice import advice_follows, masks, masks_missing, new_user, quit_during_preview
from .faces import faces, faces_by_settings
from .dialogs import dialog, long_scaling, menus, new_option
from .languages import dialog_in_french, dialog_in_german, language_of_krita
from .targets import in_place, linked_file, new_document, new_layer, same_size, simple_document, whole_document
from .models import (
    model_cancelled,
    model_legacy_checkpoint,
    model_missing,
    model_onnx,
    model_refused,
    model_safetensors,
    more_models,
)
from .meanwhile import cancel, changed_meanwhile, closed_meanwhile, quit_meanwhile, responsive
from .preview import (
    preview_closed_meanwhile,
    preview_dialog,
    preview_in_place,
    preview_layers,
    preview_quick_changes,
    preview_sheet,
    preview_soak,
)
from .take_back import take_back_button, take_back_offered, take_back_unknown
from .failures import engine_fails, engine_panics, krita_fails, library_missing, memory_limit
from .measurements import photo, speed

# By level: "driver" uses the canvas without OpenGL, "opengl" the one with it.
TESTS = {
    "driver": [
        library_missing,
        menus,
        dialog,
        new_option,
        long_scaling,
        language_of_krita,
        dialog_in_german,
        dialog_in_french,
        new_user,
        advice_follows,
        masks,
        masks_missing,
        faces,
        faces_by_settings,
        preview_dialog,
        preview_quick_changes,
        preview_closed_meanwhile,
        preview_sheet,
        preview_in_place,
        preview_layers,
        preview_soak,
        model_refused,
        model_cancelled,
        model_missing,
        more_models,
        model_onnx,
        model_legacy_checkpoint,
        model_safetensors,
        whole_document,
        simple_document,
        same_size,
        new_layer,
        linked_file,
        new_document,
        in_place,
        take_back_button,
        take_back_offered,
        take_back_unknown,
        responsive,
        cancel,
        closed_meanwhile,
        changed_meanwhile,
        quit_meanwhile,
        quit_during_preview,
        engine_fails,
        memory_limit,
        krita_fails,
    ],
    "opengl": [whole_document, take_back_button, simple_document, new_document, engine_panics],
}
# These run only if ENLARGER_KRITA_ONLY is their name.
MEASUREMENTS = [speed, photo]
