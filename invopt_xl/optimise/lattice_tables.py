"""What the loops over stock levels read and write: arrays only, for compiled code knows nothing else."""

from __future__ import annotations

from typing import NamedTuple

from invopt_xl.optimise.terms import BoolArray, FloatArray, IntArray


class Stocks(NamedTuple):
    """What is known of items' stock, by item; `net` and `levels` by item and periods over, others by item and period.

    `net` is demand less what arrives anyway, cumulated; `origin` the opening stock, and `net` then; `cleared` what is
    left of a shelf when shelf life has cleared it, infinite where nothing spoils; `spared` the units that may be thrown
    away in a period without being paid for; `levels` by the period in which a lane begins; `emptied` the first period
    that may begin with an empty shelf.
    """

    first: IntArray
    base: IntArray
    levels: IntArray
    emptied: IntArray
    step: FloatArray
    origin: FloatArray
    spoils: BoolArray
    holding: FloatArray
    shortage: FloatArray
    floor: FloatArray
    floor_penalty: FloatArray
    volume: FloatArray
    value: FloatArray
    saving: FloatArray
    net: FloatArray
    demand: FloatArray
    cleared: FloatArray
    spared: FloatArray
    stage: IntArray  # number of an item's first stage; one more than there are items


class Stages(NamedTuple):
    """Lines of one source: into an item's stock, or out of it to another location.

    `far` by choice: whether the smallest line may lead beyond the last level from any.
    `least`, `most`, `must` and `binds` by stage and period: steps of a line, whether there must be one, and whether
    the levels allow more than the most.
    """

    sends: BoolArray
    far: BoolArray
    stride: IntArray
    shift: IntArray  # periods from order to arrival
    least: IntArray
    most: IntArray
    must: BoolArray
    binds: BoolArray
    choice: IntArray  # number of a stage's first choice; one more than there are stages


class Priced(NamedTuple):
    """Prices: of choices, by choice and the period in which stock changes; of stock; and of units never needed.

    `line` is money a line, `step` money a step; `start` and `end` money a volume at the start and money a value at the
    end of a period; `kept` by item and period what a step beyond the last level costs to the end; `refund` by item what
    is paid back for a unit of the waste that is spared.
    """

    least: IntArray
    line: FloatArray
    step: FloatArray
    start: FloatArray
    end: FloatArray
    kept: FloatArray
    refund: FloatArray


class Taken(NamedTuple):
    """The plans found: cost by item; steps and choice of lines, by stage and order period."""

    cost: FloatArray
    steps: IntArray
    choice: IntArray
