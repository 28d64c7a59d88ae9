import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from counted_progress import Counted
from demand_series import autoregressive, monthly, random_walk, weekly

from invopt_xl.cache import ContentCache
from invopt_xl.domain import Forecast
from invopt_xl.domain.forecast import FloatArray
from invopt_xl.errors import InputError
from invopt_xl.forecasting import batch, forecast, forecast_many, pool, single
from invopt_xl.forecasting.settings import Settings

# Every route: searched, rare, dormant, short; and one history twice.
CATALOGUE: list[FloatArray] = [
    weekly(1), autoregressive(2), np.array([0, 0, 3.0, 0, 0, 2, 0, 0, 0, 1]), np.zeros(20), np.array([4.0, 5]),
    random_walk(3), weekly(1),
]  # fmt: skip


def assert_same(first: list[Forecast], second: list[Forecast]) -> None:
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one.paths, other.paths)
        assert (one.model, one.reason, one.notes) == (other.model, other.reason, other.notes)


def task_of(history: FloatArray, how: Settings | None = None) -> single.Task:
    return single.Task.of(history, None, 5, how or Settings())


@pytest.fixture
def workers_always_pay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "SEARCHES_PER_WORKER", 1)


def test_many_forecasts_equal_those_one_by_one() -> None:
    many = forecast_many(CATALOGUE, 5, season=52, paths=100, workers=1)
    assert_same(many, [forecast(history, 5, season=52, paths=100) for history in CATALOGUE])


@pytest.mark.usefixtures("workers_always_pay")
def test_forecasts_are_the_same_in_processes_and_from_the_cache(tmp_path: Path) -> None:
    serial = forecast_many(CATALOGUE, 5, paths=100, workers=1)
    with ContentCache(tmp_path) as cache:
        assert_same(forecast_many(CATALOGUE, 5, paths=100, workers=2, cache=cache), serial)
        assert_same(forecast_many(CATALOGUE, 5, paths=100, workers=2, cache=cache), serial)


def test_equal_histories_are_fitted_once_and_known_ones_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    solved: list[single.Task] = []

    def noted(task: single.Task, state: object) -> single.Solved:
        solved.append(task)
        return single.solve(task)

    monkeypatch.setattr(batch, "solve_here", noted)
    with ContentCache(tmp_path) as cache:
        forecast_many(CATALOGUE, 5, paths=50, cache=cache, workers=1)
        assert len(solved) == len(CATALOGUE) - 1
        changed = [*CATALOGUE[:2], CATALOGUE[2] + 1, *CATALOGUE[3:]]
        forecast_many(changed, 5, paths=50, cache=cache, workers=1)
        assert len(solved) == len(CATALOGUE)
        np.testing.assert_array_equal(solved[-1].history, CATALOGUE[2] + 1)


@pytest.mark.parametrize(
    "other",
    [{"season": 2}, {"method": "theta"}, {"engine": "pmdarima"}, {"paths": 51}, {"order": (0, 1, 1)}],
    ids=str,
)
def test_another_setting_is_another_forecast(other: dict[str, object]) -> None:
    usual = task_of(CATALOGUE[0])
    assert task_of(CATALOGUE[0]).key == usual.key
    assert task_of(CATALOGUE[0], Settings(**other)).key != usual.key  # type: ignore[arg-type]
    assert single.Task.of(CATALOGUE[0], np.arange(53) > 0, 5, Settings()).key != usual.key


def test_progress_counts_every_item() -> None:
    counted = Counted()
    forecast_many(CATALOGUE, 5, method="theta", paths=50, progress=counted)
    assert counted.stages == [("Forecasting", len(CATALOGUE))]
    assert counted.steps == len(CATALOGUE)


def test_the_history_that_cannot_be_is_named() -> None:
    with pytest.raises(InputError, match="history 2 of 2: demand in period 1 of 1 is -3; expected zero to 1e"):
        forecast_many([np.array([1.0]), np.array([-3.0])], 5)
    with pytest.raises(InputError, match="number of in_stock rows is 1; expected 2, one per history"):
        forecast_many([np.array([1.0]), np.array([3.0])], 5, in_stock=[None])


def test_nothing_to_forecast_is_nothing() -> None:
    assert forecast_many([], 5) == []


@pytest.mark.usefixtures("workers_always_pay")
def test_a_worker_that_crashes_costs_its_item_the_search_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The worker dies on the history that begins with 99, as a fault in a compiled library would kill it.
    program = (
        "import os, numpy, invopt_xl.forecasting.worker as worker\n"
        "solve = worker.solve\n"
        "worker.solve = lambda task, state: os._exit(9) if task.history[0] == 99 else solve(task, state)\n"
        "worker.main()"
    )
    monkeypatch.setattr(pool, "worker_command", lambda: [sys.executable, "-c", program])
    fatal = np.r_[99.0, weekly(4)]
    histories = [weekly(1), fatal, random_walk(3), weekly(5)]
    with ContentCache(tmp_path) as cache:
        made = forecast_many(histories, 5, paths=50, workers=2, cache=cache)
        assert made[1].model == "SES"
        assert made[1].reason.startswith("the search for models crashed (exit code 9)")
        assert "search failed" in made[1].notes
        assert cache.get(task_of(fatal, Settings(paths=50)).key) is None
    sound = [forecast(history, 5, paths=50) for history in (weekly(1), random_walk(3), weekly(5))]
    assert_same([made[0], *made[2:]], sound)


@pytest.mark.usefixtures("workers_always_pay")
def test_a_search_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    program = (
        "import time, invopt_xl.forecasting.worker as worker\n"
        "worker.solve = lambda task, state: time.sleep(60)\n"
        "worker.main()"
    )
    monkeypatch.setattr(pool, "worker_command", lambda: [sys.executable, "-c", program])
    monkeypatch.setattr(pool, "SECONDS_PER_ITEM", 0.2)
    made = forecast_many([weekly(1), weekly(2)], 5, paths=50, workers=2)
    assert all(one.reason.startswith("the search for models took too long") for one in made)
    assert all("search failed" in one.notes for one in made)


@pytest.mark.usefixtures("workers_always_pay")
@pytest.mark.parametrize("command", [["/nonexistent/python"], [sys.executable, "-c", "raise SystemExit(3)"]])
def test_where_no_process_starts_the_work_is_done_here(command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "worker_command", lambda: command)
    histories = [weekly(1), weekly(2)]
    assert_same(
        forecast_many(histories, 5, paths=50, workers=2), [forecast(history, 5, paths=50) for history in histories]
    )


@pytest.mark.usefixtures("workers_always_pay")
def test_a_process_that_never_says_it_is_ready_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "worker_command", lambda: [sys.executable, "-c", "import time; time.sleep(120)"])
    monkeypatch.setattr(pool, "SECONDS_TO_START", 0.2)
    histories = [weekly(1), weekly(2)]
    began = time.monotonic()
    made = forecast_many(histories, 5, paths=50, workers=2)
    assert time.monotonic() - began < 20
    assert_same(made, [forecast(history, 5, paths=50) for history in histories])


@pytest.mark.usefixtures("workers_always_pay")
def test_an_answer_that_makes_no_sense_costs_its_item_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    program = (
        "import numpy, invopt_xl.forecasting.worker as worker\n"
        "whole = worker.solved_arrays\n"
        "worker.solved_arrays = lambda made: {'paths': made[0].paths} if made[0].paths.max() > 90 else whole(made)\n"
        "worker.main()"
    )
    monkeypatch.setattr(pool, "worker_command", lambda: [sys.executable, "-c", program])
    made = forecast_many([weekly(1), weekly(2) * 100, weekly(3)], 5, method="median", paths=50, workers=2)
    assert made[1].reason.startswith("the search for models failed (KeyError: 'text')")
    assert_same([made[0], made[2]], [forecast(weekly(seed), 5, method="median", paths=50) for seed in (1, 3)])


@pytest.mark.usefixtures("workers_always_pay")
def test_a_fault_while_a_task_is_handed_over_is_an_outcome_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(pool.Worker, "_started", fault)
    made = forecast_many([weekly(1), weekly(2)], 5, paths=50, workers=2)
    words = "the search for models could not be run (RuntimeError: can't start new thread)"
    assert all(one.reason.startswith(words) and "search failed" in one.notes for one in made)


SCRIPT = """
import os, signal, sys, numpy as np
from invopt_xl.forecasting import batch, forecast_many
batch.SEARCHES_PER_WORKER = 1

class Told:
    def stage(self, name, steps=0): pass
    def advance(self, steps=1):
        print("advanced", flush=True)
        if "interrupt" in sys.argv:
            sys.stdin.readline()
            # As a terminal does: to the run and to its workers.
            os.killpg(0, signal.SIGINT) if hasattr(os, "killpg") else signal.raise_signal(signal.SIGINT)

histories = [np.random.default_rng(seed).poisson(30, 60).astype(float) for seed in range(int(sys.argv[1]))]
try:
    forecast_many(histories, 5, paths=50, workers=2, progress=Told())
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def started(script: Path, *arguments: str) -> tuple[subprocess.Popen[str], list[psutil.Process]]:
    """Return a run that has begun to forecast, and its workers."""
    script.write_text(SCRIPT)
    run = subprocess.Popen(
        [sys.executable, script, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, start_new_session=True,
    )  # fmt: skip
    assert run.stdout is not None
    assert run.stdout.readline() == "advanced\n"
    workers = psutil.Process(run.pid).children()
    assert len(workers) == 2
    return run, workers


def test_a_script_without_a_guard_can_use_processes(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    done = subprocess.run([sys.executable, script, "3"], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout.split(), done.stderr) == (["advanced"] * 3, "")


def test_ctrl_c_ends_the_run_and_its_workers_without_a_traceback(tmp_path: Path) -> None:
    run, workers = started(tmp_path / "script.py", "500", "interrupt")
    out, err = run.communicate("now\n", timeout=60)
    assert (out, err) == ("interrupted\n", "")
    assert not any(worker.is_running() for worker in workers)


def test_workers_do_not_outlive_a_run_that_is_killed(tmp_path: Path) -> None:
    run, workers = started(tmp_path / "script.py", "500")
    run.kill()
    run.communicate(timeout=60)
    _, alive = psutil.wait_procs(workers, timeout=60)
    assert not alive


def test_a_kept_forecast_keeps_its_notes(tmp_path: Path) -> None:
    with ContentCache(tmp_path) as cache:
        twice = [forecast_many([np.array([4.0, 5, np.nan, 6])], 5, paths=50, cache=cache)[0] for _ in range(2)]
    assert_same(twice[:1], twice[1:])
    assert twice[1].notes == {"unknown periods", "short"}


def test_the_room_is_cheap_to_import() -> None:
    program = (
        "import sys, invopt_xl.forecasting\n"
        "heavy = {'pandas', 'scipy', 'statsforecast', 'pmdarima', 'statsmodels', 'diskcache'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=10)


def test_the_next_refresh_continues_models_and_equals_them_searched_when_nothing_surprised(tmp_path: Path) -> None:
    before, now = [monthly(seed)[:-1] for seed in (1, 2)], [monthly(seed) for seed in (1, 2)]
    with ContentCache(tmp_path) as cache:
        forecast_many(before, 6, season=12, cache=cache, workers=1)
        continued = forecast_many(now, 6, season=12, cache=cache, workers=1)
    for one, afresh in zip(continued, forecast_many(now, 6, season=12, workers=1), strict=True):
        assert "models of 1 period ago continued" in one.reason
        assert (one.notes, afresh.notes) == ({"continued"}, set())
        np.testing.assert_allclose(one.mean, afresh.mean, rtol=0.05)


def test_where_equal_histories_must_have_equal_forecasts_nothing_is_continued(tmp_path: Path) -> None:
    now = [monthly(seed) for seed in (1, 2)]
    with ContentCache(tmp_path) as cache:
        forecast_many([history[:-1] for history in now], 6, season=12, cache=cache, workers=1)
        forecast_many(now, 6, season=12, cache=cache, workers=1)  # continued, and kept
        made, kept = (forecast_many(now, 6, season=12, cache=cache, continued=False, workers=1) for _ in range(2))
    afresh = forecast_many(now, 6, season=12, workers=1)
    assert_same(made, afresh)
    assert_same(kept, afresh)


def test_models_are_continued_in_processes_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "UPDATES_PER_WORKER", 1)
    before, now = [monthly(seed)[:-1] for seed in (1, 2)], [monthly(seed) for seed in (1, 2)]
    with ContentCache(tmp_path / "one") as one, ContentCache(tmp_path / "two") as two:
        for cache in (one, two):
            forecast_many(before, 6, season=12, cache=cache, workers=1)
        serial = forecast_many(now, 6, season=12, cache=one, workers=1)
        assert_same(forecast_many(now, 6, season=12, cache=two, workers=2), serial)


@pytest.mark.parametrize("other", [{"season": 4}, {"method": "theta"}, {"order": (0, 1, 1)}], ids=str)
def test_models_are_not_continued_under_other_settings(tmp_path: Path, other: dict[str, Any]) -> None:
    with ContentCache(tmp_path) as cache:
        forecast_many([monthly(1)[:-1]], 6, season=12, cache=cache)
        (made,) = forecast_many([monthly(1)], 6, **{"season": 12, **other}, cache=cache)
    assert "continued" not in made.reason


def test_a_fault_of_the_program_costs_one_item_alike_here_and_in_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    program = (
        "import invopt_xl.forecasting.worker as worker\n"
        "solve = worker.solve\n"
        "worker.solve = lambda task, state: 1 / 0 if task.history[0] == 99 else solve(task, state)\n"
        "worker.main()"
    )
    histories = [np.r_[99.0, weekly(4)], weekly(1)]
    monkeypatch.setattr(batch, "SEARCHES_PER_WORKER", 1)
    monkeypatch.setattr(pool, "worker_command", lambda: [sys.executable, "-c", program])
    apart = forecast_many(histories, 5, paths=50, workers=2)
    solve = pool.solve
    monkeypatch.setattr(pool, "solve", lambda task, state: 1 / 0 if task.history[0] == 99 else solve(task, state))
    assert_same(forecast_many(histories, 5, paths=50, workers=1), apart)
    assert apart[0].reason.startswith("the search for models failed (ZeroDivisionError: division by zero)")


@pytest.mark.usefixtures("workers_always_pay")
def test_numbers_of_any_library_are_the_same_settings() -> None:
    histories = [weekly(1), weekly(2)]
    plain = forecast_many(histories, 5, season=4, method="seasonal_naive", paths=50, workers=1)
    numbers = {"season": np.float64(4), "paths": np.int32(50)}
    other = forecast_many(histories, np.int64(5), **numbers, method="seasonal_naive", workers=2)  # type: ignore[arg-type]
    assert_same(plain, other)


def test_a_last_digit_moves_no_shock() -> None:
    one, other = forecast(weekly(1), 5), forecast(weekly(1) * (1 + 1e-12), 5)
    np.testing.assert_allclose(one.paths, other.paths, rtol=1e-4)
