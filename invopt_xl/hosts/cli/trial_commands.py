"""The commands that try out: policies on the past, and a plan with other input."""

from __future__ import annotations

from invopt_xl.hosts.cli import options as given
from invopt_xl.hosts.cli.running import PLAIN, Manner, carry_out, with_usual_options

REPLAY_EXAMPLES = (
    "Examples:\n\n"
    "invopt replay workbooks/grocery.xlsx --output replay.xlsx\n\n"
    "invopt replay tables --policies ours,textbook --service 0.98 --weigh lines\n\n"
    "invopt replay tables --periods 26 --draws 20 --json"
)

WHAT_IF_EXAMPLES = (
    "Examples:\n\n"
    "invopt what-if workbooks/grocery.xlsx --change lead_time_days*0.5\n\n"
    'invopt what-if workbooks/grocery.xlsx --change demand+20% --change service_target=0.99 --name "a good year"\n\n'
    'invopt what-if tables --change "unit_cost+5%@supplier=North" --no-replay --output costs.xlsx\n\n'
    "invopt what-if tables --change outage=North:6 --output outage.csv"
)


@with_usual_options
def replay(
    source: given.Replayed,
    policies: given.Policies = "ours,uniform,textbook",
    service: given.Service = 0.95,
    measure: given.ServiceMeasure = "fill",
    weigh: given.Weighting = "value",
    periods: given.ReplayPeriods = None,
    draws: given.Draws = 8,
    output: given.ReplayFile = None,
    manner: Manner = PLAIN,
) -> int:
    """Replay stock policies on the last part of real history: what service each would have given, with what stock.

    At every review each policy knows only what was known by then. Policies are compared by the stock they hold where
    they achieve the same fill rate, beside a spreadsheet's moving average and safety factor.
    """
    from invopt_xl.hosts.cli.replay import make_replay, policy_names
    from invopt_xl.hosts.cli.replay_show import replay_parts, replay_summary
    from invopt_xl.plan.replay.run import Question

    question = Question(policy_names(policies), service, measure, weigh, periods, draws)
    return carry_out(
        lambda run: make_replay(source, question, run, output=output),
        lambda replayed: replayed.done,
        lambda report, replayed: report.result(lambda _: replay_parts(replayed), lambda: replay_summary(replayed)),
        manner,
    )


@with_usual_options
def what_if(
    source: given.Planned,
    change: given.Changes,
    name: given.ScenarioName = "",
    no_replay: given.NoReplay = False,
    output: given.WhatIfFile = None,
    manner: Manner = PLAIN,
) -> int:
    """Change some of the input; see the plan, and its replay on the past, beside today's.

    A change is a column or parameter, then `*`, `/`, `+`, `-` or `=` and a number, or a percentage: `demand+20%`,
    `moq=1`, `holding_rate=0.3`. `@item=A1`, `@supplier=North` or `@location=MAIN` after it says for which items.
    `outage=North:6` is a supplier that delivers nothing for six periods. All changes together are one scenario; the
    source stays as it is.
    """
    from invopt_xl.hosts.cli.what_if import weigh
    from invopt_xl.hosts.cli.what_if_show import what_if_parts, what_if_summary

    return carry_out(
        lambda run: weigh(source, change, run, name=name, replayed=not no_replay, output=output),
        lambda weighed: weighed.done,
        lambda report, weighed: report.result(lambda _: what_if_parts(weighed), lambda: what_if_summary(weighed)),
        manner,
    )
