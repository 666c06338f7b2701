"""Old Word files made readable: an office program saves them as .docx, without network, macros or its user's settings."""

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from transforms.files.refusals import UnreadableFileError, limits

PROGRAMS = ("soffice", "libreoffice")
SMALL_PROGRAM = "antiword"
_SETTINGS = Path(__file__).parent / "office.xcu"
_NOWHERE = "http://127.0.0.1:9"


def office_program() -> str | None:
    """The office program of this machine, None where there is none."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


def as_docx(content: bytes, kind: str) -> bytes:
    """A document of an older kind (a suffix without its dot) as .docx. Raises UnreadableFileError."""
    program = office_program()
    if program is None:
        raise UnreadableFileError("no_office")
    with tempfile.TemporaryDirectory(prefix="county-budget-", ignore_cleanup_errors=True) as folder:
        source, target = Path(folder) / f"document.{kind}", Path(folder) / "out" / "document.docx"
        source.write_bytes(content)
        _convert(program, source, target.parent, _profile(Path(folder) / "profile"))
        if not target.is_file():
            raise UnreadableFileError("not_converted")
        return target.read_bytes()


def small_program() -> str | None:
    """The program that reads old Word files only, for machines without an office program; None where there is none."""
    return shutil.which(SMALL_PROGRAM)


def as_docbook(content: bytes, program: str) -> bytes:
    """An old Word file as DocBook, tracked changes accepted, hidden text left out. Raises UnreadableFileError."""
    with tempfile.TemporaryDirectory(prefix="county-budget-", ignore_cleanup_errors=True) as folder:
        source = Path(folder) / "document.doc"
        source.write_bytes(content)
        try:
            done = subprocess.run(
                [program, "-x", "db", "-m", "UTF-8.txt", str(source)],
                capture_output=True,
                check=True,
                timeout=limits().convert_seconds,
            )
        except (subprocess.SubprocessError, OSError) as error:
            raise UnreadableFileError("not_converted") from error
    return done.stdout


def _profile(folder: Path) -> Path:
    """A fresh profile that allows neither macros nor links to other places."""
    (folder / "user").mkdir(parents=True)
    shutil.copyfile(_SETTINGS, folder / "user" / "registrymodifications.xcu")
    return folder


def _convert(program: str, source: Path, target: Path, profile: Path) -> None:
    command = [
        program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--nolockcheck",
        "--nodefault", "--convert-to", "docx:MS Word 2007 XML", "--outdir", str(target), str(source),
    ]  # fmt: skip
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "ftp_proxy", "all_proxy"), _NOWHERE)
    process = subprocess.Popen(
        command,
        env=os.environ | nowhere | {"HOME": str(profile)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_unbound_memory if os.name == "posix" else None,
    )
    try:
        process.wait(limits().convert_seconds)
    except subprocess.TimeoutExpired as error:
        raise UnreadableFileError("not_converted") from error
    finally:
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the program with all that it has started; what is ended already needs nothing."""
    with suppress(ProcessLookupError, PermissionError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()


def _unbound_memory() -> None:
    """The bound on a reader's memory is not meant for the office program, which asks for far more than it uses."""
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
