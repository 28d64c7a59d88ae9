"""What to do about excess, in the order to do it: only steps that there is something to do in."""

from __future__ import annotations

from invopt_xl.domain.words import counted
from invopt_xl.plan.excess import ExcessReview
from invopt_xl.plan.excess.kinds import SPOILS
from invopt_xl.plan.excess.ways import MARK_DOWN, PROMOTE, RETURN, SCRAP, STOP, TRANSFER
from invopt_xl.plan.overrides import KEY

_FIRST = 10
"""Items that are named as those to begin with."""


def what_to_do(review: ExcessReview, money: str, cuts: int = 0) -> str:
    """Return what to do, a numbered line a step; steps without an item are left out.

    Parameters
    ----------
    review
        As `plan.excess.review` returns it.
    money
        Its unit.
    cuts
        Items whose price path is expected to pay.
    """
    actions = review.actions
    acted = {name: rows[KEY].drop_duplicates() for name, rows in actions.groupby("action")}
    spoiling, tried = _marked_down(review)
    steps = [
        *(_WORDS[name].format(_items(len(acted[name]))) for name in (STOP, TRANSFER) if name in acted),
        *([_returns(len(acted[RETURN]), assumed="refund_share" in review.assumed)] if RETURN in acted else []),
        *_more(review, money, spoiling),
        *([_CUTS.format(_items(cuts))] if cuts else []),
        *([_WORDS[MARK_DOWN].format(_items(tried))] if tried else []),
        *(_WORDS[name].format(_items(len(acted[name]))) for name in (PROMOTE, SCRAP) if name in acted),
        "Leave the rest: no other way out gains anything.",
    ]
    return "\n".join(f"{place}. {step}" for place, step in enumerate(steps, 1))


_WORDS = {
    STOP: "**Stop orders first** ({}): that costs nothing and frees all of their money.",
    TRANSFER: "**Move** what is needed elsewhere ({}): it need not be bought there.",
    MARK_DOWN: "**Mark down** where no price path tells ({}): begin with a few, and see what they bring.",
    PROMOTE: "**Promote** what still sells and bears a discount ({}).",
    SCRAP: "**Clear out** what nobody asks for, or likely ever will again ({}).",
}

_CUTS = (
    "**Price cuts** where a path is expected to pay ({}): the first step, then look. Where the price response is "
    "refused, try a small cut first."
)


def _marked_down(review: ExcessReview) -> tuple[int, int]:
    """Return how many items are marked down that will spoil, and how many others of which no price path tells."""
    items = review.items.assign(estimated=review.terms.estimated(review.items.index))
    marked = items.merge(review.actions.loc[review.actions["action"] == MARK_DOWN, KEY], on=KEY)
    spoils = marked["kind"] == SPOILS
    return int(spoils.sum()), int((~spoils & ~marked["estimated"]).sum())


def _items(count: int) -> str:
    return counted(count, "item")


def _returns(count: int, *, assumed: bool) -> str:
    first = f"the first {_FIRST} of {count:,} items to return" if count > _FIRST else f"the {_items(count)} to return"
    if assumed:
        return f"**Ask the suppliers** of {first} what they take back, and put their terms into the first cell."
    return f"**Send back** {first} on the suppliers' terms."


def _more(review: ExcessReview, money: str, marked: int) -> list[str]:
    """Return the steps about what may have ended, what will spoil, and what nobody knows."""
    steps = []
    if count := len(review.early_warnings):
        told = f"**Early warnings** ({_items(count)}): look through them, stop buying what has ended"
        steps.append(f"{told}, and set its status to phase-out.")
    if marked:
        told = f"**Goods that will spoil** ({_items(marked)})"
        steps.append(f"{told}: mark down while somebody still wants them; after that they bring nothing.")
    if (unjudged := review.headline["unjudged"]) > 0:
        steps.append(f"**Find out about {unjudged:,.0f} {money} of stock** that was never seen on sale.")
    return steps
