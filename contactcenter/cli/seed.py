"""What `serve --demo` runs before the web: newest schema, demo data if the database is empty, the sign-ins."""

import json
import sys
from pathlib import Path

from contactcenter.cli.demo import seed_if_empty
from contactcenter.cli.migrate import announce_first_code, bring_up_to_date
from contactcenter.cli.system import SIGN_INS
from contactcenter.core import db
from contactcenter.core.config import get_settings


def main() -> int:
    settings = get_settings()
    bring_up_to_date()
    db.connect(settings.database_url, pool_n=2)
    seed_if_empty(settings)
    announce_sign_ins(settings.state_dir / SIGN_INS, settings.base_url)
    announce_first_code()
    return 0


def announce_sign_ins(path: Path, url: str) -> None:
    """Print them, and keep the file's address true: the port may be another one today."""
    if not path.exists():
        return
    known = json.loads(path.read_text())
    if known["url"] != url:
        path.write_text(json.dumps(known | {"url": url}, indent=2, ensure_ascii=False))
    for person in known["sign_ins"]:
        print(f"  {person['role']:<14} {person['email']:<28} {person['password']}")
    print(f"  {'customer':<14} {url}/widget/demo")


if __name__ == "__main__":
    sys.exit(main())
