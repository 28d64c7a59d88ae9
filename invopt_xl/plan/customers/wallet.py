"""What customers could spend on goods like these: as given, or what those spend who are like them and spend most.

Sales do not hold wallets: what is bought elsewhere is nowhere in them. Where somebody gives a customer's whole
spending, the share is of that. Elsewhere it is an estimate that no sale can bear out.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from invopt_xl.plan.customers.ranks import FloatArray, Texts

QUANTILE = 0.9
"""What nine in ten customers alike stay below is what any of them could spend."""

FEWEST_ALIKE = 20
"""Customers that such a quantile rests on at least."""

GIVEN, ESTIMATED, OWN = "given", "estimated", "own spending"
"""What a wallet is: the whole spending that somebody knows; what those alike stay below; or, where that is less, what
the customer spends here."""


def wallets(customers: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    """Return each customer's wallet, the share of it spent here, and where it comes from.

    Unless the whole spending is given, the wallet is the 0.9 quantile of what customers alike spend here, or the
    customer's own spending where that is more, which leaves nothing to win by this account. Alike are those of
    one group, where at least 20 of it bought; else all.

    Parameters
    ----------
    customers
        customer, monetary (money) and frequency, as `purchases.totals` returns them.
    accounts
        customer, group and spending (money), as admitted.

    Returns
    -------
    pandas.DataFrame
        wallet (money), wallet_share (0 to 1), wallet_basis (`GIVEN`, `ESTIMATED` or `OWN`) and told (the same in
        words), rows as `customers`; missing or blank where nothing is known.

    References
    ----------
    Perlich, C., Rosset, S., Lawrence, R. D., & Zadrozny, B. (2007). High-quantile modeling for customer wallet
    estimation and other applications. KDD-2007, 977-985: a realistic wallet is a high quantile of what customers
    alike spend. Theirs are alike by what is known of them from elsewhere; here that is the group.

    Examples
    --------
    >>> spent = pd.DataFrame({"customer": list("ab"), "monetary": [30.0, 10.0], "frequency": [2.0, 1.0]})
    >>> given = pd.DataFrame({"customer": ["a"], "group": [""], "spending": [120.0]})
    >>> wallets(spent, given)[["wallet", "wallet_share", "wallet_basis"]].values.tolist()
    [[120.0, 0.25, 'given'], [nan, nan, '']]
    """
    facts = accounts.set_index("customer").reindex(customers["customer"])
    monetary = customers["monetary"].to_numpy()
    spent = pd.Series(np.where(monetary > 0, monetary, np.nan))
    given = facts["spending"].to_numpy(dtype=np.float64)
    estimate, alike = _of_those_alike(spent, facts["group"].fillna("").to_numpy(dtype=object))
    wallet = np.where(np.isnan(given), np.maximum(estimate, spent), given)
    wallet = np.where(spent.isna(), np.nan, wallet)
    cases = [spent.isna(), ~np.isnan(given), np.isnan(estimate), spent >= estimate]
    told = np.select(
        cases,
        [
            "wallet: not judged, as no money is left after returns",
            "wallet: whole spending as given",
            f"wallet: not judged, as fewer than {FEWEST_ALIKE} customers bought",
            f"wallet: own spending, as {QUANTILE:.0%} of " + alike + " spend less",
        ],
        f"wallet: estimated, {QUANTILE:.0%} of " + alike + " spend less",
    )
    basis = np.select(cases, ["", GIVEN, "", OWN], ESTIMATED).astype(object)
    share = spent.to_numpy() / wallet
    return pd.DataFrame({"wallet": wallet, "wallet_share": share, "wallet_basis": basis, "told": told})


def _of_those_alike(spent: pd.Series[float], group: Texts) -> tuple[FloatArray, Texts]:
    """Return the quantile of what customers alike spent, for each customer, and who they are in words."""
    everyone = int(spent.notna().sum())
    estimate = np.full(len(spent), spent.quantile(QUANTILE) if everyone >= FEWEST_ALIKE else np.nan)
    alike = np.full(len(spent), f"all {everyone:,} customers", dtype=object)
    for name, members in spent.groupby(group):
        count = int(members.notna().sum())
        if name and count >= FEWEST_ALIKE:
            rows = members.index.to_numpy()
            estimate[rows] = members.quantile(QUANTILE)
            alike[rows] = f"{count:,} customers of group {name}"
    return estimate, alike
