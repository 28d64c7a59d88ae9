"""The templates: what each is for, which sheets it has, and the words of its Cover."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from invopt_xl.errors import InputError

_PLAN_INPUTS = ("Items", "Demand", "Suppliers", "Open orders", "Receipts", "Parameters")


@dataclass(frozen=True)
class Template:
    """A workbook to begin with.

    Parameters
    ----------
    name
        At the command line, and of its file.
    title
        On its Cover and in its properties.
    about
        One line for lists.
    purpose
        What it is for, on its Cover.
    how
        How it is used, in five lines; ``{refresh}`` stands for how its host refreshes it.
    sheets
        Names of sheets of plan workbooks; none where it is no plan, and is not refreshed.
    """

    name: str
    title: str
    about: str
    purpose: str
    how: tuple[str, ...]
    sheets: tuple[str, ...] = ()

    @property
    def is_plan(self) -> bool:
        """Whether it is refreshed."""
        return bool(self.sheets)


REPLENISHMENT_PLAN = Template(
    "replenishment_plan",
    "Replenishment plan",
    "the whole plan: what to order, when and why; what is at risk; what is too much",
    "What to order, from whom, when and why; what is at risk; and what is too much. Run Monday's meeting from it: the "
    "Dashboard, then Exceptions from the top, then Orders.",
    (
        "1. Paste your data into the yellow tables: Items and Demand are needed, the others help. Set the Parameters.",
        "2. {refresh}",
        "3. Read the master check and the Dashboard, then Exceptions from the top; Quality names every bad row.",
        "4. Go through Plan. To order otherwise, fill override_quantity and note: every refresh keeps them.",
        "5. Refresh again, and place what Orders lists for the plan date. Previous shows what has changed.",
    ),
    (
        *("Items", "Demand", "Suppliers", "Sources", "Open orders", "Receipts", "Parameters"),
        *("Plan", "Orders", "Supplier orders", "Exceptions", "Dashboard", "Outlook", "Curve", "Buffers", "Forecast"),
        *("Accuracy", "Overrides", "Previous", "Quality", "Log"),
    ),
)

SAFETY_STOCK_CALCULATOR = Template(
    "safety_stock_calculator",
    "Safety stock calculator",
    "live cell functions: safety stock, reorder point, fill rate and why; what-if by typing",
    "How much buffer an item needs and why, from demand, lead time and the service asked for; and what other terms "
    "would cost or save. Everything is calculated in the cells, as you type.",
    (
        "1. Type or paste items into the yellow columns of Levels: demand and lead time in periods of your choice.",
        "2. Say in Parameters how many such periods a year has: 52 weeks, 12 months, 365 days.",
        "3. Read beside each item its safety stock, reorder point, order-up-to level, fill rate, and why.",
        "4. On What if, choose an item and type what is to be otherwise; the tables and charts show what it costs.",
        "5. On History, paste past demand: its forecast with a band, and the buffer that the forecast calls for.",
    ),
)

SEGMENTATION_AND_SERVICE = Template(
    "segmentation_and_service",
    "Segmentation and service",
    "ABC-XYZ matrix, service targets by class, and what service costs in stock money",
    "Which items matter, which are hard to foresee, what service each class gets, and what one more point of service "
    "would cost: the ABC-XYZ matrix and the exchange curve of service against stock money.",
    (
        "1. Paste your data into the yellow tables: Items and Demand are needed. Set the Parameters.",
        "2. {refresh}",
        "3. Read Segments: items, money and service of each class, and where today stands beside the curve.",
        "4. Set service_target, and service_goal to items, classes or overall, in Parameters; refresh and compare.",
        "5. Class matrix says what each class asks for, Segment items each item's target to take over into Items.",
    ),
    (*_PLAN_INPUTS, "Segments", "Class matrix", "Segment items", "Curve", "Plan", "Previous", "Quality", "Log"),
)

EXCESS_REVIEW = Template(
    "excess_review",
    "Excess review",
    "excess and obsolete stock: what to do about each item, and the money it frees",
    "What is too much, why, what it costs to keep, what to do first, and how much money that frees: for the monthly "
    "meeting about excess and obsolete stock.",
    (
        "1. Paste your data into the yellow tables: Items and Demand are needed, Open orders shows what to cancel.",
        "2. {refresh}",
        "3. Read Excess review: money in excess by kind and class, and what the proposed actions would free.",
        "4. Decide in Excess, item by item: decision, decided_quantity and note are yours and stay. What each step "
        "gains stands in Excess actions.",
        "5. Next month, refresh with new stock and demand, and see what has been freed.",
    ),
    (*_PLAN_INPUTS, "Excess review", "Excess", "Excess actions", "Plan", "Previous", "Quality", "Log"),
)

ORDER_PLAN = Template(
    "order_plan",
    "Order plan",
    "the buyers' view: orders by supplier, and a purchase order ready to send",
    "What to send to each supplier now and in the coming periods, within minimums, lots, capacity and budget: one "
    "line an order, one page a purchase order.",
    (
        "1. Paste your data into the yellow tables: Items and Demand are needed; Suppliers has minimums and discounts.",
        "2. {refresh}",
        "3. Read Supplier orders: what to place now, what comes later, and what is below a supplier's minimum.",
        "4. To order otherwise, fill override_quantity in Plan and refresh: the rest is planned around it.",
        "5. On Purchase order, choose a supplier, print or send the page, and go on to the next.",
    ),
    (*_PLAN_INPUTS, "Supplier orders", "Purchase order", "Orders", "Plan", "Exceptions", "Previous", "Quality", "Log"),
)

TEMPLATES: Mapping[str, Template] = {
    each.name: each
    for each in (REPLENISHMENT_PLAN, SAFETY_STOCK_CALCULATOR, SEGMENTATION_AND_SERVICE, EXCESS_REVIEW, ORDER_PLAN)
}
"""By name, the main one first."""


def template_named(name: str) -> Template:
    """Return a template by its name; spaces and hyphens do as well as underscores.

    Raises
    ------
    InputError
        If there is none; the message names one that is spelt alike.

    Examples
    --------
    >>> template_named("Order plan").name
    'order_plan'
    """
    wanted = name.strip().lower().replace("-", "_").replace(" ", "_")
    if wanted in TEMPLATES:
        return TEMPLATES[wanted]
    near = get_close_matches(wanted.partition(".")[0], TEMPLATES, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(TEMPLATES)}"
    raise InputError(f"there is no template {name[:40]}; {hint}")
