"""Promo-code redemption that cannot be raced: the engine decides, prices and plans; the host commits."""

from .engine import Engine, PreparedRules
from .errors import EngineStopped, ErrorCode, InvalidRequest

__all__ = ["Engine", "EngineStopped", "ErrorCode", "InvalidRequest", "PreparedRules"]
