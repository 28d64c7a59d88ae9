"""Small what-ifs: an answer that stands in the notebook, and controls beside it where somebody runs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from invopt_xl.errors import InputError, InvoptError, how_to_install, require

Choice = Sequence[object]
"""A tuple of lowest, highest and step of a slider, and where it begins; or a list of what can be chosen."""

_FEW = 4
"""Choices that are named in words."""

_VIEW = "application/vnd.jupyter.widget-view+json"


@dataclass(frozen=True, eq=False)
class Answer:
    """What a function answers with what it was asked; it is stored with the notebook, and so printed and compared."""

    asked: Mapping[str, object]
    found: object

    def __repr__(self) -> str:
        return f"With {_in_words(self.asked)}:\n{_as_text(self.found)}"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Any:
        """Return the answer in every way it can be shown."""
        from IPython.core.getipython import get_ipython

        shell: Any = get_ipython()
        data, metadata = shell.display_formatter.format(self.found) if shell else ({}, {})
        if "text/html" in data:
            data["text/html"] = f"<p>With {_in_words(self.asked)}:</p>{data['text/html']}"
        return {**data, "text/plain": repr(self)}, metadata


def what_if(function: Callable[..., object], **controls: Choice) -> None:
    """Show what a function answers, with controls to ask it anew.

    The first answer stands in the notebook as a table, picture or text. Below it stand the controls, which move only
    while the notebook runs; elsewhere, and where ipywidgets is not installed, a line says what they are.

    Parameters
    ----------
    function
        Takes the controls by name, and returns something to show.
    controls
        A tuple ``(lowest, highest, step)`` or ``(lowest, highest, step, first)`` for a slider, which begins in the
        middle unless told; a list for a choice, which begins with its first.

    Raises
    ------
    InputError
        If a control is none of these, or what shows things in notebooks is not installed.

    Examples
    --------
    >>> what_if(lambda service, rule: f"{rule} at {service:.0%}", service=(0.9, 0.98, 0.02), rule=["fill", "cycle"])
    With service 0.94, rule fill:
    fill at 94%
    Runs again while the notebook runs: service from 0.9 to 0.98, rule fill or cycle.
    """
    require(bool(controls), "what-if", "without controls", "one at least, such as service=(0.9, 0.98, 0.02)")
    if find_spec("IPython") is None:
        raise InputError(f"a what-if needs a notebook: {how_to_install('notebooks')}")
    from IPython import display as outputs
    from IPython.core.getipython import get_ipython

    display: Any = outputs.display
    asked = {name: _first(name, choice) for name, choice in controls.items()}
    shown = display(Answer(asked, function(**asked)), display_id=True)
    told = f"Runs again while the notebook runs: {', '.join(_offered(*each) for each in controls.items())}."
    if get_ipython() is None:
        print(told)  # noqa: T201 - as `display` does without a notebook
        return
    view = _view(function, controls, asked, shown) if find_spec("ipywidgets") is not None else {}
    display({**view, "text/plain": told}, raw=True)


def _view(
    function: Callable[..., object], controls: Mapping[str, Choice], asked: Mapping[str, object], shown: Any
) -> dict[str, object]:
    """Return the controls as a browser shows them; each change asks the function anew."""
    import ipywidgets

    made = {name: _control(name, choice, asked[name]) for name, choice in controls.items()}

    def ask(_change: object) -> None:
        now = {name: control.value for name, control in made.items()}
        try:
            found = function(**now)
        except InvoptError as error:
            found = str(error)
        shown.update(Answer(now, found))

    for control in made.values():
        control.observe(ask, "value")
    data = ipywidgets.VBox(list(made.values()))._repr_mimebundle_()
    return {_VIEW: data[_VIEW]} if _VIEW in data else {}


def _control(name: str, choice: Choice, first: object) -> Any:
    import ipywidgets

    look = {"description": name.replace("_", " "), "style": {"description_width": "initial"}}
    if isinstance(choice, list):
        return ipywidgets.Dropdown(options=choice, value=first, **look)
    lowest, highest, step = choice[:3]
    whole = all(isinstance(each, int) for each in (lowest, highest, step, first))
    bounds = {"value": first, "min": lowest, "max": highest, "step": step, "continuous_update": False}
    if whole:
        return ipywidgets.IntSlider(**bounds, **look)
    # By itself a slider shows hundredths, and seems to stand still where its steps are finer.
    decimals = max(len(f"{step:f}".rstrip("0").partition(".")[2]), 1)
    return ipywidgets.FloatSlider(readout_format=f".{decimals}f", **bounds, **look)


def _first(name: str, choice: Choice) -> object:
    """Return where a control begins."""
    if isinstance(choice, list) and choice:
        return choice[0]
    sound = isinstance(choice, tuple) and len(choice) in (3, 4) and all(isinstance(x, int | float) for x in choice)
    require(sound, f"control {name}", choice, "(lowest, highest, step) or a list of choices")
    lowest, highest, step = (_number(each) for each in choice[:3])
    require(lowest < highest and step > 0, f"control {name}", choice, "lowest below highest, and a step above 0")
    if len(choice) == 4:
        return choice[3]
    steps = round((highest - lowest) / 2 / step)
    middle = round(lowest + steps * step, 10)
    return int(middle) if all(isinstance(each, int) for each in choice) else middle


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _offered(name: str, choice: Choice) -> str:
    words = name.replace("_", " ")
    if isinstance(choice, list):
        few = choice if len(choice) <= _FEW else [*choice[: _FEW - 1], f"one of {len(choice) - _FEW + 1} more"]
        return f"{words} {' or '.join(map(_short, few))}"
    return f"{words} from {_short(choice[0])} to {_short(choice[1])}"


def _in_words(asked: Mapping[str, object]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {_short(value)}" for name, value in asked.items())


def _short(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _as_text(found: object) -> str:
    return found if isinstance(found, str) else repr(found)
