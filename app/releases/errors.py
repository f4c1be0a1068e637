"""What can be wrong with a release that is asked for, kept or carried."""

from __future__ import annotations

from app.engine import InputError, InputFault, Language


class ReleaseError(Exception):
    """A release that cannot be named, read or kept: which kind of fault, and what to do, in both languages."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.code, self.zh, self.en = code, zh, en

    def detail(self, language: Language) -> str:
        return self.en if language == "en" else self.zh

    def at(self, pointer: str) -> InputError:
        """The same as the fault of a request that named the release there."""
        return InputError([InputFault(pointer, self.code, self.zh, self.en)])


def damaged(name: str, what: str) -> ReleaseError:
    zh = f"库存版本 {name} 已损坏（{what}），不能据以解答。请用原规则重新保存，或从别处导入。"
    en = f"the kept release {name} is damaged ({what}), so nothing is answered from it. Keep it anew from its rules, or import it again."
    return ReleaseError("damaged_release", zh, en)


def unreadable(name: str, error: OSError) -> ReleaseError:
    zh = f"'{name}' 无法读写：{error.strerror or error}。"
    return ReleaseError("unreadable_release", zh, f"'{name}' cannot be read or written: {error.strerror or error}.")
