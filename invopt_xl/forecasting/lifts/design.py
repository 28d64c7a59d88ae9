"""Regressors as a log-linear model needs them: prices against the usual one, and which columns can say anything."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.forecasting.cleaning.history import BoolArray
from invopt_xl.forecasting.lifts.regressors import Kind, Regressors

SMALLEST_CHANGE = 0.01
"""Prices that differ from the usual one by less, in logs, are the usual one."""

FEWEST_CHANGES = 2
"""A price that differed in fewer periods hardly says what a change of it does."""

MARGIN = 0.1
"""Prices act, in logs, so far beyond those that were seen, and no further."""

LARGEST_CHANGE = 1.5
"""Prices further from the usual one, in logs, act as if they were there: such are mistakes more often than prices."""

ALIKE = 0.9
"""Columns with a higher correlation moved together."""


@dataclass(frozen=True, eq=False)
class Design:
    """Columns that act on log demand, only those that changed.

    Parameters
    ----------
    names, kinds
        The regressors.
    past, coming
        Price in logs against the usual one, promotions and events as they are; shapes (periods, columns) and
        (horizon, columns), the latter NaN where it is expected to come as before.
    seen
        Periods that tell of each regressor: another price, a promotion, an event.
    notes
        What was left out or doubted, a phrase each.
    """

    names: tuple[str, ...]
    kinds: tuple[Kind, ...]
    past: FloatArray
    coming: FloatArray
    seen: tuple[int, ...]
    notes: tuple[str, ...]

    def without(self, place: int, note: str) -> Design:
        """Return the design without one column, and why it went."""
        keep = [column for column in range(len(self.names)) if column != place]
        return self.of(keep, (*self.notes, note))

    def of(self, keep: list[int], notes: tuple[str, ...]) -> Design:
        """Return the design with the given columns alone."""
        return Design(
            tuple(self.names[place] for place in keep),
            tuple(self.kinds[place] for place in keep),
            self.past[:, keep],
            self.coming[:, keep],
            tuple(self.seen[place] for place in keep),
            notes,
        )


def design(regressors: Regressors, used: BoolArray) -> Design:
    """Return what may act on demand, judged by the periods that are used.

    Examples
    --------
    >>> columns = Regressors.of(4, 1, price=[5, 5, 4, 4.5], promotion=[0, 0, 0, 0], future_price=[5])
    >>> made = design(columns, np.ones(4, dtype=bool))
    >>> made.names, made.past.round(2).tolist(), made.notes
    (('price',), [[0.05], [0.05], [-0.17], [-0.05]], ('promotion was never on: no lift of it is known',))
    """
    past, coming = regressors.past.copy(), regressors.future.copy()
    notes: list[str] = []
    promoted = _promoted(regressors)
    for place, kind in enumerate(regressors.kinds):
        if kind == "price":
            past[:, place], coming[:, place], note = _against_usual(
                regressors.names[place], past[:, place], coming[:, place], promoted, used
            )
            notes += note
    keep, seen = [], []
    for place, (name, kind) in enumerate(zip(regressors.names, regressors.kinds, strict=True)):
        column = past[used, place]
        seen.append(int((np.abs(column) > (SMALLEST_CHANGE if kind == "price" else 0)).sum()))
        silence = _silence(name, kind, column, seen[-1], planned=bool((coming[:, place] > 0).any()))
        notes += [silence] if silence else []
        keep += [] if silence else [place]
    whole = Design(regressors.names, regressors.kinds, past, coming, tuple(seen), ())
    kept = whole.of(keep, ())
    return kept.of(list(range(len(keep))), (*notes, *_together(kept, used)))


def _promoted(regressors: Regressors) -> BoolArray:
    places = [place for place, kind in enumerate(regressors.kinds) if kind == "promotion"]
    return np.asarray((regressors.past[:, places] > 0).any(axis=1))


def _against_usual(
    name: str, past: FloatArray, coming: FloatArray, promoted: BoolArray, used: BoolArray
) -> tuple[FloatArray, FloatArray, list[str]]:
    """Return prices in logs against the usual price: the median of those without promotion."""
    known = past > 0
    regular = known & used & ~promoted
    usual = past[regular] if regular.any() else past[known]
    if not usual.size:
        return np.zeros(past.size), np.zeros(coming.size), []
    middle = float(np.median(usual))
    logs = np.clip(np.log(np.where(known, past, middle) / middle), -LARGEST_CHANGE, LARGEST_CHANGE)
    ahead = np.log(np.where(coming == 0, middle, coming) / middle)
    bounds = float(logs[used].min()) - MARGIN, float(logs[used].max()) + MARGIN
    held = np.clip(ahead, *bounds)
    beyond = int(((held != ahead) & ~np.isnan(ahead)).sum())
    notes = [f"{name} beyond all prices seen in {beyond} of {ahead.size} coming periods: its effect held"]
    return logs, held, notes if beyond else []


def _silence(name: str, kind: Kind, column: FloatArray, seen: int, *, planned: bool) -> str:
    """Return why a column cannot say anything, or nothing where it can."""
    if kind == "price":
        return f"{name} hardly changed: no elasticity of it is known" if seen < FEWEST_CHANGES else ""
    if not seen:
        coming = " and none is used for those planned" if planned and kind == "promotion" else ""
        never = "was never on" if kind == "promotion" else "never occurred"
        return f"{name} {never}: no {'lift' if kind == 'promotion' else 'effect'} of it is known{coming}"
    if np.ptp(column) < SMALLEST_CHANGE:
        return f"{name} was the same in every period: its effect cannot be told from the level"
    return ""


def _together(columns: Design, used: BoolArray) -> list[str]:
    """Return a phrase for each pair of columns that moved together."""
    if len(columns.names) < 2:
        return []
    centred = columns.past[used] - columns.past[used].mean(axis=0)
    lengths = np.maximum(np.sqrt((centred**2).sum(axis=0)), 1e-12)
    alike = np.abs(centred.T @ centred) / np.outer(lengths, lengths) > ALIKE
    pairs = np.argwhere(np.triu(alike, 1))
    return [f"{columns.names[a]} and {columns.names[b]} moved together: their shares are in doubt" for a, b in pairs]
