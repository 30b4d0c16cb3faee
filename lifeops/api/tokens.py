"""Tokens end with the password they were given for."""

from __future__ import annotations

from typing import Any

from rest_framework.authtoken.models import Token


class TokensEnd:
    """Named among the password validators, which Django tells of every new password, whoever sets it."""

    def validate(self, password: str, user: Any = None) -> None:
        return None

    def get_help_text(self) -> str:
        return "修改后，此账号的接口令牌全部失效。"

    def password_changed(self, password: str, user: Any = None) -> None:
        if user is not None and user.pk:
            Token.objects.filter(user_id=user.pk).delete()
