"""Inputs and outputs in an object store: a real S3 server on this machine, a release put up whole or not at all."""

import json
from pathlib import Path

import pytest

from expectations.errors import InputError, PublicationError
from flows import remote
from flows.published.publish import publish
from flows.remote import fetch_inputs, local_folders, put_up, store
from tests.remotes import bucket
from tests.test_publish import a_release

s3fs = pytest.importorskip("s3fs")

__all__ = ["bucket"]


@pytest.fixture(autouse=True)
def staging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "prefect_home", lambda: tmp_path / ".prefect")


def test_only_objects_that_changed_are_fetched_again(
    bucket: s3fs.S3FileSystem, monkeypatch: pytest.MonkeyPatch
):
    bucket.pipe({"county/in/2020/101_教育局/a.xlsx": b"a", "county/in/2020/b.xlsx": b"b"})
    source = store("s3://county/in")
    folder = fetch_inputs(source, 2020)
    assert (folder / "2020" / "101_教育局" / "a.xlsx").read_bytes() == b"a"
    fetched: list[str] = []
    fetch = remote.Store.fetch
    monkeypatch.setattr(
        remote.Store, "fetch", lambda self, name, path: (fetched.append(name), fetch(self, name, path))
    )
    bucket.pipe("county/in/2020/b.xlsx", b"changed")
    bucket.rm("county/in/2020/101_教育局/a.xlsx")
    bucket.invalidate_cache()
    assert fetch_inputs(source, 2020) == folder
    assert fetched == ["2020/b.xlsx"]
    assert [path.name for path in (folder / "2020").rglob("*.xlsx")] == ["b.xlsx"]
    assert (folder / "2020" / "b.xlsx").read_bytes() == b"changed"


@pytest.mark.parametrize(
    ("sent", "published"),
    [
        ("s3://county/in", "s3://county/in"),
        ("s3://county/in/", "s3a://county/in"),
        ("s3://county/in", "s3://county/in/2020/out"),
        ("s3://county/out/2020/sent", "s3://county/out"),
    ],
)
def test_a_release_that_would_lie_among_the_inputs_of_a_store_is_refused_before_anything_is_fetched(
    sent: str, published: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(remote.Store, "names", lambda *_: pytest.fail("the store was asked"))
    with pytest.raises(
        InputError, match=f"成果会写入 {published.rstrip('/')}/2020，报送材料在 {sent.rstrip('/')}/2020，"
    ):
        remote.local_folders(sent, published, 2020).__enter__()


def test_places_side_by_side_in_a_store_are_apart(bucket: s3fs.S3FileSystem):
    bucket.pipe("county/side/2020/b.xlsx", b"b")
    with remote.local_folders("s3://county/side", "s3://county/side/out", 2020) as (inputs, output):
        assert (inputs / "2020" / "b.xlsx").read_bytes() == b"b"
        assert output != inputs


def test_the_pointer_names_a_whole_release_and_the_former_one_stays(
    bucket: s3fs.S3FileSystem, tmp_path: Path
):
    target = store("s3://county/out")
    pointers = []
    for number in (1, 2):
        folder = publish(a_release(run={"year": 2020, "number": number}), tmp_path / "output")
        put_up(tmp_path / "output", target, 2020)
        pointers.append(json.loads(bucket.cat("county/out/2020/release.json")))
        base = f"county/out/{pointers[-1]['release']}"
        assert all(
            bucket.cat(f"{base}/{name}") == (folder / name).read_bytes() for name in pointers[-1]["outputs"]
        )
    former = json.loads(bucket.cat(f"county/out/{pointers[0]['release']}/run.json"))
    assert former["number"] == 1
    assert pointers[0] != pointers[1]


def outputs_of(pointer: bytes) -> list[str]:
    """The files that a pointer names."""
    return list(json.loads(pointer)["outputs"])


def test_a_release_that_cannot_be_put_up_leaves_the_pointer_where_it_was(
    bucket: s3fs.S3FileSystem, tmp_path: Path
):
    target = store("s3://county/third")
    publish(a_release(), tmp_path / "output")
    put_up(tmp_path / "output", target, 2020)
    before = bucket.cat("county/third/2020/release.json")

    folder = publish(a_release(run={"year": 2020, "number": 2}), tmp_path / "output")
    (folder / max(outputs_of(before))).unlink()
    with pytest.raises(PublicationError, match="原有的成果未改动"):
        put_up(tmp_path / "output", target, 2020)
    assert bucket.cat("county/third/2020/release.json") == before


def test_a_store_without_files_or_of_an_unknown_kind_is_named(bucket: s3fs.S3FileSystem):
    with pytest.raises(InputError, match="没有文件"):
        fetch_inputs(store("s3://county/nothing"), 2020)
    with pytest.raises(InputError, match="不能使用地址 nonsense://x"):
        fetch_inputs(store("nonsense://x"), 2020)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("s3://nowhere/out", r"不能写入 s3://nowhere/out（没有这个存储桶，请核对名称）"),
        ("s3://a b/out", r"不能读取 s3://a b/out（地址中没有存储桶的名称，或名称写得不对）"),
        ("s3://", "地址 s3:// 没有写明存储桶。请写成 s3://桶/路径。"),
        ("nonsense://x", r"不能使用地址 nonsense://x（没有安装读写 nonsense:// 的程序包，或没有这种地址）"),
    ],
)
def test_a_store_that_cannot_take_the_release_is_told_before_the_work(
    address: str, told: str, bucket: s3fs.S3FileSystem, tmp_path: Path
):
    with pytest.raises(InputError, match=told), local_folders(str(tmp_path), address, 2020):
        pytest.fail("the work has begun")


def test_what_is_tried_before_the_work_leaves_nothing_in_the_store(bucket: s3fs.S3FileSystem, tmp_path: Path):
    with local_folders(str(tmp_path), "s3://county/tried", 2020):
        bucket.invalidate_cache()
        assert bucket.find("county/tried") == []


def test_inputs_in_a_bucket_that_is_not_there_are_named(bucket: s3fs.S3FileSystem):
    with pytest.raises(InputError, match=r"不能读取 s3://nowhere/in（没有这个存储桶，请核对名称）"):
        fetch_inputs(store("s3://nowhere/in"), 2020)


def test_a_store_that_does_not_answer_is_named_whatever_its_library_raises(
    bucket: s3fs.S3FileSystem, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    s3fs.S3FileSystem.clear_instance_cache()
    with pytest.raises(InputError, match="不能读取 s3://county/nothing（"):
        fetch_inputs(store("s3://county/nothing"), 2020)
    s3fs.S3FileSystem.clear_instance_cache()


def test_a_store_for_the_release_that_does_not_answer_is_told_before_the_work(
    bucket: s3fs.S3FileSystem, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    s3fs.S3FileSystem.clear_instance_cache()
    told = r"不能读取 s3://county/out（连不上存储服务器）"
    with pytest.raises(InputError, match=told), local_folders(str(tmp_path), "s3://county/out", 2020):
        pytest.fail("the work has begun")
    s3fs.S3FileSystem.clear_instance_cache()
