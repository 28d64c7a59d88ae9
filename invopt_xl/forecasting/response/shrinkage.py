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
class Told:
    """What data say of nodes: the log likelihood of effects b is -b'Hb/2 + b's.

    Parameters
    ----------
    information, score
        H and s, shapes (nodes, effects, effects) and (nodes, effects).
    """

    information: Floats
    score: Floats


@dataclass(frozen=True, eq=False)
class Tree:
    """Items, their groups, and what is known before any data.

    Parameters
    ----------
    above
        As `parents` returns it.
    mean, covariance
        Of the root before any data.
    shared
        Covariance of what children of a node have in common by chance, for each floor of groups, the root apart; shapes
        (nodes, effects, effects). None where it is not known.
    """

    above: tuple[Labels, ...]
    mean: Floats
    covariance: Floats
    shared: tuple[Floats, ...] | None = None


@dataclass(frozen=True, eq=False)
class _Sent:
    """What a node knows from below, and its covariance given the parent."""

    told: Told
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


def shrink(told: Told, tree: Tree, spreads: Sequence[Floats]) -> list[Floor]:
    """Return the estimates of every floor, items first and the root last, given the covariances.

    Parameters
    ----------
    told
        What the data say of each item.
    tree
        The items' groups.
    spreads
        Covariance of each floor's nodes around their parents, the root apart.

    Examples
    --------
    >>> told = Told(np.full((2, 1, 1), 4.0), np.array([[-8.0], [-16.0]]))  # estimates -2 and -4, variance 1/4
    >>> tree = Tree((np.zeros(2, dtype=np.intp),), np.zeros(1), np.eye(1) * 1e6)
    >>> items, root = shrink(told, tree, [np.array([[0.25]])])
    >>> items.mean.round(2).ravel().tolist(), items.own.ravel().tolist()
    ([-2.5, -3.5], [0.5, 0.5])
    """
    sent, top = _climb(told, tree, spreads)
    precision = np.linalg.inv(tree.covariance)
    covariance = np.asarray(np.linalg.inv(precision + top.information), dtype=np.float64)
    mean = np.einsum("nij,nj->ni", covariance, top.score + precision @ tree.mean)
    floors = [Floor(mean, covariance, tree.covariance, np.ones_like(mean))]
    for parent, spread, node in zip(reversed(tree.above), reversed(spreads), reversed(sent), strict=True):
        keep = np.eye(len(tree.mean)) - node.given @ node.told.information
        own = np.einsum("nij,nj->ni", node.given, node.told.score)
        mean = own + np.einsum("nij,nj->ni", keep, mean[parent])
        covariance = node.given + keep @ covariance[parent] @ keep.transpose(0, 2, 1)
        share = 1 - np.diagonal(node.given, axis1=1, axis2=2) / np.diag(spread)
        floors.append(Floor(mean, covariance, spread, np.clip(share, 0.0, 1.0)))
    return floors[::-1]


def learn_spreads(told: Told, tree: Tree, spreads: Sequence[Floats], expected: Floats, steps: int) -> list[Floats]:
    """Return the covariances of the floors after so many steps of EM.

    Parameters
    ----------
    told, tree, spreads
        As in `shrink`; the covariances to start from.
    expected
        The covariance that is expected of every floor before any data.
    steps
        Steps of EM.
    """
    weight = len(expected) + PRIOR_WEIGHT
    spreads = list(spreads)
    for _ in range(steps):
        floors = shrink(told, tree, spreads)
        sent, _ = _climb(told, tree, spreads)
        spreads = [
            _learnt(node, up, parent, weight * expected, weight)
            for node, up, parent in zip(sent, floors[1:], tree.above, strict=True)
        ]
    return spreads


def pooled(told: Told, parent: Labels) -> Told:
    """Return what the data say of groups if all children of a group were the same."""
    count = int(parent.max(initial=-1)) + 1
    size = told.score.shape[1]
    information, score = np.zeros((count, size, size)), np.zeros((count, size))
    np.add.at(information, parent, told.information)
    np.add.at(score, parent, told.score)
    return Told(information, score)


def _climb(told: Told, tree: Tree, spreads: Sequence[Floats]) -> tuple[list[_Sent], Told]:
    """Return what every node knows from below, floor by floor, and what the root does."""
    sent = []
    for floor, (parent, spread) in enumerate(zip(tree.above, spreads, strict=True)):
        sent.append(_send(told, spread))
        told = pooled(_blurred(sent[-1]), parent)
        if tree.shared is not None and floor < len(tree.shared):
            told = _blurred(_send(told, tree.shared[floor]))
    return sent, told


def _send(told: Told, spread: Floats) -> _Sent:
    given = np.asarray(spread @ np.linalg.inv(np.eye(told.score.shape[1]) + told.information @ spread))
    return _Sent(told, (given + given.swapaxes(-1, -2)) / 2)


def _blurred(node: _Sent) -> Told:
    """Return what data say of the parent, a spread away: (T + 1/H)^-1 = H - H (H + 1/T)^-1 H."""
    pull = np.eye(node.told.score.shape[1]) - node.told.information @ node.given
    return Told(pull @ node.told.information, np.einsum("nij,nj->ni", pull, node.told.score))


def _learnt(node: _Sent, up: Floor, parent: Labels, prior: Floats, weight: float) -> Floats:
    """Return the expected covariance of children around their parents; children that say nothing have no part."""
    telling = np.trace(node.told.information, axis1=1, axis2=2) > 0
    given, says = node.given[telling], node.told.information[telling]
    at = parent[telling]
    off = np.einsum("nij,nj->ni", given, node.told.score[telling] - np.einsum("nij,nj->ni", says, up.mean[at]))
    reach = given @ says
    total = given + reach @ up.covariance[at] @ reach.transpose(0, 2, 1) + off[:, :, None] * off[:, None, :]
    return np.asarray((total.sum(axis=0) + prior) / (len(given) + weight))
