"""Run the simulated clouds as a child process. Called by `skyclust up --sandbox` and by the benchmarks.

Invariant: the sandbox ends when we do, however we end: it watches its standard input.
"""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

START_SECONDS = 60.0
#: After a kill the old sandbox needs a moment to notice and to free its ports.
TAKEN_RETRIES = 40


@dataclass
class Sandbox:
    """The running child. `ready` is the line it printed: where each cloud is and which credentials it knows."""

    process: asyncio.subprocess.Process
    ready: dict[str, Any]

    @property
    def clouds(self) -> list[str]:
        """Names of the simulated clouds."""
        return [name for name, entry in self.ready.items() if isinstance(entry, dict)]

    async def stop(self) -> None:
        """Close its standard input and wait for an orderly end."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            async with asyncio.timeout(10):
                await self.process.wait()
        except TimeoutError:
            self.process.kill()
            await self.process.wait()


async def start_sandbox(data_dir: Path, speed: float) -> Sandbox:
    """Start it and wait until it serves. OSError with its own words when it cannot."""
    for _ in range(TAKEN_RETRIES):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "skyclust.sandbox", "--data-dir", str(data_dir), "--speed", str(speed), "--json",
            "--until-stdin-closes", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        async with asyncio.timeout(START_SECONDS):
            line = await process.stdout.readline()
        if line:
            asyncio.get_running_loop().create_task(_drain(process.stderr, data_dir / "sandbox.log"))
            return Sandbox(process, json.loads(line))
        said = (await process.stderr.read()).decode(errors="replace").strip()
        await process.wait()
        if "is taken" not in said:
            raise OSError(f"the sandbox did not start: {said[-500:]}")
        await asyncio.sleep(0.25)
    raise OSError(f"the sandbox did not start: {said[-500:]}")


async def _drain(stream: asyncio.StreamReader, path: Path) -> None:
    """Keep what the child says on standard error, so that its pipe never fills."""
    with path.open("ab") as file:
        while chunk := await stream.read(65536):
            file.write(chunk)
            file.flush()


def environment_of(sandbox: Sandbox, speed: float) -> dict[str, str]:
    """Settings that point each provider at its simulated cloud: SKYCLUST_<CLOUD>_<KEY> for every address it tells."""
    environ = {"SKYCLUST_CLOUD_SPEED": str(speed), "SKYCLUST_SANDBOX_CONTROL": str(sandbox.ready["control"])}
    for cloud in sandbox.clouds:
        for key, value in sandbox.ready[cloud].items():
            if key in ("endpoint", "token_uri", "authority", "ca_file"):
                environ[f"SKYCLUST_{cloud.upper()}_{key.upper()}"] = str(value)
    return environ
