"""Programs that start in a moment: forked from an interpreter that has imported what they need.

`python warm.py SOCKET MODULE...` is that interpreter, of any Python: it imports on the first request, forks for each.
`start` talks to it where `SKYCLUST_WARM` names a folder with its socket, and starts a process as usual where not. A
child runs a module or script as `__main__` with arguments, environment and directory of its own.
Invariant: no child outlives the interpreter, which ends when its standard input does.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import runpy
import selectors
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

FOLDER = "SKYCLUST_WARM"
#: What each interpreter imports. "product" serves every role of it, "sandbox" the simulated clouds.
MODULES = {
    "product": (
        "aiobotocore.session",
        "googleapiclient.discovery",
        "google.oauth2.service_account",
        "nats",
        "skyclust.entrypoints.api",
        "skyclust.entrypoints.cli.app",
        "skyclust.entrypoints.cli.client",
        "skyclust.entrypoints.roles",
        "skyclust.entrypoints.up",
        "skyclust.events.nats_bus",
        "soak.preloaded",
    ),
    "sandbox": (
        "skyclust.sandbox.server",
        "moto.ec2.responses",
        "moto.elb.responses",
        "moto.elbv2.responses",
        "moto.iam.responses",
        "moto.sts.responses",
    ),
}
SOURCE = Path(__file__).parents[1] / "src"
START_SECONDS = 60.0
#: Descriptors that the interpreter itself may have open.
MOST_FILES = 4096
_LENGTH = struct.Struct("!I")


class WarmProcess:
    """A child of the interpreter. Behaves like `subprocess.Popen`, as far as it goes."""

    def __init__(self, name: str, request: Mapping[str, Any], files: tuple[int, int, int]) -> None:
        """Standard input, output and error as file descriptors, which stay the caller's."""
        self._line = _connected(f"{os.environ[FOLDER]}/{name}.sock")
        body = json.dumps(request).encode()
        socket.send_fds(self._line, [_LENGTH.pack(len(body))], files)
        self._line.sendall(body)
        self._answers = self._line.makefile("rb")
        self.pid = int(json.loads(self._answers.readline())["pid"])
        self.returncode: int | None = None
        self.stdin: IO[bytes] | None = None
        self.stdout: IO[bytes] | None = None

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end."""
        if self.returncode is None:
            with selectors.DefaultSelector() as selector:
                selector.register(self._line, selectors.EVENT_READ)
                if not selector.select(timeout):
                    raise subprocess.TimeoutExpired([str(self.pid)], timeout or 0.0)
            line = self._answers.readline()
            self.returncode = int(json.loads(line)["code"]) if line else -signal.SIGKILL
            self._answers.close()
            self._line.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Signal it, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)


def start(
    name: str,
    module: str,
    arguments: Sequence[str],
    *,
    stdin: int | IO[bytes] | None = None,
    stdout: int | IO[bytes] | None = None,
    stderr: int | IO[bytes] | None = None,
    env: Mapping[str, str] | None = None,
) -> Any:
    """`python -m module arguments` as a `Popen` or a `WarmProcess` of the interpreter of that name."""
    if FOLDER not in os.environ:
        command = [sys.executable, "-m", module, *arguments]
        return subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=stderr, env=env)
    request = {"module": module, "arguments": list(arguments), "env": dict(env or os.environ), "cwd": str(Path.cwd())}
    return wired(name, request, (stdin, stdout, stderr))


def run(
    name: str,
    program: Mapping[str, str],
    arguments: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    timeout: float,
) -> subprocess.CompletedProcess[str]:
    """Run {"module": ...} or {"script": ...} to its end in an interpreter that is there; what it printed."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors, Path(os.devnull).open("rb") as nothing:
        request = {**program, "arguments": list(arguments), "env": dict(env), "cwd": str(cwd)}
        process = wired(name, request, (nothing, out, errors))
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        told = [file.seek(0) or file.read().decode(errors="replace") for file in (out, errors)]
    return subprocess.CompletedProcess([*program.values(), *arguments], code, *told)


def wired(name: str, request: Mapping[str, Any], given: tuple[Any, Any, Any]) -> WarmProcess:
    """With pipes for whatever is PIPE, as Popen makes them."""
    ours: dict[int, IO[bytes]] = {}
    theirs: list[int] = []
    opened: list[int] = []
    for number, wanted in enumerate(given):
        if wanted == subprocess.PIPE:
            reading, writing = os.pipe()
            theirs.append(reading if number == 0 else writing)
            ours[number] = os.fdopen(writing, "wb", 0) if number == 0 else os.fdopen(reading, "rb")
            opened.append(theirs[-1])
        else:
            theirs.append(number if wanted is None else wanted if isinstance(wanted, int) else wanted.fileno())
    try:
        process = WarmProcess(name, request, (theirs[0], theirs[1], theirs[2]))
    finally:
        for descriptor in opened:
            os.close(descriptor)
    process.stdin, process.stdout = ours.get(0), ours.get(1)
    return process


def _connected(path: str) -> socket.socket:
    """The interpreter may be starting still."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        line = socket.socket(socket.AF_UNIX)
        try:
            line.connect(path)
        except (FileNotFoundError, ConnectionRefusedError):
            line.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return line


class Interpreter:
    """Imports once, forks for each request, tells each end."""

    def __init__(self, path: str, modules: Sequence[str]) -> None:
        self.modules = modules
        self.settings: dict[str, str] | None = None  # what the imports put into the environment; None: not done
        self.children: dict[int, tuple[int, socket.socket]] = {}  # pidfd -> its id, who wants to know
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(64)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.selector.register(0, selectors.EVENT_READ)

    def serve(self) -> None:
        """Until standard input ends; then every child does."""
        while True:
            for key, _ in self.selector.select():
                if key.fileobj == 0:
                    for pid, _line in self.children.values():
                        os.kill(pid, signal.SIGKILL)
                    return
                if key.fileobj is self.listener:
                    self.bear(self.listener.accept()[0])
                else:
                    self.bury(key.fd)

    def bear(self, line: socket.socket) -> None:
        """One more child."""
        head, files, _, _ = socket.recv_fds(line, _LENGTH.size, 3)
        with line.makefile("rb", 0) as body:
            request = json.loads(_exactly(body, *_LENGTH.unpack(head)))
        if self.settings is None:
            self.settings = _imported(self.modules)
        pid = os.fork()
        if pid == 0:
            _live(request, files, self.settings)
        for descriptor in files:
            os.close(descriptor)
        descriptor = os.pidfd_open(pid)
        self.children[descriptor] = (pid, line)
        self.selector.register(descriptor, selectors.EVENT_READ)
        _tell(line, {"pid": pid})

    def bury(self, descriptor: int) -> None:
        """A child has ended."""
        pid, line = self.children.pop(descriptor)
        self.selector.unregister(descriptor)
        os.close(descriptor)
        _tell(line, {"code": os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])})
        line.close()


def _tell(line: socket.socket, answer: Mapping[str, int]) -> None:
    with contextlib.suppress(OSError):  # whoever asked is gone
        line.sendall(json.dumps(answer).encode() + b"\n")


def _exactly(body: Any, size: int) -> bytes:
    found = b""
    while len(found) < size:
        found += body.read(size - len(found))
    return found


def _imported(modules: Sequence[str]) -> dict[str, str]:
    before = dict(os.environ)
    for name in modules:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # what is there stays shared between the children
    return {key: value for key, value in os.environ.items() if before.get(key) != value}


def _live(request: dict[str, Any], files: Sequence[int], settings: Mapping[str, str]) -> None:
    """In the child: become the program, and never come back."""
    code = 1
    try:
        for number, descriptor in enumerate(files):
            os.dup2(descriptor, number)
        os.closerange(3, min(65536, os.sysconf("SC_OPEN_MAX")))
        os.environ.clear()
        os.environ.update(dict(settings) | request["env"])
        os.chdir(request["cwd"])
        run = request.get("module") or request["script"]
        sys.argv = [run, *request["arguments"]]
        if "module" in request:
            runpy.run_module(run, run_name="__main__", alter_sys=True)
        else:
            runpy.run_path(run, run_name="__main__")
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:  # noqa: BLE001 - told as an interpreter does, then the process ends
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


class Interpreters:
    """Those of one run of tests or one soak, in a folder of their sockets; children of the caller."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._running: list[subprocess.Popen[bytes]] = []

    def add(self, name: str, modules: Sequence[str], python: str = sys.executable) -> None:
        """Start one. It costs nothing until it is asked."""
        command = [python, str(Path(__file__)), str(self.folder / f"{name}.sock"), *modules]
        path = os.pathsep.join(filter(None, [str(SOURCE), str(SOURCE.parent), os.environ.get("PYTHONPATH")]))
        env = os.environ | {"PYTHONPATH": path}
        self._running.append(subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True, env=env))

    def close(self) -> None:
        """End them and their children."""
        while self._running:
            process = self._running.pop()
            assert process.stdin
            process.stdin.close()
            process.wait(timeout=20)


@contextlib.contextmanager
def interpreters(more: Mapping[str, tuple[str, Sequence[str]]] = MappingProxyType({})) -> Iterator[None]:
    """Those of the product, and `more` (name -> its Python, its modules), for whatever is started inside."""
    running = Interpreters(Path(tempfile.mkdtemp(prefix="warm")))
    for name, modules in MODULES.items():
        running.add(name, modules)
    for name, (python, modules) in more.items():
        running.add(name, modules, python)
    os.environ[FOLDER] = str(running.folder)  # processes started here inherit it
    try:
        yield
    finally:
        del os.environ[FOLDER]
        running.close()
        shutil.rmtree(running.folder)


def main() -> None:
    """See the module."""
    sys.path.pop(0)  # this file's folder: its neighbours are nobody's modules
    Interpreter(sys.argv[1], sys.argv[2:]).serve()


if __name__ == "__main__":
    main()
