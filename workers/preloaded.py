"""What every background process imports and puts together; those forked from one that has done so share it."""

from sqlalchemy.orm import configure_mappers

import workers.clock
import workers.router
import workers.run  # noqa: F401
from contactcenter.compose import compose

compose()
configure_mappers()
