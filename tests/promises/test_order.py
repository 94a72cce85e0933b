"""Promise 3: any order gives the same alerts. Random trials against a slow reference, and mutations they have to catch.

`trial.run` delivers the same lines in random cuts, orders, delays and repeats, with imports of registers, detection,
compaction, commits inside runs and rival engines in between, and compares keys and all facts, the lines that alerts
lead to, cases, what is due afterwards, and the accounting of denied rows.
"""

import random
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from detections import engine, kinds, reconcile, rows
from store import Store, ledger, tables
from tests.promises import trial
from tests.promises.pack_of_trials import BOTH, RULES, THRESHOLD
from tests.promises.reference import DAY, HOUR, MINUTE
from tests.promises.trial import Shape

SEEDS = 8
LONG = 320
TRIES = 30
"""A mutation has to be caught within so many trials."""


def shape_of(seed: int) -> Shape:
    rnd = random.Random(-seed - 1)  # noqa: S311 - trials have to be repeatable
    return Shape(
        tenants=rnd.choice([1, 2, 3]), bursts=rnd.choice([3, 5]), deliveries=(2, 6), detect=0.35, compact=0.15,
        rules=tuple(rnd.sample(RULES, 2)), members=rnd.choice([2, 1000, 1000]), registers=rnd.random() < 0.7,
        edges=rnd.choice([(0,), (0, 0, HOUR), (0, DAY), (0, 5 * HOUR)]),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(SEEDS))
def test_any_order_gives_the_same_alerts(seed: int) -> None:
    assert trial.run(seed, shape_of(seed)) == []


def assert_one_of_many(seed: int) -> None:
    rnd = random.Random(seed)  # noqa: S311 - trials have to be repeatable
    shape = shape_of(seed) if rnd.random() < 0.7 else Shape(members=rnd.choice([2, 1000]))
    assert trial.run(seed, shape) == []


@pytest.mark.parametrize("seed", [1040, 1167], ids=["a number that crosses the limit and comes back", "parts overlap"])
def test_what_only_many_trials_have_found(seed: int) -> None:
    assert_one_of_many(seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1000, 1000 + LONG))
def test_any_order_gives_the_same_alerts_in_many_trials(seed: int) -> None:
    assert_one_of_many(seed)


# ------------------------------------------------------------------------------------------------------------ mutations

Mutation = Callable[[pytest.MonkeyPatch], None]
SMALL = Shape(
    tenants=1, bursts=2, burst=(30, 60), deliveries=(2, 5), rules=(THRESHOLD,), registers=False, findings=0.0, lost=0.0, detect=0.0, compact=0.0,
    commit_inside=0.0, rival=0.0, in_time=1.0, edges=(0,), widths=(100_000_000,),
)  # fmt: skip
"""A burst around midnight. What a mutation needs to bite is added to it."""


def no_reach(patch: pytest.MonkeyPatch) -> None:
    """A cell is due only by touches of its own hour."""
    patch.setattr(ledger, "reach", lambda one: (0, 0))


def rows_for_range(patch: pytest.MonkeyPatch) -> None:
    """Rows of one time no longer share a window."""
    patch.setattr(kinds, "FRAME", "ROWS")


def newest_mark(patch: pytest.MonkeyPatch) -> None:
    """The mark becomes the newest seq when the run writes, not the seq it has read."""
    patch.setattr(reconcile, "mark_of", lambda work, tx: tx.newest())


def no_forward_margin(patch: pytest.MonkeyPatch) -> None:
    """A cell reads what lies before its hour, but not after."""
    original = rows.margins
    patch.setattr(rows, "margins", lambda windows: (original(windows)[0], 0))


def one_input_replaces_the_other(patch: pytest.MonkeyPatch) -> None:
    """What the rows of two inputs say of an hour and entity is not merged."""
    patch.setattr(engine, "together", lambda one, other: other)


def compaction_takes_a_seq(patch: pytest.MonkeyPatch) -> None:
    """What is compacted counts as changed at one seq, the smallest of what went into it."""
    original = Store.compact

    def compact(self: Store, day: str | None = None) -> int:
        done = original(self, day)
        t = tables.touches
        with self.catalogue.write() as tx:
            held = list(tx.execute(sa.select(t).where(t.c["class"] == "network")))
            tx.execute(t.delete().where(t.c["class"] == "network"))
            low = min((r.seq for r in held), default=0)
            keys = sorted({(r.tenant, r.hour) for r in held})
            if keys:
                tx.execute(t.insert(), [{"seq": low, "class": "network", "tenant": n, "hour": h} for n, h in keys])
        return done

    patch.setattr(Store, "compact", compact)


def changed(**values: object) -> Shape:
    return Shape(**{**{name: getattr(SMALL, name) for name in SMALL.__dataclass_fields__}, **values})  # type: ignore[arg-type]  # a shape's own


@pytest.mark.parametrize(
    ("mutation", "shape"),
    [
        (no_reach, changed(detect=1.0)),
        (rows_for_range, changed(coarse=1.0, steps=(MINUTE,), widths=(12 * MINUTE,))),
        (newest_mark, changed(commit_inside=0.8, detect=0.7, deliveries=(4, 8), in_time=0.0)),
        (compaction_takes_a_seq, changed(compact=0.7, detect=0.7, deliveries=(4, 8), in_time=0.0)),
        (no_forward_margin, SMALL),
        (one_input_replaces_the_other, changed(rules=(BOTH,), findings=0.3)),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_broken_engine_is_caught(mutation: Mutation, shape: Shape) -> None:
    for seed in range(TRIES):
        if trial.run(seed, shape, change=mutation):
            assert trial.run(seed, shape) == [], "the same trial passes with the engine as it is"
            return
    pytest.fail(f"{mutation.__name__}: not caught in {TRIES} trials")
