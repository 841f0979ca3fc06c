"""`python -m skyclust.sandbox`: parse the options and serve until told to stop."""

import argparse
import asyncio
from pathlib import Path

from skyclust.sandbox.server import Settings, serve


def parse_arguments(arguments: list[str] | None = None) -> Settings:
    parser = argparse.ArgumentParser(prog="skyclust sandbox", description="Simulated clouds over real HTTP.")
    parser.add_argument("--data-dir", type=Path, required=True, help="state, ports, CA; reused at the next start")
    parser.add_argument("--speed", type=float, default=1.0, help="cloud seconds per real second")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="of the control API; 0 chooses one and keeps it")
    parser.add_argument("--seed", type=int, default=0, help="of latencies and random faults")
    parser.add_argument("--json", action="store_true", help="print one JSON line when ready")
    parser.add_argument("--until-stdin-closes", action="store_true", help="stop when the parent goes away")
    given = parser.parse_args(arguments)
    return Settings(
        data_dir=given.data_dir,
        speed=given.speed,
        host=given.host,
        port=given.port,
        seed=given.seed,
        as_json=given.json,
        until_stdin_closes=given.until_stdin_closes,
    )


def main() -> None:
    asyncio.run(serve(parse_arguments()))


if __name__ == "__main__":
    main()
