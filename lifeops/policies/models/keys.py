"""How far the rotation of the field keys has come."""

from __future__ import annotations

from django.db import models


class KeyRotation(models.Model):
    """密钥轮换: the last row of one table that lies under one key. The key itself is nowhere kept, only a name for it."""

    key_print = models.CharField("密钥指纹", max_length=16)
    table = models.CharField("表", max_length=63)
    last_pk = models.BigIntegerField("已处理至", default=0)
    changed = models.PositiveBigIntegerField("已重新加密", default=0)
    done_at = models.DateTimeField("完成时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "密钥轮换"
        constraints = [models.UniqueConstraint(fields=["key_print", "table"], name="key_rotation_once")]

    def __str__(self) -> str:
        return f"{self.table} {self.key_print}"
