"""Reading on a Dask cluster: the same evidence as in one process, also when a worker is lost."""

import os
import signal
from typing import Any

import pandas as pd
import pytest

from expectations.errors import InputError
from flows.running import cluster as clusters
from flows.running.filereading import read_batch
from flows.running.reading import read_all
from tests.remotes import cluster
from transforms.evidence import assemble
from transforms.sample import write_county
from transforms.submissions import Inputs, discover

distributed = pytest.importorskip("distributed")

pytestmark = pytest.mark.xdist_group("cluster")
__all__ = ["cluster"]
FRAMES = ("bodies", "blocks", "facts", "labels", "cells", "problems")


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    folder = tmp_path_factory.mktemp("input")
    write_county(folder, 2020, departments=6, seed=5, defects=2)
    return discover(folder / "2020", 2020)


def test_two_workers_of_a_cluster_give_the_evidence_of_one_process(cluster: Any, inputs: Inputs):
    here = assemble([*read_batch(list(inputs.files)).values()], inputs)
    there = assemble(read_all(inputs.files, None, cluster.scheduler_address, lambda _count: None), inputs)
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(here, name), getattr(there, name))


def test_a_lost_worker_costs_nothing_but_time(cluster: Any, inputs: Inputs, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(clusters, "BATCH", 1)
    lost: list[int] = []

    def kill_one(count: int) -> None:
        if count and not lost:
            worker = next(iter(cluster.workers.values()))
            lost.append(worker.process.process.pid)
            os.kill(lost[0], signal.SIGKILL)

    readings = read_all(inputs.files, None, cluster.scheduler_address, kill_one)
    assert lost
    assert [reading.file for reading in readings] == [file.name for file in inputs.files]
    assert sum("异常退出" in detail for reading in readings for detail in reading.problems["detail"]) == 0


def test_a_cluster_that_is_not_there_is_named(inputs: Inputs, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(clusters, "CONNECT_WITHIN", "1s")
    with pytest.raises(InputError, match=r"连不上 Dask 集群 tcp://127.0.0.1:9"):
        read_all(inputs.files, None, "tcp://127.0.0.1:9", lambda _count: None)
