"""Promo-code redemption that cannot be raced."""

from .engine import Engine as Engine
from .errors import EngineStopped as EngineStopped
from .errors import ErrorCode as ErrorCode
from .errors import InvalidRequest as InvalidRequest
