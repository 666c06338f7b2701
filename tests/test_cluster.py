"""Reading on a Dask cluster: the same evidence as in one process, also when a worker is lost."""

import os
import signal
import subprocess
import sys
from typing import Any

import pandas as pd
import pytest

from expectations.errors import InputError
from flows.running import cluster as clusters
from flows.running.filereading import read_batch
from flows.running.reading import read_all
from tests.remotes import cluster
from tests.sinks import other_service
from transforms.evidence import assemble
from transforms.sample import write_county
from transforms.submissions import Inputs, discover

distributed = pytest.importorskip("distributed")
dask = pytest.importorskip("dask")

pytestmark = pytest.mark.xdist_group("cluster")
__all__ = ["cluster"]
WORKER = """
import asyncio, distributed
{other}
async def work():
    async with distributed.Worker("{scheduler}", nthreads=1, dashboard=False) as worker:
        await worker.finished()
if __name__ == "__main__":
    asyncio.run(work())
"""
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
    monkeypatch.setattr(clusters, "CONNECT_WITHIN", 1.0)
    with pytest.raises(InputError, match=r"连不上 Dask 集群 tcp://127.0.0.1:9"):
        read_all(inputs.files, None, "tcp://127.0.0.1:9", lambda _count: None)


def test_a_cluster_without_workers_is_named_and_not_waited_for(
    inputs: Inputs, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(clusters, "WORKERS_WITHIN", "1s")
    with (
        distributed.LocalCluster(n_workers=0, dashboard_address=None) as nobody,
        pytest.raises(InputError, match=r"没有工作进程，无人读取"),
    ):
        read_all(inputs.files, None, nobody.scheduler_address, lambda _count: None)


def test_a_cluster_that_loses_all_its_workers_is_named_and_not_waited_for_without_end(
    inputs: Inputs, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(clusters, "BATCH", 1)
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster:

        def take_the_last(count: int) -> None:
            if count:
                cluster.scale(0)

        with (
            dask.config.set({clusters.WORKERS_SETTING: "2s"}),
            pytest.raises(InputError, match=r"在运行中全部退出.*已读的文件不必重读"),
        ):
            read_all(inputs.files, None, cluster.scheduler_address, take_the_last)


@pytest.mark.parametrize("says", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b""])
def test_a_port_where_something_else_answers_is_no_cluster(
    inputs: Inputs, monkeypatch: pytest.MonkeyPatch, says: bytes
):
    monkeypatch.setattr(clusters, "CONNECT_WITHIN", 1.0)
    with other_service(says) as port, pytest.raises(InputError, match="连不上 Dask 集群"):
        read_all(inputs.files, None, f"tcp://127.0.0.1:{port}", lambda _count: None)


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (
            "import flows.identity; flows.identity.reading = lambda: 'of other days'",
            "不是同一版本的本程序，读出",
        ),
        ("import sys; sys.modules['flows'] = None", "中有的工作进程没有安装本程序"),
    ],
)
def test_a_worker_with_another_program_reads_nothing(inputs: Inputs, other: str, told: str):
    with distributed.LocalCluster(n_workers=0, dashboard_address=None) as alone:
        worker = [sys.executable, "-c", WORKER.format(other=other, scheduler=alone.scheduler_address)]
        with subprocess.Popen(worker, stderr=subprocess.DEVNULL) as running:
            with pytest.raises(InputError, match=told):
                read_all(inputs.files, None, alone.scheduler_address, lambda _count: None)
            running.kill()
