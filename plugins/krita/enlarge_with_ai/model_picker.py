"""The button of the sheet of presets that chooses models to compare with them."""

from .enlarger.comparison import PICK_HELP, PICK_LABEL
from .messages import safe_slot
from .qt import QtWidgets


class ModelPicker(QtWidgets.QPushButton):
    """The button, with a menu of all models.

    Arguments:
        models: the models, each with its label.
        chosen: the ids of those that are compared.
        changed: called with the ids of the chosen models, in the order of the menu, when one was chosen or left out.
    """

    def __init__(self, models, chosen, changed):
        super().__init__(PICK_LABEL)
        self.setAutoDefault(False)
        self.setToolTip(PICK_HELP)
        menu = QtWidgets.QMenu(self)
        self.actions_by_id = {}
        for id, label in models:
            # Qt takes & for the mark of a shortcut.
            action = menu.addAction(label.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(id in chosen)
            action.toggled.connect(safe_slot(lambda *_: changed(self._chosen())))
            self.actions_by_id[id] = action
        self.setMenu(menu)

    def _chosen(self):
        return [id for id, action in self.actions_by_id.items() if action.isChecked()]
