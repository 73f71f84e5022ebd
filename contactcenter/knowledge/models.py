"""Tables of knowledge."""

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from contactcenter.core.db import Base, Created, Id


class CannedReply(Base):
    """A reply written once. `{customer}`, `{agent}` and `{ticket}` in the body are filled in; brand None = all."""

    __tablename__ = "canned_reply"
    __table_args__ = (UniqueConstraint("shortcut", "language", "brand_id"),)

    id: Mapped[Id]
    shortcut: Mapped[str]
    title: Mapped[str]
    body: Mapped[str]
    language: Mapped[str] = mapped_column(server_default="en")
    brand_id: Mapped[int | None] = mapped_column(ForeignKey("brand.id"))
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[Created]
