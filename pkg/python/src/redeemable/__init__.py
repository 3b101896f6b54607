"""Promo-code redemption without race conditions: the engine decides, prices and plans, and the host commits."""

from .engine import Engine, PreparedRules
from .errors import EngineStopped, ErrorCode, InvalidRequest

__all__ = ["Engine", "EngineStopped", "ErrorCode", "InvalidRequest", "PreparedRules"]
