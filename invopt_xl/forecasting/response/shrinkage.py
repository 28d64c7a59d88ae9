"""Empirical Bayes over a tree: effects of items drawn towards those of their group, and groups towards all.

An item's effects are normal around those of its group, a group's around those of the group above, and so on up to one
root with a given prior. What demand says of an item is its information and score, so an item that says nothing, or
nothing of one effect, needs no special care. Covariances of each floor are estimated by EM, as in Laird & Ware (1982),
Biometrics 38(4), with the means of groups integrated out, which is what restricted maximum likelihood does; a weak
inverse Wishart prior keeps them from zero where few children tell. Doubt about the mean of a group is part of the
doubt about its items; that about the covariances is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from invopt_xl.forecasting.panel.histories import Floats

Labels = npt.NDArray[np.intp]

PRIOR_WEIGHT = 2.0
"""The prior on a covariance counts as much as so many children more than there are effects."""


@dataclass(frozen=True, eq=False)
class Floor:
    """Estimates of one floor of the tree.

    Parameters
    ----------
    mean
        Posterior means, shape (nodes, effects).
    covariance
        Posterior covariances, shape (nodes, effects, effects).
    spread
        Covariance of the nodes around their parents, shape (effects, effects).
    own
        Share of the spread that the node's own data, and those below it, take away, shape (nodes, effects): 1 where its
        group adds nothing, 0 where it says nothing itself.
    """

    mean: Floats
    covariance: Floats
    spread: Floats
    own: Floats


@dataclass(frozen=True, eq=False)
class _Sent:
    """What a node knows from below, what of it reaches its parent, and its covariance given the parent."""

    information: Floats
    score: Floats
    given: Floats


def parents(paths: Sequence[npt.NDArray[np.str_]]) -> list[Labels]:
    """Return the parent of each node, floor by floor, from the names of an item's groups, the nearest first.

    Groups are told apart by the names of those above them as well. The last parent of all is the root.

    Examples
    --------
    >>> [each.tolist() for each in parents([np.array(["x", "y", "x"]), np.array(["a", "a", "b"])])]
    [[0, 2, 1], [0, 1, 0], [0, 0]]
    """
    found: list[Labels] = []
    members = np.arange(len(paths[0])) if paths else np.zeros(0, dtype=np.intp)
    numbered = [np.unique(names.astype(np.str_), return_inverse=True)[1] for names in paths]
    for floor in range(len(paths)):
        _, first, place = np.unique(np.stack(numbered[floor:]), axis=1, return_index=True, return_inverse=True)
        found.append(np.asarray(place.ravel()[members], dtype=np.intp))
        members = first
    return [*found, np.zeros(len(members), dtype=np.intp)]


def shrink(
    information: Floats,
    score: Floats,
    above: Sequence[Labels],
    spreads: Sequence[Floats],
    root: tuple[Floats, Floats],
) -> list[Floor]:
    """Return the estimates of every floor, items first, given the covariances.

    Parameters
    ----------
    information, score
        What the data say of each item: the log likelihood is -b'Hb/2 + b's; shapes (items, effects, effects) and
        (items, effects).
    above
        As `parents` returns it.
    spreads
        Covariance of each floor's nodes around their parents.
    root
        Mean and covariance of the root before any data.

    Examples
    --------
    >>> says, told = np.full((2, 1, 1), 4.0), np.array([[-8.0], [-16.0]])  # estimates -2 and -4, variance 1/4
    >>> same = np.zeros(2, dtype=np.intp)
    >>> items, = shrink(says, told, [same], [np.array([[0.25]])], (np.zeros(1), np.eye(1) * 1e6))
    >>> items.mean.round(2).ravel().tolist(), items.own.ravel().tolist()
    ([-2.5, -3.5], [0.5, 0.5])
    """
    below, sent = (information, score), []
    for parent, spread in zip(above, spreads, strict=True):
        sent.append(_send(*below, spread))
        below = _gather(sent[-1], *below, parent)
    precision = np.linalg.inv(root[1])
    covariance = np.linalg.inv(precision + below[0])
    mean = np.einsum("nij,nj->ni", covariance, below[1] + precision @ root[0])
    floors = []
    for parent, spread, node in zip(reversed(above), reversed(spreads), reversed(sent), strict=True):
        keep = np.eye(len(root[0])) - node.given @ node.information
        own = np.einsum("nij,nj->ni", node.given, node.score)
        mean = own + np.einsum("nij,nj->ni", keep, mean[parent])
        covariance = node.given + keep @ covariance[parent] @ keep.transpose(0, 2, 1)
        share = 1 - np.diagonal(node.given, axis1=1, axis2=2) / np.diag(spread)
        floors.append(Floor(mean, covariance, spread, np.clip(share, 0.0, 1.0)))
    return floors[::-1]


def learn_spreads(
    information: Floats,
    score: Floats,
    above: Sequence[Labels],
    spreads: Sequence[Floats],
    prior: tuple[tuple[Floats, Floats], Floats],
    steps: int,
) -> list[Floats]:
    """Return the covariances of the floors after so many steps of EM.

    Parameters
    ----------
    information, score, above, spreads
        As in `shrink`; the covariances to start from.
    prior
        The root, as in `shrink`, and the covariance that is expected of every floor before any data.
    steps
        Steps of EM.
    """
    root, expected = prior
    weight = len(expected) + PRIOR_WEIGHT
    spreads = list(spreads)
    for _ in range(steps):
        floors = shrink(information, score, above, spreads, root)
        below, learnt = (information, score), []
        for floor, (parent, spread) in enumerate(zip(above, spreads, strict=True)):
            node = _send(*below, spread)
            up = floors[floor + 1] if floor + 1 < len(floors) else _root_of(node, below, parent, root)
            learnt.append(_learnt(node, up, parent, weight * expected, weight))
            below = _gather(node, *below, parent)
        spreads = learnt
    return spreads


def _send(information: Floats, score: Floats, spread: Floats) -> _Sent:
    given = np.asarray(spread @ np.linalg.inv(np.eye(len(spread)) + information @ spread))
    return _Sent(information, score, (given + given.transpose(0, 2, 1)) / 2)


def _gather(node: _Sent, information: Floats, score: Floats, parent: Labels) -> tuple[Floats, Floats]:
    """Return what the parents learn from their children: (T + 1/H)^-1 = H - H (H + 1/T)^-1 H."""
    pull = np.eye(score.shape[1]) - information @ node.given
    says, told = pull @ information, np.einsum("nij,nj->ni", pull, score)
    count = int(parent.max(initial=-1)) + 1
    gathered, scores = np.zeros((count, *information.shape[1:])), np.zeros((count, score.shape[1]))
    np.add.at(gathered, parent, says)
    np.add.at(scores, parent, told)
    return gathered, scores


def _root_of(node: _Sent, below: tuple[Floats, Floats], parent: Labels, root: tuple[Floats, Floats]) -> Floor:
    precision = np.linalg.inv(root[1])
    says, told = _gather(node, *below, parent)
    covariance = np.asarray(np.linalg.inv(precision + says), dtype=np.float64)
    mean = np.einsum("nij,nj->ni", covariance, told + precision @ root[0])
    return Floor(mean, covariance, root[1], np.ones_like(mean))


def _learnt(node: _Sent, up: Floor, parent: Labels, prior: Floats, weight: float) -> Floats:
    """Return the expected covariance of children around their parents; children that say nothing have no part."""
    telling = np.trace(node.information, axis1=1, axis2=2) > 0
    given, says = node.given[telling], node.information[telling]
    at = parent[telling]
    off = np.einsum("nij,nj->ni", given, node.score[telling] - np.einsum("nij,nj->ni", says, up.mean[at]))
    reach = given @ says
    total = given + reach @ up.covariance[at] @ reach.transpose(0, 2, 1) + off[:, :, None] * off[:, None, :]
    return np.asarray((total.sum(axis=0) + prior) / (len(given) + weight))
