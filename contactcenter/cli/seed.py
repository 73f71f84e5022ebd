"""What `serve --demo` runs before the web: newest schema, demo data if the database is empty, the sign-ins."""

import json
import sys
from pathlib import Path

from contactcenter.cli.demo import seed_if_empty
from contactcenter.cli.migrate import announce_first_code, bring_up_to_date
from contactcenter.core import db
from contactcenter.core.config import get_settings

SIGN_INS = "demo.json"


def main() -> int:
    settings = get_settings()
    bring_up_to_date()
    db.connect(settings.database_url, pool_n=2)
    seed_if_empty(settings)
    announce_sign_ins(settings.state_dir / SIGN_INS)
    announce_first_code()
    return 0


def announce_sign_ins(path: Path) -> None:
    if not path.exists():
        return
    for person in json.loads(path.read_text())["sign_ins"]:
        print(f"  {person['role']:<14} {person['email']:<28} {person['password']}")


if __name__ == "__main__":
    sys.exit(main())
