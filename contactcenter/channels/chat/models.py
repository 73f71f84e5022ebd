"""Tables of the chat channel."""

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from contactcenter.accounts.models import Brand
from contactcenter.core.db import Base, Created, Id
from contactcenter.queues.models import Queue


class WidgetKey(Base):
    """One widget: public `key`, the exact origins (`https://shop.example`) it may stand on, where its chats go."""

    __tablename__ = "widget_key"

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    brand_id: Mapped[int] = mapped_column(ForeignKey("brand.id"))
    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id"))
    sites: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    calls: Mapped[bool] = mapped_column(server_default="true")
    active: Mapped[bool] = mapped_column(server_default="true")
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[Created]

    brand: Mapped[Brand] = relationship(lazy="joined")
    queue: Mapped[Queue] = relationship(lazy="joined")
