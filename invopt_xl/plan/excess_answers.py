"""What a review of excess, early warnings and mark-downs say, in short answers and tables to look at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from invopt_xl.domain.words import at_assumed_rate, counted
from invopt_xl.errors import InputError
from invopt_xl.plan.columns import ACTIONS, MARKDOWN_SUMMARY, PRICE_RESPONSE
from invopt_xl.plan.columns.early_warning import WARNING_LIFT, WARNING_RELIABILITY, WARNING_TRIAL
from invopt_xl.plan.early_warning_trial import ALL, METHODS, early_warning_backtest
from invopt_xl.plan.excess import ExcessReview
from invopt_xl.plan.excess.measures import LEAST_GAIN
from invopt_xl.plan.excess.quick import LEAST_KNOWN
from invopt_xl.plan.excess.ways import MARK_DOWN, PROMOTE, RETURN
from invopt_xl.plan.histories import Histories
from invopt_xl.plan.markdown import CUT, OUTCOMES, REFUSALS
from invopt_xl.plan.overrides import KEY
from invopt_xl.plan.parameters import Parameters

_FIRST = 10
"""Items that are named as those to begin with."""

_HIGH, _MISS = 0.9, 0.1
"""From when on a chance counts as high, and by how much too high it must be to be called so."""

_TYPICAL, _NEAR = 0.1, 1e-9
"""Share of items looked at for which finds are told."""


NOT_JUDGED = "never seen on sale, they count in the stock and in the excess, but not in what remains and is written off"
"""What the sums of a review hold of stock whose demand nobody knows, and what they leave out."""


def excess_answer(review: ExcessReview, money: str) -> str:
    """Return in a few sentences how much is too much, and what brings most of the money back.

    Parameters
    ----------
    review
        As `plan.excess.review` returns it.
    money
        Its unit.
    """
    found, days = review.headline, f"{review.horizon_days:,.0f} days"
    if not found["stock"] > 0:
        return "**Nothing is too much:** there is no stock of any worth."
    left, expected, lost = (found[name] for name in ("remaining_80", "remaining_expected", "expected_write_off"))
    stock = f"{found['stock']:,.0f} {money} of stock, here and on order"
    told = (
        f"**Of {stock}, at least {left:,.0f} {money} will still be "
        f"there after {days}** (each item's at 80% probability); {expected:,.0f} {money} are expected to, and "
        f"{lost:,.0f} {money} to be written off in the end. Above the order-up-to level and the forecast of {days}, as "
        f"excess is counted in tblExcess, are {found['excess']:,.0f} {money}. "
    )
    if np.isnan(expected):
        told = f"**What will remain of {stock}, cannot be told:** none of it was ever seen on sale. "
    elif found["unjudged"] > 0:
        told += f"**{found['unjudged']:,.0f} {money} of it are not judged**: {NOT_JUDGED}. "
    return told + gain_answer(review.actions, money) + _doubt(review, money)


def _doubt(review: ExcessReview, money: str) -> str:
    """Return how much of the gain stands on what nobody has agreed to or given, or on next to no history."""
    gains = {name: gain for name, gain in review.assumed_gain.items() if gain >= LEAST_GAIN}
    told = ""
    if gains:
        parts = ", ".join(f"{gain:,.0f} {money} on {_STANDS_ON[name]}" for name, gain in gains.items())
        steps = [step for step, names in _FIRST_OF_ALL.items() if gains.keys() & names]
        told = f" **Assumed: of this gain {parts};** {' and '.join(steps)} before you count on it."
    few, period = review.few_periods_gain, review.stock.parameters.period
    if few >= LEAST_GAIN:
        known = f"items known for fewer than {LEAST_KNOWN} {period}s"
        told += f" {few:,.0f} {money} of it are of {known}: hardly more than a guess."
    rate = review.stock.assumed_holding_rate
    return told if rate is None or review.actions.empty else f"{told} Gains are {at_assumed_rate(rate)}."


_STANDS_ON = {
    RETURN: "what suppliers take back",
    MARK_DOWN: "what mark-downs bring where no price path tells",
    PROMOTE: "what promotions sell",
}
_FIRST_OF_ALL = {"ask the suppliers": {RETURN}, "try lower prices with a few items": {MARK_DOWN, PROMOTE}}


def gain_answer(actions: pd.DataFrame, money: str) -> str:
    """Return in a sentence or two what actions gain, and how few items bring most of it.

    Examples
    --------
    >>> rows = {"item": ["tea", "tea", "cup"], "location": "MAIN", "action": ["stop order", "return", "return"]}
    >>> gain_answer(pd.DataFrame(rows | {"gain": [10.0, 20.0, 10.0], "freed_value": [50.0, 30.0, 20.0]}), "USD")
    'Acting on 2 items frees 100 USD and gains **40 USD** against doing nothing: return 30 USD, stop order 10 USD.'
    """
    if actions.empty:
        return "No action gains anything against doing nothing."
    by_item = actions.groupby(KEY)["gain"].sum().sort_values(ascending=False)
    by_item = by_item[by_item >= LEAST_GAIN]
    by_action = actions.groupby("action")["gain"].sum().sort_values(ascending=False)
    kinds = ", ".join(f"{name} {gain:,.0f} {money}" for name, gain in by_action.items())
    told = (
        f"Acting on {counted(len(by_item), 'item')} frees {actions['freed_value'].sum():,.0f} {money} and gains "
        f"**{by_item.sum():,.0f} {money}** against doing nothing: {kinds}."
    )
    if len(by_item) <= _FIRST:
        return told
    return f"{told} The first {_FIRST} items bring {by_item.head(_FIRST).sum() / by_item.sum():.0%} of the gain."


def gain_by_item(actions: pd.DataFrame) -> pd.DataFrame:
    """Return ``items`` acted on, those that gain most first, beside their ``cumulative_gain``, money; from none on.

    Examples
    --------
    >>> rows = {"item": ["tea", "tea", "cup"], "location": "MAIN", "gain": [10.0, 20.0, 10.0]}
    >>> gain_by_item(pd.DataFrame(rows)).to_dict("list")
    {'items': [0, 1, 2], 'cumulative_gain': [0.0, 30.0, 40.0]}
    """
    gains = actions.groupby(KEY)["gain"].sum().sort_values(ascending=False).to_numpy(np.float64)
    total = np.concatenate([[0.0], gains[gains >= LEAST_GAIN].cumsum()])
    return pd.DataFrame({"items": np.arange(len(total)), "cumulative_gain": total.round(2)})


@dataclass(frozen=True, eq=False)
class TriedWarnings:
    """What a back-test of early warnings says; frames without rows where there is too little history for one.

    Parameters
    ----------
    answer
        In a few sentences.
    summary, reliability, lift
        As in `plan.early_warning_trial.WarningTrial`.
    """

    answer: str
    summary: pd.DataFrame
    reliability: pd.DataFrame
    lift: pd.DataFrame

    @property
    def surest(self) -> str:
        """What became of the highest chances, in a sentence."""
        high = self.reliability[self.reliability["from_chance"] >= _HIGH - _NEAR].astype(np.float64)
        times = high["told"].sum()
        if not times > 0:
            return f"**No chance of {_HIGH:.0%} or more was told** in the test."
        told, came = (float((high[name] * high["told"]).sum() / times) for name in ("mean_chance", "came_true"))
        much = "they are told too surely, so look before you act" if told - came > _MISS else "about as often as told"
        return (
            f"**Chances of {_HIGH:.0%} and more, {told:.0%} on average, came true {came:.0%} of the {times:,.0f} times "
            f"that they were told** (of the same items many times): {much}."
        )

    @property
    def found(self) -> pd.DataFrame:
        """What share of the ended items each method finds, by the share looked at (percent, ``looked_at``)."""
        wide = self.lift.pivot(index="looked_at", columns="method", values="found").reindex(columns=list(METHODS[:2]))
        return (wide.reset_index().rename_axis(columns=None)).assign(looked_at=lambda frame: 100 * frame["looked_at"])


def tried_warnings(items: pd.DataFrame, past: Histories, parameters: Parameters, *, months: float) -> TriedWarnings:
    """Return what the past says of early warnings beside the usual rule, or why it says nothing.

    Parameters
    ----------
    items, past, parameters, months
        As in `plan.early_warning_trial.early_warning_backtest`.
    """
    try:
        tried = early_warning_backtest(items, past, parameters, months=months)
    except InputError as error:
        nothing = (
            pd.DataFrame(columns=table.column_names) for table in (WARNING_TRIAL, WARNING_RELIABILITY, WARNING_LIFT)
        )
        return TriedWarnings(f"**Early warnings cannot be tried on this history:** {error}.", *nothing)
    return TriedWarnings(
        _trial_answer(tried.summary, tried.lift, parameters.period), tried.summary, tried.reliability, tried.lift
    )


def _trial_answer(summary: pd.DataFrame, lift: pd.DataFrame, period: str) -> str:
    own, rule, equal = (
        summary[(summary["pattern"] == ALL) & (summary["method"] == method)].iloc[0].to_dict() for method in METHODS
    )
    if not own["died"] > 0:
        return "**No item surely died in the test,** so early warnings cannot be held against the usual rule."
    lead = own["median_lead"]
    earlier = (
        f"{counted(int(abs(lead)), period)} {'earlier' if lead >= 0 else 'later'} than the usual rule in the median"
        if lead == lead
        else "later than the usual rule, or never, in the median"
    )
    often = "more often" if own["false_alarms"] > rule["false_alarms"] else "no more often"
    alarms = f"{own['false_alarms']:,.0f} false alarms beside {rule['false_alarms']:,.0f}"
    rates = f"{own['false_alarm_rate']:.1f} and {rule['false_alarm_rate']:.1f} in 1,000 live {period}s"
    return (
        f"**Early warnings came {earlier}, and were wrong {often}:** {alarms} ({rates}). Held to as many false alarms "
        f"as the rule they would have flagged {equal['flagged_share']:.0%} of the {counted(int(own['died']), 'item')} "
        f"that died; the rule flags them all, for it defines what died. {_find_answer(lift)}"
    )


def _find_answer(lift: pd.DataFrame) -> str:
    at = lift[(lift["looked_at"] - _TYPICAL).abs() < _NEAR].set_index("method")["found"]
    if at.isna().any() or not set(METHODS[:2]) <= set(at.index):
        return ""
    own, usual = (float(at[method]) for method in METHODS[:2])
    return (
        f"Ranked by the chance, the first {_TYPICAL:.0%} of items hold {own:.0%} of the ended ones; ranked by silence "
        f"{usual:.0%}."
    )


def response_answer(response: pd.DataFrame) -> str:
    """Return in a few sentences how demand answers to price, and how much of that is known of each item.

    Parameters
    ----------
    response
        ``tblPriceResponse``.
    """
    usable = response[response["usable"] == "yes"]
    if usable.empty:
        count = counted(len(response), "item")
        return f"**No price response can be told** of {count}: prices hardly changed, or are not known."
    own = usable["weight_of_own_data"] >= 0.5
    lifts = [
        f"{name.removesuffix('_lift')} {usable[name].median():+.0%}"
        for name in PRICE_RESPONSE.column_names
        if name.endswith("_lift") and usable[name].notna().any()
    ]
    beside = f" Beside the price itself, in the median: {', '.join(lifts)} of demand." if lifts else ""
    low, middle, high = (-usable["elasticity"].quantile(share) for share in (0.9, 0.5, 0.1))
    several = len(usable) > 1
    spread = f" ({low:.1f}% to {high:.1f}% for the middle eight of ten)" if several else ""
    whose = f"of {int(own.sum()):,} of them it is mostly their own, of the others mostly that of items like them"
    if own.all() or not own.any():
        whose = "it is mostly " + (f"{'their' if several else 'its'} own" if own.all() else "that of items alike")
    return (
        f"**A price one percent lower sells {middle:.1f}% more{' of the median item' if several else ''}**{spread}. It "
        f"can be used for {len(usable):,} of {counted(len(response), 'item')}; {whose}.{beside}"
    )


def outcomes(summary: pd.DataFrame) -> pd.DataFrame:
    """Return what becomes of items with excess where a price path is asked for: how many are cut, kept, refused, why.

    Parameters
    ----------
    summary
        ``tblMarkdownSummary``.

    Returns
    -------
    DataFrame
        ``outcome``, ``items``, ``excess_units`` and expected ``gain`` (money), paths first, then refusals.
    """
    told = summary.reindex(columns=MARKDOWN_SUMMARY.column_names).assign(items=1)
    found = told.astype({"gain": np.float64}).groupby("outcome")[["items", "excess_units", "gain"]].sum(min_count=1)
    return found.reindex([name for name in OUTCOMES if name in found.index]).rename_axis("outcome").reset_index()


def markdown_answer(summary: pd.DataFrame, money: str) -> str:
    """Return in a sentence or two what price paths gain, and for how many items there is none.

    Parameters
    ----------
    summary
        ``tblMarkdownSummary``.
    money
        Its unit.
    """
    found = outcomes(summary).set_index("outcome")
    if found.empty:
        return "**Nothing to mark down:** no item has excess on hand or will spoil."
    spoiling = bool((summary["excess_units"].astype(np.float64) <= 0).any())
    looked = f"{counted(len(summary), 'item')} with excess on hand{' or that will spoil' if spoiling else ''}"
    refused = found[found.index.isin(REFUSALS)]["items"].sum()
    cut = found.reindex([CUT])["items"].fillna(0).iloc[0]
    gain = found["gain"].sum()
    rest = f"{refused:,.0f} are refused; for the others the price stays."
    if not cut:
        return f"**No price cut is expected to pay:** of {looked} {rest}"
    low, high = (float(summary[name].astype(np.float64).sum()) for name in ("gain_low", "gain_high"))
    return (
        f"**Of {looked} a price cut is expected to pay for {cut:,.0f}**, and gains {gain:,.0f} {money} above today's "
        f"price in all, if things go as expected ({low:,.0f} to {high:,.0f} if all turned out badly, or well, "
        f"together). {rest}"
    )


def actions_by_kind(actions: pd.DataFrame) -> pd.DataFrame:
    """Return what each kind of action frees and brings, money, the most gain first."""
    amounts = ["units", *[n for n in ACTIONS.column_names if n in _AMOUNTS], "gain"]
    found = actions.groupby("action").agg(items=("item", "size"), **{name: (name, "sum") for name in amounts})
    return found.sort_values("gain", ascending=False, kind="stable").reset_index()


_AMOUNTS = ("freed_value", "cash", "purchase_avoided", "saved_holding", "avoided_write_off", "action_cost")
