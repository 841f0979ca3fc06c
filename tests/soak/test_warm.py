"""What starts from a warm interpreter behaves as if it had been started by itself."""

import json
import os
import signal
import subprocess
import sys

import pytest

from soak import warm

PROGRAM = """
import json, os, signal, sys, time
what = sys.argv[1]
if what == "tell":
    print(json.dumps([sys.argv[1:], os.getcwd(), os.environ.get("COLOUR"), __name__, sys.stdin.read()]))
    print("to the other side", file=sys.stderr)
elif what == "end":
    sys.exit(int(sys.argv[2]))
elif what == "fail":
    raise ValueError("on purpose")
else:
    print("ready", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def script(tmp_path):
    file = tmp_path / "program.py"
    file.write_text(PROGRAM)
    return {"script": str(file)}


@pytest.fixture
def plain(monkeypatch, tmp_path_factory):
    """An interpreter that imports nothing."""
    running = warm.Interpreters(tmp_path_factory.mktemp("w"))
    running.add("plain", ())
    monkeypatch.setenv(warm.FOLDER, str(running.folder))
    yield running
    running.close()


def request(script, *arguments):
    return {**script, "arguments": arguments, "env": dict(os.environ), "cwd": "/"}


def test_arguments_environment_directory_and_output_are_its_own(plain, script, tmp_path):
    done = warm.run("plain", script, ["tell", "a b"], env={"COLOUR": "green"}, cwd=tmp_path, timeout=30)
    assert json.loads(done.stdout) == [["tell", "a b"], str(tmp_path), "green", "__main__", ""]
    assert done.stderr == "to the other side\n"
    assert done.returncode == 0


def test_it_ends_with_its_own_code(plain, script, tmp_path):
    assert warm.run("plain", script, ["end", "7"], env={}, cwd=tmp_path, timeout=30).returncode == 7
    failed = warm.run("plain", script, ["fail"], env={}, cwd=tmp_path, timeout=30)
    assert failed.returncode == 1
    assert "ValueError: on purpose" in failed.stderr


def test_it_is_signalled_and_waited_for_like_any_process(plain, script):
    process = warm.wired("plain", request(script, "stay"), (None, subprocess.PIPE, None))
    assert process.stdout.readline() == b"ready\n"
    assert process.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.01)
    process.kill()
    assert process.wait(20) == -signal.SIGKILL
    process.terminate()  # has ended: nobody else is hit
    process.stdout.close()


def test_no_child_outlives_the_interpreter(plain, script):
    process = warm.wired("plain", request(script, "stay"), (None, subprocess.PIPE, None))
    assert process.stdout.readline() == b"ready\n"
    plain.close()
    assert process.wait(20) == -signal.SIGKILL
    process.stdout.close()


def test_without_an_interpreter_a_process_is_started_as_usual(monkeypatch):
    monkeypatch.delenv(warm.FOLDER, raising=False)
    process = warm.start("product", "platform", [], stdout=subprocess.PIPE)
    assert process.args[:3] == [sys.executable, "-m", "platform"]
    assert process.wait(30) == 0
    process.stdout.close()
