"""x."""

from __future__ import annotations

import time

from invopt_xl.optimise.local_search.tables import state_of, tables_of


def improved(work, quantity, deadline, seed=7, moves=None, hot=20.0, cold=0.05, chunk=100, relax=0.95, until=0.8, mix=(4,16,0.65,0.85,0.05), up=1.1, trace=None):
    from invopt_xl.optimise.local_search.evaluator import keep_best, take_stock
    from invopt_xl.optimise.local_search.moves import adapt, anneal

    tables = tables_of(work)
    state = state_of(work, quantity, seed)
    take_stock(tables, state)
    anneal(tables, state, 0, 1.0, mix); start = time.monotonic()
    keep_best(state)
    done = 0
    while True:
        now = time.monotonic()
        share = (now - start) / (deadline - start) if moves is None else done / moves
        if share >= 1:
            break
        temperature = hot * (cold / hot) ** share
        for _ in range(10):
            anneal(tables, state, chunk // 10, temperature, mix)
            adapt(tables, state, up, relax if share < until else 1.0, 0.998 if share < until else 1.0)
        take_stock(tables, state)
        done += chunk
        if trace is not None:
            trace(now - start, done, temperature, state)
    return work.fixed + state.best * work.problem.lot_size[:, None]
