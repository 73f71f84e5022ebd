"""Write the migration from what the migrations make to what the models say: `python -m tools.new_migration "message"`."""

import sys
import tempfile
from pathlib import Path

from alembic import command

from contactcenter.core.migrate import config_for, upgrade
from contactcenter.embedded.engines import start_engines


def main(message: str) -> int:
    """Compare on a throw-away database; look at the file before you commit it."""
    with (
        tempfile.TemporaryDirectory(prefix="candor-") as folder,
        start_engines(Path(folder), throwaway=True) as engines,
    ):
        upgrade(engines.migration_url)
        config = config_for(engines.migration_url)
        config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
        number = len(list((Path(__file__).parents[1] / "migrations" / "versions").glob("*.py"))) + 1
        command.revision(config, message, autogenerate=True, rev_id=f"{number:04}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
