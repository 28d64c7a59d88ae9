"""How long work tells whoever waits for it how far it is."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told of stages and steps; a host turns it into a bar."""

    def stage(self, name: str, steps: int = 0) -> None:
        """Begin a stage of so many steps (0: not known); it ends the stage before."""

    def advance(self, steps: int = 1) -> None:
        """Say that steps of the current stage are done."""


class Silent:
    """Progress nobody looks at."""

    def stage(self, name: str, steps: int = 0) -> None:
        """Ignore."""

    def advance(self, steps: int = 1) -> None:
        """Ignore."""
