import os

from redeemable.sqlalchemy import tables
from sqlalchemy import String, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

engine = create_engine(os.environ["DATABASE_URL"])


class Base(DeclarativeBase):
    pass


tables(Base.metadata, engine.dialect.name)


class Ticket(Base):
    __tablename__ = "tickets"

    order_id: Mapped[str] = mapped_column(String(256), primary_key=True)
    seat: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
