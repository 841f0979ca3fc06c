"""The server in the data folder starts and stops with those who use it, also after one of them was killed."""

import json
import subprocess
import sys

from skyclust.kit.embedded_postgres import start_embedded


def test_the_server_stops_with_its_last_living_user_although_another_one_was_killed(tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    folder = tmp_path / "pg"
    start_embedded(folder).stop()
    (folder / ".handle_pids.json").write_text(json.dumps([dead.pid]))
    server = start_embedded(folder)
    assert (folder / "postmaster.pid").exists()
    server.stop()
    assert not (folder / "postmaster.pid").exists()
