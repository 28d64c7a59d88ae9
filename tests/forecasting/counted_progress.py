"""Progress that several tests listen to."""


class Counted:
    """Progress that remembers."""

    def __init__(self) -> None:
        self.stages: list[tuple[str, int]] = []
        self.steps = 0

    def stage(self, name: str, steps: int = 0) -> None:
        self.stages.append((name, steps))

    def advance(self, steps: int = 1) -> None:
        self.steps += steps
