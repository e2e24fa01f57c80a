"""What is expensive to make and kept between starts: folders named after all that they depend on, checked before use."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

#: The file of an artifact that holds the digests of the others.
SEAL = "SHA256SUMS"
#: What another process may still be making is left alone for so many seconds.
LEFT_OVER = 3_600


def kept(folder: Path, name: str, make: Callable[[Path], None]) -> Path:
    """The folder of an artifact, made by `make` where it is missing or damaged.

    It is written at once or not at all. Where `folder` cannot be written, it stands in a temporary folder of this process.
    """
    target = folder / name
    if sound(target):
        return target
    try:
        folder.mkdir(parents=True, exist_ok=True)
        sweep(folder)
        return written(folder, target, make)
    except OSError:
        folder = Path(tempfile.mkdtemp(prefix="setagaya-"))
        return written(folder, folder / name, make)


def written(folder: Path, target: Path, make: Callable[[Path], None]) -> Path:
    """Makes an artifact beside its place and moves it there. Raises OSError."""
    with tempfile.TemporaryDirectory(dir=folder, prefix="tmp") as work:
        made = Path(work) / "made"
        made.mkdir()
        make(made)
        sums = "".join(f"{digest(path)}  {path.name}\n" for path in sorted(made.iterdir()))
        (made / SEAL).write_text(sums, encoding="ascii")
        if target.exists() and not sound(target):
            os.replace(target, Path(work) / "damaged")
        if not target.exists():
            os.replace(made, target)
    return target


def sound(target: Path) -> bool:
    """Whether an artifact stands whole, as it was made."""
    try:
        lines = (target / SEAL).read_text(encoding="ascii").splitlines()
        rows = [line.split("  ", 1) for line in lines]
        return bool(rows) and all(digest(target / name) == value for value, name in rows)
    except (OSError, ValueError):
        return False


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sweep(folder: Path) -> None:
    """Removes what processes that were killed while making something left behind."""
    for path in folder.glob("tmp*"):
        if time.time() - path.stat().st_mtime > LEFT_OVER:
            shutil.rmtree(path, ignore_errors=True)
