"""Printed letters (文书): typed inputs, typst templates, PDF bytes. Issuing, copies and delivery are not kept here."""

from lifeops.documents.letters.codes import number_in, qr_payload
from lifeops.documents.letters.glyphs import unprintable
from lifeops.documents.letters.kinds import KINDS, LetterKind
from lifeops.documents.letters.money import in_words
from lifeops.documents.letters.render import render_letter
from lifeops.documents.letters.schema import LetterInvalid

__all__ = ["KINDS", "LetterInvalid", "LetterKind", "in_words", "number_in", "qr_payload", "render_letter", "unprintable"]
